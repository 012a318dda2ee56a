"""The starting points that can be set to a drawn episode: those that ship with metaplay, one from scratch, and kept runs."""

from dataclasses import dataclass

import streamlit as st

from metaplay.config import RunConfig, applicable
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text
from metaplay.ui import runs
from metaplay.ui.engine import engine

SHIPPED = ("maml", "reptile", "protonet")
SHIPPED_WAY = 5
MOST = 6
_RUNS = 20
"""The latest runs that are looked at."""
_CHOOSE = Text("Starting points", "起点")
_HELP = Text(
    "The first three ship with metaplay: trained on 800 invented characters, none of which you are shown here. Beside them stand "
    "a fresh network, and your own finished runs on images.",
    "前三个随 metaplay 附带：在 800 个虚构字符上训练，这里出现的字符都不在其中。此外还有一个全新的网络，以及你自己完成的图像训练。",
)
_RUN = Text("{algorithm} · {family}, {age}", "{algorithm} · {family}，{age}")
_FEW = Text(
    "{name} tells at most {most} classes apart and sits this one out.",
    "{name} 最多区分 {most} 个类别，这次不参加。",
)


@dataclass(frozen=True)
class Start:
    """A starting point: the engine's name for it, its algorithm, what it is called, and the classes it can tell apart."""

    name: str
    algorithm: str
    label: str
    most: int


def choose(language: Language) -> list[Start]:
    """A field with all starting points; those that are chosen, in the order of choice."""
    there = {start.name: start for start in _all(language)}
    usual = [*(f"shipped {name}" for name in SHIPPED), "scratch"]
    chosen = [name for name in st.session_state.get("draw-starts", usual) if name in there]
    st.session_state["draw-starts"] = st.multiselect(
        _CHOOSE(language),
        list(there),
        default=chosen,
        format_func=lambda name: there[name].label,
        help=_HELP(language),
        max_selections=MOST,
        key="draw-choose",
    )
    return [there[name] for name in st.session_state["draw-starts"]]


def able(starts: list[Start], way: int, language: Language) -> list[Start]:
    """Those that can tell so many classes apart; the others are told of."""
    for start in starts:
        if start.most < way:
            st.caption(_FEW.fill(name=start.label, most=start.most)(language))
    return [start for start in starts if start.most >= way]


def _all(language: Language) -> list[Start]:
    own = [Start(f"shipped {name}", name, ALGORITHMS[name].label, SHIPPED_WAY) for name in SHIPPED]
    scratch = Start("scratch", "scratch", ALGORITHMS["scratch"].label, SHIPPED_WAY)
    store = engine().store
    found = [run for run in store.list()[:_RUNS] if store.state(run).state in ("finished", "stopped")]
    kept = [(run, store.config(run)) for run in found]
    return [*own, scratch, *(_run(run, config, language) for run, config in kept if FAMILIES[config.family].drawable)]


def _run(run: str, config: RunConfig, language: Language) -> Start:
    label = _RUN.fill(
        algorithm=ALGORITHMS[config.algorithm].label,
        family=FAMILIES[config.family].label,
        age=runs.age(run, language),
    )
    most = config.way if "inner_lr" in applicable(config) else 60  # ProtoNet has no outputs of its own
    return Start(run, config.algorithm, label(language), most)
