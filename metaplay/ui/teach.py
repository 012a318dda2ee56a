"""Teacher mode: a link that hides the settings, keeps to one page and enlarges the type, for a lecture hall."""

import streamlit as st

from metaplay.text import Text

PARAMETER = "teach"
"""Its place in the address: the chosen modes, with commas between."""
MODES: dict[str, Text] = {
    "hide": Text("Hide the settings", "隐藏设置"),
    "fix": Text("Keep to this page", "固定在本页"),
    "large": Text("Larger type", "放大字号"),
}
_LARGE = "<style>html {font-size: 20px !important}</style>"


def modes() -> list[str]:
    """The modes of this session: what its link said when it was opened."""
    if "teach" not in st.session_state:
        asked = st.query_params.get(PARAMETER, "").split(",")
        st.session_state["teach"] = [mode for mode in MODES if mode in asked]
    return st.session_state["teach"]


def has(mode: str) -> bool:
    """Whether this session is in the mode."""
    return mode in modes()


def query() -> dict[str, str]:
    """What the address carries of it."""
    return {PARAMETER: ",".join(modes())} if modes() else {}


def apply() -> None:
    """Enlarge the type, where that is asked for; the charts follow it (live_plot.js)."""
    if has("large"):
        st.html(_LARGE)
