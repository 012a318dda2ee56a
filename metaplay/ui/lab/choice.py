"""What the lab looks at: a run, a moment of its training, a task, and what is compared. All of it is kept in the address."""

import random
from typing import NamedTuple

import streamlit as st

from metaplay.config import RunConfig
from metaplay.engine import labels, moments
from metaplay.engine.store import RunStore
from metaplay.text import Language, Text, UserError
from metaplay.ui import runs, status, teach, visitor
from metaplay.ui.form import show
from metaplay.ui.status import plain

SCRATCH = "scratch"
"""As the engine calls the comparison with a fresh network."""
MOST_SEED = 2**31 - 1
_USUAL_SEED = 0
_RUNS, _PINS = 40, 8
"""The latest runs that can be chosen, and tasks that can be pinned."""
_NAMES = ("run", "moment", "episode", "compare", "pinned", "inner")
_SAME = ("family", "way", "hold_out", "protocol")
"""What runs share that can be asked about the same task."""

_RUN, _MOMENT, _COMPARE = (
    Text("Run", "训练"),
    Text("Moment of its training", "训练的时刻"),
    Text("Compare with", "对比"),
)
_MOMENT_HELP = Text(
    "The run as it was after so many meta-steps. Moments are kept along the way, most of them early, where the most happens.",
    "训练在若干元步之后的样子。训练途中会保存一些时刻，早期最密，因为那时变化最大。",
)
_STEP, _LAST = (
    Text("meta-step {step:,}", "第 {step:,} 个元步"),
    Text("meta-step {step:,} (last)", "第 {step:,} 个元步（最后）"),
)
_ONLY = Text("Kept as it was last, after {step:,} meta-steps.", "只保存了最后的状态，{step:,} 个元步之后。")
_NOTHING, _FRESH = Text("nothing", "不对比"), Text("the same network from scratch", "同样的网络，从零开始")
_COMPARE_HELP = Text(
    "On exactly the same task: a freshly initialised network of the same size, or another run as it was last.",
    "在完全相同的任务上：同样大小、全新初始化的网络，或另一次训练的最后状态。",
)
_TASK, _ANOTHER = Text("Task number", "任务编号"), Text("Another task", "换一个任务")
_TASK_HELP = Text(
    "Test tasks, none of which was trained on. A number always brings the same task again, and the address keeps it.",
    "测试任务，训练从未用过。同一个编号总是得到同一个任务，并保存在网址中。",
)
_PIN, _UNPIN, _PINNED = Text("Pin", "固定"), Text("Unpin", "取消固定"), Text("Pinned tasks", "已固定的任务")
_GONE = Text("{problem} Shown is the latest one.", "{problem} 这里显示最近的一次。")


class Choice(NamedTuple):
    """`moment` is None for the run as it was last; `compare` is a run, SCRATCH or None."""

    run: str
    config: RunConfig
    moment: int | None
    episode: int
    compare: str | None


def kept(store: RunStore) -> list[str]:
    """The latest runs that can be looked at, newest first."""
    found = visitor.visible(store.list())[:_RUNS]
    asked = _get("run")
    if asked and asked not in found and asked in store.list():
        found.append(asked)
        visitor.came(asked)
    return [run for run in found if moments.last(store, run).exists() or moments.kept(store, run)]


def draw(store: RunStore, found: list[str], language: Language) -> Choice:
    """The controls; what they say. In a lecture that hides the settings only those of the task are there."""
    run = _run(store, found, language)
    config = store.config(run)
    with st.container(border=True, gap="small", key="lab-choice"):
        if not teach.has("hide"):
            others = [other for other in found if other != run and _comparable(config, store.config(other))]
            with st.grid(3, min_column_width=260, gap="small"):
                _choose_run(store, found, run, language)
                _choose_moment(store, run, language)
                _choose_compared(store, others, language)
        _choose_episode(language)
    return Choice(run, config, _moment(store, run), episode(), _compare(store, config))


def query() -> dict[str, str]:
    """What the address carries of it, and the inner step that is shown."""
    return {name: value for name in _NAMES if (value := _get(name))}


def put(name: str, value: object) -> None:
    """Look at something else from the next run of the page on; None for what is usual."""
    held = _held()
    held.pop(name, None)
    st.query_params.pop(name, None)
    if value is not None:
        held[name] = st.query_params[name] = str(value)


def number(name: str, most: int) -> int | None:
    """A whole number of the address, if it is one from 0 to `most`."""
    text = _get(name) or ""
    return int(text) if text.isdecimal() and len(text) < 12 and int(text) <= most else None


def episode() -> int:
    """The number of the task."""
    found = number("episode", MOST_SEED)
    return _USUAL_SEED if found is None else found


def _held() -> dict[str, str]:
    """As the session has it: a page that is come back to has lost its address."""
    return st.session_state.setdefault("lab", {})


