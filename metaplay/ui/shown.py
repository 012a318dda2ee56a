"""What the live views show, ready for the browser: figures as JSON text, drawn once for all who watch the same run."""

import time
from collections.abc import Iterable
from threading import Lock
from typing import NamedTuple, Protocol

import streamlit as st

from metaplay.charts import more, views
from metaplay.charts.style import as_json
from metaplay.config import RunConfig
from metaplay.events import Event
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui.theme import Theme

MAIN = "main"
"""The views that are always shown, where charts.MORE has one of those that are asked for."""
_REST, _SHARE = 0.3, 0.2
"""Seconds that a picture of a run that goes on stands at least, and the share of the time that drawing it may take: whoever
changes the form meanwhile does not wait for a new one, also where several runs are watched."""


class Drawn(NamedTuple):
    """A view with its figure as JSON text."""

    key: str
    figure: str
    alt: str
    explain: str


class Store(Protocol):
    """The part of the run store that is read here."""

    def tail(self, run: str, offset: int) -> tuple[list[Event], int]: ...

    def config(self, run: str) -> RunConfig: ...


class Watched:
    """A run's history as far as it was read. Shared by all sessions that watch the run, so events are read once."""

    def __init__(self, store: Store, run: str):
        self.run, self.history, self.config = run, History(), store.config(run)
        self._store, self._offset, self._lock = store, 0, Lock()
        self._drawn: dict[tuple[str, Language, Theme], _Picture] = {}

    def read(self) -> History:
        """The history, with what is new in the log."""
        with self._lock:
            events, self._offset = self._store.tail(self.run, self._offset)
            return self.history.add(events)

    def drawn(self, language: Language, theme: Theme, asked: Iterable[str] = ()) -> list[Drawn]:
        """The views of what was read, and after them those that are asked for, by their names in charts.MORE."""
        with self._lock:
            return [view for part in (MAIN, *asked) for view in self._part(part, language, theme)]

    def _part(self, part: str, language: Language, theme: Theme) -> list[Drawn]:
        """Drawn anew only when something new was read, and not at once again while the run goes on."""
        last = self._drawn.get((part, language, theme))
        now = time.monotonic()
        if last and (last.offset == self._offset or (now < last.until and self.history.state == "running")):
            return last.views
        drawn = draw(self.history, language, theme, self.config, part)
        until = now + max(_REST, (time.monotonic() - now) / _SHARE)
        self._drawn[part, language, theme] = _Picture(self._offset, until, drawn)
        return drawn


class _Picture(NamedTuple):
    """The views of a history as far as `offset` in its log, which stand `until` a time of the monotonic clock."""

    offset: int
    until: float
    views: list[Drawn]


@st.cache_resource(max_entries=32, show_spinner=False)
def watched(_store: Store, run: str) -> Watched:
    """The history of a run that all sessions share."""
    return Watched(_store, run)


def draw(
    history: History, language: Language, theme: Theme, config: RunConfig | None = None, part: str = MAIN
) -> list[Drawn]:
    """The live views of a history, or one of charts.MORE; `config` is what a run will be that has not started."""
    found = views(history, language, theme, config) if part == MAIN else [more(part, history, language, theme)]
    return [Drawn(view.key, as_json(view.figure), view.alt, view.explain) for view in found]
