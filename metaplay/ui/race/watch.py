"""A race as it is watched: the logs of its runs, read once for all sessions, and its figures, drawn once for all."""

from collections.abc import Sequence
from itertools import groupby
from threading import Lock

import streamlit as st

from metaplay.charts import race as charts
from metaplay.charts.runners import Along, Runner, runners
from metaplay.charts.style import as_json
from metaplay.config import RunConfig, control
from metaplay.engine import racing
from metaplay.engine.store import RunStore
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui.shown import Drawn, Watched
from metaplay.ui.theme import Theme

_ALONG: tuple[Along, ...] = ("step", "seconds", "gradients")


class WatchedRace:
    """The runs of a race and their histories as far as they were read."""

    def __init__(self, store: RunStore, name: str):
        self.race = racing.read(store, name)
        self._watched = [Watched(store, run) for run in self.race.members]
        self.configs: list[RunConfig] = [one.config for one in self._watched]
        self.histories: list[History] = [one.history for one in self._watched]
        self._lock = Lock()
        self._drawn: dict[tuple[Language, Theme], tuple[object, list[Drawn]]] = {}

    def read(self) -> list[History]:
        """The histories, with what is new in the logs."""
        with self._lock:
            return [one.read() for one in self._watched]

    @property
    def ended(self) -> bool:
        return all(history.ended for history in self.histories)

    def runners(self, language: Language) -> list[Runner]:
        """The runs in their order, all of them told apart."""
        return runners(self.configs, self.histories, language)

    def drawn(self, language: Language, theme: Theme) -> list[Drawn]:
        """The figures; drawn anew only when one of the runs was measured."""
        with self._lock:
            marks = [(len(one.probes), len(one.evaluated), one.started, one.ended) for one in self.histories]
            last = self._drawn.get((language, theme))
            if last is None or last[0] != marks:
                last = marks, self._draw(language, theme)
                self._drawn[language, theme] = last
            return last[1]

    def _draw(self, language: Language, theme: Theme) -> list[Drawn]:
        if self.race.sweep:
            return _sweep(self.panels(self.race.sweep, language), self.race.sweep, language, theme)
        return _race(self.runners(language), language, theme)

    def panels(self, field: str, language: Language) -> list[charts.Panel]:
        """The runs of a sweep by the value of its field; within one they are told apart by what else differs."""
        pairs = sorted(zip(self.configs, self.histories, strict=True), key=lambda pair: getattr(pair[0], field))
        groups = [(value, list(group)) for value, group in groupby(pairs, lambda pair: getattr(pair[0], field))]
        return [(value, runners([c for c, _ in group], [h for _, h in group], language)) for value, group in groups]


@st.cache_resource(max_entries=16, show_spinner=False)
def watched_race(_store: RunStore, name: str) -> WatchedRace:
    """The race that all sessions share. Raises UserError where there is none of that name."""
    return WatchedRace(_store, name)


def _race(field: list[Runner], language: Language, theme: Theme) -> list[Drawn]:
    lines = [
        Drawn(
            f"race-{along}",
            as_json(charts.curves(field, along, language, theme)),
            charts.alt(field, along, language),
            charts.EXPLAIN[along](language),
        )
        for along in _ALONG
    ]
    bars = Drawn(
        "race-difference",
        as_json(charts.differences(field, language, theme)),
        charts.differences_alt(field, language),
        charts.DIFFERENCE_EXPLAIN(language),
    )
    return [*lines, bars]


def _sweep(panels: Sequence[charts.Panel], name: str, language: Language, theme: Theme) -> list[Drawn]:
    everyone = [runner for _, field in panels for runner in field]
    shared = charts.frame(everyone)
    small = [
        Drawn(
            f"race-panel-{place}",
            as_json(
                charts.curves(field, "step", language, theme, f"{control(name).label(language)} = {value}", shared)
            ),
            charts.alt(field, "step", language),
            charts.EXPLAIN["step"](language),
        )
        for place, (value, field) in enumerate(panels)
    ]
    summary = Drawn(
        "race-sweep",
        as_json(charts.sweep(panels, name, language, theme)),
        charts.sweep_alt(panels, name, language),
        charts.SWEEP_EXPLAIN(language),
    )
    return [*small, summary]
