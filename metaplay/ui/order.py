"""In which order a server draws pages, where more is asked of it than it can do at once.

Python runs one script at a time. Streamlit gives each session a thread, and where many have something to draw all of these get on
together, slowly, each is late, and the loop that hands to the browsers what is drawn gets a small share of the time. Here one
draws after another, earliest deadline first.
"""

import heapq
import itertools
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, local

import streamlit as st
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

PATIENCE = 16.0
"""Seconds that a page which is being opened lets those go first that are there already: their readers see how long an answer takes."""
LONGEST = 0.5
"""Seconds after which the next one draws, whatever the one before does: it may be reading a large file."""


class Order:
    """Whose turn it is to draw. `longest`: the seconds that a turn takes at most."""

    def __init__(self, longest: float = LONGEST):
        self._longest = longest
        self._changed, self._numbers, self._own = Condition(), itertools.count(), local()
        self._waiting: list[tuple[float, int]] = []
        self._draws: int | None = None
        self._until = 0.0

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for this thread's turn, which is to come within `patience` seconds, and have it."""
        number = next(self._numbers)
        place = time.monotonic() + patience, number
        with self._changed:
            heapq.heappush(self._waiting, place)
            while (rest := self._rest()) > 0 or self._waiting[0] != place:
                self._changed.wait(rest or None)
            heapq.heappop(self._waiting)
            self._draws, self._until = number, time.monotonic() + self._longest
            self._changed.notify_all()
        self._own.number = number
        try:
            yield
        finally:
            self.leave()

    def leave(self) -> None:
        """End this thread's turn, if it has one. What it does from here on, it does beside others."""
        with self._changed:
            if self._draws == getattr(self._own, "number", None):
                self._draws = None
                self._changed.notify_all()

    def _rest(self) -> float:
        """Seconds that the turn which is had may still take; 0 where nobody has one."""
        return 0.0 if self._draws is None else max(0.0, self._until - time.monotonic())


ORDER = Order()
"""The order of this server."""


@st.cache_resource(show_spinner=False)
def ordered() -> None:
    """Have the scripts of this server run in order."""
    now = ScriptRunner._run_script

    def _run_script(self: ScriptRunner, rerun_data: RerunData) -> None:
        states = rerun_data.widget_states
        opened = not rerun_data.fragment_id_queue and not (states and states.widgets)
        with ORDER.turn(PATIENCE if opened else 0.0):
            now(self, rerun_data)

    ScriptRunner._run_script = _run_script
