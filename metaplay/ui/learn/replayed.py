"""Runs that ship with metaplay, as far as they went."""

import streamlit as st

from metaplay.history import History
from metaplay.ui import player


@st.cache_resource(show_spinner=False)
def whole(name: str) -> History:
    """The history of a run at its end; shared by all sessions, so nobody may add to it."""
    return player.shipped(name).history(player.FRAMES)
