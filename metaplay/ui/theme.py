"""Light or dark: which of the two the reader's page is in."""

from typing import Literal

import streamlit as st

Theme = Literal["light", "dark"]


def theme() -> Theme:
    """The theme to draw charts in."""
    return "dark" if st.context.theme.type == "dark" else "light"
