"""The language of the page: what the reader chose, else what a share link says, else what the browser prefers."""

from typing import cast

import streamlit as st

from metaplay.text import Language

_NAMES: dict[Language, str] = {"en": "English", "zh": "中文"}


def language() -> Language:
    """The language to write in."""
    chosen = st.session_state.get("language") or st.query_params.get("lang")
    if chosen in _NAMES:
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
