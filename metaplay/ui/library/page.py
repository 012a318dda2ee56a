"""Runs: all that are kept, to be compared, resumed, replayed, downloaded and opened."""

import streamlit as st

from metaplay.text import Language, Text, UserError
from metaplay.ui import navigation, share
from metaplay.ui.library import comparison, crossing, dialogs, overview, place, replay
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

_TITLE = Text("Runs", "训练记录")
_INTRO = Text(
    "Everything that was trained or opened on this server. Choose one run to replay, resume, rename or take it elsewhere; choose several "
    "to compare them.",
    "在此服务器上训练或打开的全部记录。选择一次训练可以回放、继续、重命名或带走；选择多次可以比较。",
)
_BACK = Text("All runs", "全部训练")


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
    try:
        now = place.here()
    except UserError as error:
        st.warning(plain(error.text(language)), icon=":material/link_off:")
        now = place.here()
    share.keep_address(now.query(), language)
    if now.part == "list":
        overview.draw(language)
        dialogs.draw(language)
        return
    st.button(_BACK(language), key="runs-back", icon=":material/arrow_back:", type="tertiary", on_click=place.go)
    try:
        if now.part == "replay":
            replay.draw(now.runs[0], language, theme)
        else:
            comparison.draw(now.runs, language, theme)
            crossing.draw(now.runs, language, theme)
    except UserError as error:  # deleted meanwhile
        st.warning(plain(error.text(language)))
