"""What can be changed while a run goes on: its rates, its inner steps, and its pace."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from metaplay import config
from metaplay.config import RunConfig
from metaplay.engine import control
from metaplay.text import Language, Text, UserError
from metaplay.ui import teach
from metaplay.ui.controls import tell
from metaplay.ui.engine import engine
from metaplay.ui.visitor import visit

PACES = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, None)
"""Meta-steps a second, at most; None is full speed."""
_PACE = Text("Pace", "速度")
_PACE_HELP = Text(
    "Slow motion: at most so many meta-steps a second. Slow enough, the charts show every single one of them.",
    "慢动作：每秒最多执行多少个元步。足够慢时，图表会显示每一个元步。",
)
_FULL, _SLOW = Text("full speed", "全速"), Text("{n:g} steps/s", "{n:g} 步/秒")
_FROM_NOW = Text(
    "{help} A change holds from the next meta-step on, and is marked in the charts.",
    "{help}更改从下一个元步起生效，并在图表中标出。",
)


def draw(run: str, started: RunConfig, language: Language) -> None:
    """Controls for a run that goes on and was started with this configuration; they show what is wished for now."""
    wish = control.wished(engine().store, run)
    names = [] if teach.has("hide") else config.changeable(started)
    values = {**config.summary(started), **wish.values}
    for name in names:
        _number(run, name, started, values[name], language)
    shown = _shown(f"pace-{run}", wish.pace)
    st.select_slider(
        _PACE(language),
        PACES,
        shown.first,
        format_func=lambda pace: _SLOW.fill(n=pace)(language) if pace else _FULL(language),
        key=shown.key,
        help=_PACE_HELP(language),
        on_change=_ask,
        args=(shown, lambda pace: visit().slow(run, pace)),
        width=190,
    )


def _number(run: str, name: str, started: RunConfig, value: float, language: Language) -> None:
    words, (low, high), fixed = config.control(name), config.bounds(name), config.fixed(started, name)
    whole = RunConfig.model_fields[name].annotation is int
    # Never more steps than at test, which a configuration may not have.
    most = min(high or 1, started.test_inner_steps) if whole else high or 1
    limits = (int(low or 0), int(most), 1) if whole else (1e-6, float(most), _stride(getattr(started, name)))
    shown = _shown(f"change-{name}-{run}", value)
    st.number_input(
        words.label(language),
        *limits[:2],
        shown.first,
        step=limits[2],
        format=None if whole else "%g",
        key=shown.key,
        help=(fixed or _FROM_NOW.fill(help=words.help(language)))(language),
        disabled=fixed is not None,
        on_change=_ask,
        args=(shown, lambda wanted: visit().change(run, {name: wanted})),
        width=150,
    )


def _stride(rate: float) -> float:
    """How far a click moves a rate: a tenth of its order of magnitude."""
    return 10.0 ** (math.floor(math.log10(rate)) - 1)


@dataclass
class _Shown:
    """A control of this session: the value that it was drawn with first, and the one that it shows.

    Another one takes its place where something else is wished for than it shows: by somebody else, or where what was asked by
    it was refused. It is not set from outside, for then a number would vanish while it is being typed.
    """

    name: str
    number: int
    first: Any
    now: Any

    @property
    def key(self) -> str:
        return f"{self.name}-{self.number}"


def _shown(name: str, wished: float | None) -> _Shown:
    """The control of this name, which shows what is wished for."""
    shown: _Shown = st.session_state.setdefault(f"shown-{name}", _Shown(name, 0, wished, wished))
    if shown.now != wished:
        shown = st.session_state[f"shown-{name}"] = _Shown(name, shown.number + 1, wished, wished)
    return shown


def _ask(shown: _Shown, ask: Callable[[Any], None]) -> None:
    """Ask for the value of a control that a person has changed.

    Streamlit also calls this for one whose tick was overtaken by another, with the value that it has always had.
    """
    if st.session_state[shown.key] == shown.now:
        return
    shown.now = st.session_state[shown.key]
    try:
        ask(shown.now)
    except UserError as error:
        tell(error)
