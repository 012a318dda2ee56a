"""The run that ships with metaplay, played in accelerated time before anyone has clicked: a real run's events.jsonl, gzipped."""

import gzip
import time
from pathlib import Path

import streamlit as st

from metaplay.events import Event, from_line
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui.shown import Drawn, draw
from metaplay.ui.theme import Theme

LOG = Path(__file__).parent / "replay" / "sinusoid-maml.jsonl.gz"
FRAMES, SECONDS = 40, 16.0
"""A replay is this many pictures and lasts this long; then its last picture stays."""
_FIRST = 4


def restart() -> None:
    """Play from the beginning in this session."""
    st.session_state["replay_since"] = time.monotonic()


def frame_now() -> int:
    """The picture that is due in this session, 1 to FRAMES. The first has some lines on it already."""
    since = st.session_state.setdefault("replay_since", time.monotonic())
    return min(FRAMES, _FIRST + int((time.monotonic() - since) / SECONDS * FRAMES))


@st.cache_resource(max_entries=4 * FRAMES, show_spinner=False)
def frame(number: int, language: Language, theme: Theme) -> tuple[History, list[Drawn]]:
    """History and views at one picture of the replay; drawn once for all sessions."""
    events = _events()
    due = events[0].at + (events[-1].at - events[0].at) * number / FRAMES
    history = History().add(event for event in events if event.at <= due)
    return history, draw(history, language, theme)


@st.cache_resource(show_spinner=False)
def _events() -> list[Event]:
    with gzip.open(LOG, "rb") as lines:
        return [from_line(line) for line in lines]
