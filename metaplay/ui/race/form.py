"""The form of a race. Its values live in the session as a Setup; widgets are written from it and write back to it."""

import math
from typing import Any

import streamlit as st

from metaplay import config
from metaplay.config import RunConfig, applicable
from metaplay.engine import racing
from metaplay.registry import ALGORITHMS, FAMILIES, able
from metaplay.text import Language, Text, UserError
from metaplay.ui.form import families, show
from metaplay.ui.race.setup import OWN, VALUES, Runner, Setup, fresh

FIRST = "sinusoid"
_TASKS = Text("Tasks", "任务族")
_KIND = Text("Kind of race", "竞赛类型")
_PLAIN = Text("Race", "竞赛")
_SWEEP = Text("Sweep over {name}", "扫描“{name}”")
_VALUES = Text("Values of the sweep", "扫描的值")
_RUNNERS = Text(
    "**Who runs** (the first is the one that all others are compared with)", "**参赛者**（其他各方都与第一个比较）"
)
_SHARED = Text("**The same for all**", "**对所有参赛者相同**")
_ADD = Text("Add a runner", "添加参赛者")
_REMOVE = Text("Remove", "移除")
_ALGORITHM = Text("Algorithm of runner {n}", "参赛者 {n} 的算法")


def setup() -> Setup:
    """The race to be of this session."""
    return st.session_state.setdefault("race-setup", fresh(FIRST))


def put(wanted: Setup) -> None:
    """Fill the form."""
    st.session_state["race-setup"] = wanted


def wanted() -> tuple[list[RunConfig], Text | None]:
    """The runs that the form describes, or none and why not."""
    try:
        return setup().configs(), None
    except UserError as error:
        return [], error.text


def take() -> None:
    """Take the numbers that all share as the controls have them now, whichever callback comes first."""
    now = setup()
    now.shared |= {name: st.session_state.get(f"race-{name}", now.shared[name]) for name in now.fields()}


def draw(language: Language) -> None:
    """The form."""
    now = setup()
    _family(now, language)
    _kind(now, language)
    st.markdown(_RUNNERS(language))
    with st.grid(3, min_column_width=260, gap="small"):
        for place, runner in enumerate(now.runners):
            with st.container(border=True, gap="xsmall", key=f"runner-{place}"):
                _runner(now, place, runner, language)
    st.html(_style(now))
    most = racing.MOST if now.sweep is None else racing.MOST_SWEPT // 2
    full = len(now.runners) >= most
    st.button(_ADD(language), key="race-add", icon=":material/add:", on_click=_add, disabled=full)
    st.markdown(_SHARED(language))
    with st.grid(4, min_column_width=130, gap="xsmall"):
        for name in now.fields():
            _number(name, now.shared[name], f"race-{name}", language, (name,), _share)


def _family(now: Setup, language: Language) -> None:
    st.session_state["race-family"] = now.family
    st.segmented_control(
        _TASKS(language),
        families(now.family),
        format_func=lambda name: FAMILIES[name].label,
        key="race-family",
        on_change=_switch,
        required=True,
    )


def _kind(now: Setup, language: Language) -> None:
    """A plain race, or one over the values of a field."""
    known = applicable(config.defaults("maml", now.family))
    st.session_state["race-kind"] = now.sweep or ""

    def label(name: str) -> str:
        return _SWEEP.fill(name=config.control(name).label(language))(language) if name else _PLAIN(language)

    st.segmented_control(
        _KIND(language),
        ["", *(name for name in racing.SWEPT if name in known)],
        format_func=label,
        key="race-kind",
        on_change=_sweep,
        required=True,
    )
    if now.sweep:
        st.session_state["race-values"] = list(now.values)
        st.pills(
            _VALUES(language), VALUES[now.sweep], selection_mode="multi", key="race-values", on_change=_choose_values
        )


def _runner(now: Setup, place: int, runner: Runner, language: Language) -> None:
    key = f"race-algorithm-{place}"
    st.session_state[key] = runner.algorithm
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.selectbox(
            _ALGORITHM.fill(n=place + 1)(language),
            [name for name in ALGORITHMS if able(name, now.family)],
            format_func=lambda name: ALGORITHMS[name].label,
            key=key,
            help=ALGORITHMS[runner.algorithm].summary(language),
            on_change=_enter,
            args=(place,),
        )
        st.button(
            "",
            key=f"race-remove-{place}",
            icon=":material/close:",
            help=_REMOVE(language),
            on_click=_remove,
            args=(place,),
            disabled=len(now.runners) < 2,
        )
    usual = config.defaults(runner.algorithm, now.family)
    with st.grid(2, min_column_width=100, gap="xsmall"):
        for name in OWN:
            if name in applicable(usual) and name != now.sweep:
                value = runner.own.get(name, getattr(usual, name))
                _number(name, value, f"race-{name}-{place}", language, (name, place), _own)


def _number(name: str, value: Any, key: str, language: Language, args: tuple[Any, ...], changed: Any) -> None:
    low, high = config.bounds(name)
    control = config.control(name)
    said = {"label": control.label(language), "help": control.help(language), "on_change": changed, "args": args}
    said |= {"value": value, "key": key}  # drawn with its value too, as the controls of `form`
    show(key, value)
    if RunConfig.model_fields[name].annotation is int:
        st.number_input(min_value=int(low or 0), max_value=int(high or 0), step=1, **said)
    else:
        step = 10.0 ** (math.floor(math.log10(value)) - 1)
        st.number_input(min_value=1e-6, max_value=float(high or 1), step=step, format="%g", **said)


def _switch() -> None:
    """Another family has another race."""
    put(fresh(st.session_state["race-family"]))


def _sweep() -> None:
    now, name = setup(), st.session_state["race-kind"]
    now.sweep, now.values = (name, VALUES[name][:3]) if name else (None, ())
    if name:
        able_to = [one for one in now.runners if name == "shot" or name in applicable(now.config(one)) or name == "way"]
        now.runners = able_to[:2] or [Runner("maml")]
    else:
        now.shared = {**fresh(now.family).shared, **now.shared}


def _choose_values() -> None:
    setup().values = tuple(sorted(st.session_state["race-values"]))


def _add() -> None:
    now = setup()
    there = {runner.algorithm for runner in now.runners}
    others = [name for name in ALGORITHMS if able(name, now.family) and name not in there]
    now.runners.append(Runner((others or ["maml"])[0]))


def _remove(place: int) -> None:
    del setup().runners[place]


def _enter(place: int) -> None:
    setup().runners[place] = Runner(st.session_state[f"race-algorithm-{place}"])


def _own(name: str, place: int) -> None:
    setup().runners[place].own[name] = st.session_state[f"race-{name}-{place}"]


def _share(name: str) -> None:
    setup().shared[name] = st.session_state[f"race-{name}"]


def _style(now: Setup) -> str:
    """Each runner's card carries the colour of its algorithm."""
    rules = [
        f".st-key-runner-{place} {{border-left: 5px solid {ALGORITHMS[runner.algorithm].colour}}}"
        for place, runner in enumerate(now.runners)
    ]
    return f"<style>{''.join(rules)}</style>"
