"""Replays: a run's event log played again, at any speed, from and to any place. Also the replay that plays before anyone has clicked."""

import gzip
import time
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from pathlib import Path
from threading import Lock

import streamlit as st

from metaplay.events import Event, from_line
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui.shown import MAIN, Drawn, Store, draw
from metaplay.ui.theme import Theme

FRAMES = 100
"""Pictures of a replay."""
SECONDS = 16.0
"""How long the replay that ships lasts; then its last picture stays."""
LONGEST_GAP = 10.0
"""Seconds without an event (a pause, a night between two parts of a run) that are replayed at most."""
_REPLAYS = Path(__file__).parent / "replay"
_FIRST = 0.1
"""Where the replay that ships begins: there are some lines on it already."""


class Film:
    """A run's events as FRAMES pictures, evenly over its `seconds`. Shared by all sessions that watch it."""

    def __init__(self, events: Sequence[Event]):
        gaps = [min(LONGEST_GAP, max(0.0, later.at - event.at)) for event, later in pairwise(events)]
        self._events = events
        self._moments = list(accumulate(gaps, initial=0.0))
        self._lock = Lock()
        self._drawn: dict[tuple[int, Language, Theme, str], list[Drawn]] = {}

    @property
    def seconds(self) -> float:
        """How long the run took, long gaps cut short."""
        return self._moments[-1]

    def history(self, number: int) -> History:
        """The run as it was at a picture, 0 to FRAMES; the last has all events."""
        seen = bisect_right(self._moments, self.seconds * number / FRAMES) if number < FRAMES else len(self._events)
        return History().add(self._events[:seen])

    def drawn(self, number: int, language: Language, theme: Theme, asked: Iterable[str] = ()) -> list[Drawn]:
        """The views at a picture, and after them those that are asked for; drawn once for all sessions."""
        with self._lock:
            if len(self._drawn) >= 2 * FRAMES:
                self._drawn.clear()
            return [view for part in (MAIN, *asked) for view in self._part(number, language, theme, part)]

    def _part(self, number: int, language: Language, theme: Theme, part: str) -> list[Drawn]:
        key = number, language, theme, part
        if key not in self._drawn:
            self._drawn[key] = draw(self.history(number), language, theme, part=part)
        return self._drawn[key]


@dataclass(frozen=True)
class Playhead:
    """Where a replay stands: at `share` (0 to 1) of it at the time `since`, going on by `pace` a second; 0 is a pause."""

    share: float
    since: float
    pace: float = 0.0

    def at(self, now: float) -> float:
        """The share of the replay that has been played."""
        return min(1.0, self.share + self.pace * (now - self.since))

    def picture(self, now: float) -> int:
        """The picture that is due, 0 to FRAMES."""
        return int(self.at(now) * FRAMES)

    def playing(self, now: float) -> bool:
        return self.pace > 0 and self.at(now) < 1


@st.cache_resource(max_entries=3, show_spinner=False)
def film(_store: Store, run: str, size: int) -> Film:
    """The film of a run whose log has `size` bytes."""
    return Film(_store.tail(run, 0)[0])


@st.cache_resource(show_spinner=False)
def shipped(name: str = "sinusoid-maml") -> Film:
    """A run that ships with metaplay, by its preset: a real run's events.jsonl, gzipped."""
    with gzip.open(_REPLAYS / f"{name}.jsonl.gz", "rb") as lines:
        return Film([from_line(line) for line in lines])


def restart() -> None:
    """Play what ships from the beginning in this session."""
    st.session_state["replay"] = Playhead(_FIRST, time.monotonic(), 1 / SECONDS)


def picture_now() -> int:
    """The picture of the run that ships that is due in this session."""
    if "replay" not in st.session_state:
        restart()
    return st.session_state["replay"].picture(time.monotonic())