def _get(name: str) -> str | None:
    if name in st.query_params:
        _held()[name] = st.query_params[name]
    return _held().get(name)


def _run(store: RunStore, found: list[str], language: Language) -> str:
    """The run that the address says, else the one that the playground shows, else the latest."""
    asked = _get("run")
    if asked and asked not in found:
        try:
            store.path(asked)
        except UserError as error:
            st.warning(plain(_GONE.fill(problem=error.text(language))(language)), icon=":material/link_off:")
    wished = [run for run in (asked, st.session_state.get("run")) if run in found]
    run = wished[0] if wished else found[0]
    _held()["run"] = run
    return run


def _moment(store: RunStore, run: str) -> int | None:
    step = number("moment", MOST_SEED)
    return step if step in moments.kept(store, run) else None


def _compare(store: RunStore, config: RunConfig) -> str | None:
    asked = _get("compare")
    if asked is None or asked == SCRATCH:
        return asked
    return asked if asked in store.list() and _comparable(config, store.config(asked)) else None


def _comparable(one: RunConfig, other: RunConfig) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _SAME)


def name(store: RunStore, run: str) -> str:
    """What a run is called, in a list or a legend."""
    return labels.read(store, run).name or status.name(store.config(run))


def _choose_run(store: RunStore, found: list[str], run: str, language: Language) -> None:
    st.session_state["lab-run"] = run
    st.selectbox(
        _RUN(language),
        found,
        format_func=lambda item: f"{name(store, item)}, {runs.age(item, language)}",
        key="lab-run",
        on_change=lambda: _changed("run", drop=("moment",)),
    )


def _choose_moment(store: RunStore, run: str, language: Language) -> None:
    last = store.state(run).step
    steps = sorted({*moments.kept(store, run), last})
    if len(steps) < 2:
        with st.container():
            st.caption(_ONLY.fill(step=last)(language))
        return
    st.session_state["lab-moment"] = found if (found := _moment(store, run)) is not None else steps[-1]
    st.select_slider(
        _MOMENT(language),
        steps,
        format_func=lambda step: (_LAST if step == steps[-1] else _STEP).fill(step=step)(language),
        help=_MOMENT_HELP(language),
        key="lab-moment",
        on_change=lambda: put("moment", None if (step := st.session_state["lab-moment"]) == steps[-1] else step),
    )


def _choose_compared(store: RunStore, others: list[str], language: Language) -> None:
    said = {"": _NOTHING(language), SCRATCH: _FRESH(language)}
    options = {**said, **{run: f"{name(store, run)}, {runs.age(run, language)}" for run in others}}
    asked = _get("compare") or ""
    st.session_state["lab-compare"] = asked if asked in options else ""
    st.selectbox(
        _COMPARE(language),
        list(options),
        format_func=options.__getitem__,
        help=_COMPARE_HELP(language),
        key="lab-compare",
        on_change=lambda: _changed("compare"),
    )


def _changed(name: str, drop: tuple[str, ...] = ()) -> None:
    put(name, st.session_state[f"lab-{name}"] or None)
    for other in drop:
        put(other, None)


def _choose_episode(language: Language) -> None:
    """The task's number, another one at random, and those that were pinned."""
    seed, pinned = episode(), _pinned()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        show("lab-episode", seed)
        st.number_input(
            _TASK(language),
            min_value=0,
            max_value=MOST_SEED,
            step=1,
            key="lab-episode",
            help=_TASK_HELP(language),
            width=190,
            on_change=lambda: put("episode", st.session_state["lab-episode"]),
        )
        st.button(
            _ANOTHER(language),
            key="lab-another",
            icon=":material/casino:",
            type="primary",
            on_click=lambda: put("episode", random.randrange(10_000)),
        )
        there = seed in pinned
        st.button(
            (_UNPIN if there else _PIN)(language),
            key="lab-pin",
            icon=":material/keep_off:" if there else ":material/keep:",
            on_click=_toggle_pin,
        )
        if pinned:
            st.session_state["lab-pins"] = seed if there else None
            st.pills(_PINNED(language), pinned, key="lab-pins", on_change=_open_pin)


def _pinned() -> list[int]:
    words = (_get("pinned") or "").split(".")
    found = [int(word) for word in words if word.isdecimal() and len(word) < 11 and int(word) <= MOST_SEED]
    return list(dict.fromkeys(found))[:_PINS]


def _toggle_pin() -> None:
    seed, pinned = episode(), _pinned()
    left = [other for other in pinned if other != seed] if seed in pinned else [*pinned[1 - _PINS :], seed]
    put("pinned", ".".join(map(str, left)) or None)


def _open_pin() -> None:
    if st.session_state["lab-pins"] is not None:
        put("episode", st.session_state["lab-pins"])
