"""Compared runs across families: how well each adapts to tasks of families that it was not trained on, as a matrix."""

from collections.abc import Sequence
from typing import cast

import streamlit as st

from metaplay.charts import crossed
from metaplay.charts.style import as_json
from metaplay.config import RunConfig
from metaplay.config.across import fits
from metaplay.engine import moments
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.tasks.sets import NAMES, status
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, visitor
from metaplay.ui.engine import engine
from metaplay.ui.library.save_picture import save_picture
from metaplay.ui.live_plot import live_plot
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme
from metaplay.walks import Crossed

TASKS = 600
_MOST = 8
_FIRST = 4
"""Families that are chosen at first, at most."""
_ASKED = "cross-asked"
_HEAD = Text("Across families", "跨任务族")
_INTRO = Text(
    "Trained on one kind of task, tested on another: each run adapts to {tasks} tasks of every family below.",
    "在一种任务上训练，在另一种任务上测试：每次训练在下列每个任务族的 {tasks} 个任务上适应。",
).fill(tasks=TASKS)
_FAMILIES = Text("Test on", "测试任务族")
_MEASURE = Text("Measure", "测量")
_BUSY = Text("{run} on {family}", "{run} 测试于 {family}")

Compared = Sequence[tuple[str, RunConfig]]
"""Names of runs, with their configurations, in the order of the comparison."""


def draw(names: Sequence[str], language: Language, theme: Theme) -> None:
    """The matrix of those of the runs that tell classes apart and have learnt something; nothing if there are none."""
    store = engine().store
    configs = [(run, store.config(run)) for run in names]
    runs = [
        (run, config)
        for run, config in configs
        if FAMILIES[config.family].kind == "classification" and moments.last(store, run).exists()
    ]
    if runs:
        st.fragment(_draw)(runs, [names.index(run) + 1 for run, _ in runs], language, theme)


def _draw(runs: Compared, places: Sequence[int], language: Language, theme: Theme) -> None:
    labels = [
        f"{place} · {ALGORITHMS[config.algorithm].label}" for place, (_, config) in zip(places, runs, strict=True)
    ]
    with st.container(border=True, gap="small"):
        st.markdown(f"**{_HEAD(language)}**")
        st.caption(_INTRO(language))
        offered = _offered(runs)
        families = st.multiselect(
            _FAMILIES(language),
            offered,
            default=offered[:_FIRST],
            format_func=lambda name: FAMILIES[name].label,
            max_selections=_MOST,
            key="cross-families",
        )
        st.button(
            _MEASURE(language), key="cross-measure", icon=":material/grid_on:", disabled=not families, on_click=_ask
        )
        if st.session_state.pop(_ASKED, False):
            _measure(runs, labels, families, language)
        rows = [
            crossed.Row(label, config.family, {family: cell for family in families if (cell := _known(run, family))})
            for label, (run, config) in zip(labels, runs, strict=True)
        ]
        if any(row.cells for row in rows):
            drawn = crossed.matrix(rows, families, language, theme)
            live_plot(as_json(drawn), key="plot-crossed", alt=crossed.alt(rows, language), height=130 + 56 * len(rows))
            save_picture("plot-crossed", "metaplay-crossed", language)
            figure.explained(crossed.EXPLAIN.fill(tasks=TASKS)(language), key="crossed", language=language)


def _ask() -> None:
    st.session_state[_ASKED] = True  # so that it lasts, should the page begin anew


def _offered(runs: Compared) -> list[str]:
    """The families that one of the runs can be tested on and whose data are here: first those that the runs were trained on."""
    own = dict.fromkeys(config.family for _, config in runs)
    here = [name for name in FAMILIES if name not in NAMES or status(name).state != "download"]
    return [name for name in (*own, *(name for name in here if name not in own)) if any(fits(c, name) for _, c in runs)]


def _measure(runs: Compared, labels: Sequence[str], families: Sequence[str], language: Language) -> None:
    """Ask the engine for every cell that is not known yet, one after another; what cannot be had is said."""
    wanted = [
        (run, label, family)
        for label, (run, config) in zip(labels, runs, strict=True)
        for family in families
        if fits(config, family) and not _known(run, family)
    ]
    bar = st.progress(0.0)
    for done, (run, label, family) in enumerate(wanted):
        bar.progress(done / len(wanted), _BUSY.fill(run=label, family=FAMILIES[family].label)(language))
        try:
            key = _key(run, family)  # once: a run that goes on is soon another
            _cells()[key] = _asked(*key)
        except UserError as error:
            st.warning(plain(error.text(language)), icon=":material/error:")
    bar.empty()


def _known(run: str, family: str) -> Crossed | None:
    return _cells().get(_key(run, family))


def _cells() -> dict[tuple[str, str, int], Crossed]:
    """What this session has measured."""
    return st.session_state.setdefault("cross-cells", {})


def _key(run: str, family: str) -> tuple[str, str, int]:
    """A cell, of the run as it is now."""
    return run, family, moments.last(engine().store, run).stat().st_mtime_ns


@st.cache_data(max_entries=500, show_spinner=False)
def _asked(run: str, family: str, written: int) -> Crossed:
    """From the engine, once for all sessions; `written` tells states of a run apart that went on."""
    return cast("Crossed", visitor.ask("crossed", run=run, family=family, tasks=TASKS))
