"""The language of the page: what the reader chose, else what a share link says, else what the browser prefers."""

from typing import cast

import streamlit as st

from metaplay.text import Language

_CHOSEN = "language-chosen"
_NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}


def language() -> Language:
    """The language to write in."""
    state = st.session_state
    # The picker's own choice is lost where the page changes, and so is the address.
    chosen = state.get("language") or state.get(_CHOSEN) or st.query_params.get("lang")
    if chosen in _NAMES:
        state[_CHOSEN] = chosen
        return cast(Language, chosen)
    return "zh" if (st.context.locale or "").lower().startswith("zh") else "en"


def picker() -> None:
    """Both languages, side by side. The page runs anew in the language that is clicked."""
    st.session_state["language"] = language()
    st.segmented_control(
        "Language · 语言",
        list(_NAMES),
        format_func=lambda name: _NAMES[name],
        key="language",
        label_visibility="collapsed",
        required=True,
    )
