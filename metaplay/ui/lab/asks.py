"""What the lab asks of the engine; an answer is kept, so that scrubbing through its steps asks nothing again."""

from typing import Any, cast

import streamlit as st

from metaplay.engine import moments
from metaplay.ui import visitor
from metaplay.ui.engine import engine
from metaplay.ui.lab.choice import SCRATCH, Choice
from metaplay.walks import Slice, Walked

Points = tuple[tuple[float, float], ...]


def walked(chosen: Choice, points: Points | None) -> Walked:
    """The run's walk on the task. Raises UserError where the engine does."""
    return cast("Walked", _ask("walked", chosen.run, chosen.moment, chosen.episode, points, None, _stamp(chosen.run)))


def compared(chosen: Choice, points: Points | None) -> Walked | None:
    """The walk, on the same task, of what is compared; None where nothing is."""
    if chosen.compare is None:
        return None
    other = chosen.compare if chosen.compare != SCRATCH else chosen.run
    stamps = f"{_stamp(chosen.run)} {_stamp(other)}"
    asked = (chosen.run, chosen.moment, chosen.episode, points, chosen.compare)
    return cast("Walked", _ask("walked", *asked, stamps))


def sliced(chosen: Choice, points: Points | None) -> Slice:
    """The loss around the run's walk. Raises UserError where the engine does."""
    return cast("Slice", _ask("sliced", chosen.run, chosen.moment, chosen.episode, points, None, _stamp(chosen.run)))


@st.cache_data(max_entries=200, show_spinner=False)
def _ask(
    question: str, run: str, step: int | None, seed: int, points: Points | None, other: str | None, stamp: str
) -> Any:
    """`stamp` tells states of a run apart that went on."""
    more = {"compared": other} if other else {}
    return visitor.ask(question, run=run, step=step, seed=seed, points=points and list(points), **more)


def _stamp(run: str) -> str:
    path = moments.last(engine().store, run)
    return str(path.stat().st_mtime_ns) if path.exists() else ""
