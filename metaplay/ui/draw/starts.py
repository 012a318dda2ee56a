"""The starting points that can be set to a task that visitors bring: those that ship with metaplay, one from scratch, and kept runs."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from metaplay.config import RunConfig, applicable
from metaplay.registry import ALGORITHMS, FAMILIES, Family
from metaplay.text import Language, Text
from metaplay.ui import runs
from metaplay.ui.draw.words.episode import FAMILIES as SENTENCES
from metaplay.ui.engine import engine
from metaplay.ui.status import plain
from metaplay.ui.visitor import visible

SHIPPED = ("maml", "reptile", "protonet")
SHIPPED_SENTENCES = ("maml", "protonet")
SHIPPED_WAY = 5
MOST = 6
_RUNS = 20
"""The latest runs that are looked at."""
_CHOOSE = Text("Starting points", "起点")
_DRAWINGS_HELP = Text(
    "The first three ship with metaplay: trained on 800 invented characters, none of which you are shown here. Beside them stand "
    "a fresh network, and your own finished runs on images.",
    "前三个随 metaplay 附带：在 800 个虚构字符上训练，这里出现的字符都不在其中。此外还有一个全新的网络，以及你自己完成的图像训练。",
)
_SENTENCES_HELP = Text(
    "The first two ship with metaplay: trained on 24 intents of everyday life, none of which is among the real ones here. Beside "
    "them stand a fresh network, those that learnt the other language, and your own finished runs on sentences.",
    "前两个随 metaplay 附带：在 24 个日常意图上训练，这里的现成意图都不在其中。此外还有一个全新的网络、学另一种语言的起点，以及你自己完成的句子训练。",
)
_OTHER = Text("{algorithm} · {family}", "{algorithm} · {family}")
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
    most: int = SHIPPED_WAY


def drawings(language: Language) -> list[Start]:
    """A field with all starting points for drawings; those that are chosen, in the order of choice."""
    own = [Start(f"shipped {name}", name, ALGORITHMS[name].label) for name in SHIPPED]
    own.append(Start("scratch", "scratch", ALGORITHMS["scratch"].label))
    kept = _kept(lambda family: family.drawable, language)
    return _choose("draw", own, kept, _DRAWINGS_HELP, language)


def sentences(language: Language) -> list[Start]:
    """A field with all starting points for sentences, of the page's language first; those that are chosen."""
    family = SENTENCES[language]
    own = [Start(f"shipped {family}-{name}", name, ALGORITHMS[name].label) for name in SHIPPED_SENTENCES]
    own.append(Start(f"scratch {family}", "scratch", ALGORITHMS["scratch"].label))
    others = [
        Start(f"shipped {other}-{name}", name, _named(_OTHER, name, other)(language))
        for other in SENTENCES.values()
        for name in SHIPPED_SENTENCES
        if other != family
    ]
    kept = _kept(lambda family: family.readable, language)
    return _choose(f"type-{language}", own, [*others, *kept], _SENTENCES_HELP, language)


def able(starts: list[Start], way: int, language: Language) -> list[Start]:
    """Those that can tell so many classes apart; the others are told of."""
    for start in starts:
        if start.most < way:
            st.caption(_FEW.fill(name=plain(start.label), most=start.most)(language))
    return [start for start in starts if start.most >= way]


def _choose(key: str, usual: list[Start], others: list[Start], about: Text, language: Language) -> list[Start]:
    """The usual ones are chosen at first."""
    there = {start.name: start for start in (*usual, *others)}
    wanted = st.session_state.get(f"{key}-starts", [start.name for start in usual])
    st.session_state[f"{key}-starts"] = st.multiselect(
        _CHOOSE(language),
        list(there),
        default=[name for name in wanted if name in there],
        format_func=lambda name: there[name].label,
        help=about(language),
        max_selections=MOST,
        key=f"{key}-choose",
    )
    return [there[name] for name in st.session_state[f"{key}-starts"]]


def _kept(fits: Callable[[Family], bool], language: Language) -> list[Start]:
    """Runs of fitting families that have ended well."""
    store = engine().store
    found = [run for run in visible(store.list())[:_RUNS] if store.state(run).state in ("finished", "stopped")]
    kept = [(run, store.config(run)) for run in found]
    return [_run(run, config, language) for run, config in kept if fits(FAMILIES[config.family])]


def _run(run: str, config: RunConfig, language: Language) -> Start:
    label = _named(_RUN, config.algorithm, config.family, age=runs.age(run, language))
    most = config.way if "inner_lr" in applicable(config) else 60  # ProtoNet has no outputs of its own
    return Start(run, config.algorithm, label(language), most)


def _named(text: Text, algorithm: str, family: str, **more: object) -> Text:
    return text.fill(algorithm=ALGORITHMS[algorithm].label, family=FAMILIES[family].label, **more)
