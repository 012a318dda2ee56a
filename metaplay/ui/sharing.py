"""The share menu: a link to what the page shows, if wanted in teacher mode."""

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import teach
from metaplay.ui.copy_link import copy_link

_SHARE = Text("Share", "分享")
_LECTURE = Text("For a lecture, the link can also", "用于讲课时，链接还可以")


def draw(language: Language) -> None:
    """A button that opens the menu."""
    with st.popover(_SHARE(language), icon=":material/share:", key="share"):
        st.caption(_LECTURE(language))
        chosen = [
            mode
            for mode, label in teach.MODES.items()
            if st.checkbox(label(language), value=teach.has(mode), key=f"teach-{mode}")
        ]
        copy_link(language, {teach.PARAMETER: ",".join(chosen)} if chosen else {})
