"""Light or dark: which of the two the reader's page is in."""

from typing import Literal

import streamlit as st

Theme = Literal["light", "dark"]


# The key beside a button's words is faint, on the primary button too faint to be read.
_KEYS = '<style>button[kind="primary"] kbd {color: #FFFFFF; opacity: 1}</style>'
# Streamlit fades what it draws anew when the server is slow; what ticks must not flicker. This stands here, and not where it
# ticks, because Streamlit may drop the style of a tick that another one overtakes, but not a toast that came after it.
_STEADY = '<style>.st-key-steady [data-stale="true"] {opacity: 1; transition: none}</style>'
# On a phone a table is moved sideways by itself, not the whole page with it.
_TABLES = '<style>[data-testid="stMarkdownContainer"]:has(> table) {overflow-x: auto}</style>'
# On dark, the primary colour is deep enough for white words on it, and so too deep for words of its own.
_LIGHTER = """<style>
button[data-selected="true"] p, [role="tab"][aria-selected="true"] p, [data-testid="stSliderThumbValue"] p {color: #8CC1F0}
</style>"""


def apply() -> None:
    """Mend what the configured theme cannot say."""
    st.html(_KEYS + _STEADY + _TABLES)
    if theme() == "dark":
        st.html(_LIGHTER)


def theme() -> Theme:
    """The theme to draw charts in."""
    return "dark" if st.context.theme.type == "dark" else "light"
