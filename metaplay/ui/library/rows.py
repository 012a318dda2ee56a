"""Which runs are shown in which order, and what their rows say. Plain functions of the list of runs."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from metaplay.config import RunConfig
from metaplay.engine.listing import Listed
from metaplay.events import Evaluated
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text, duration
from metaplay.ui import runs, status

_TONES = {
    "queued": "waiting",
    "preparing": "going",
    "running": "going",
    "paused": "paused",
    "interrupted": "broken",
    "finished": "done",
    "stopped": "stopped",
    "failed": "broken",
}
_DASHES = {
    "solid": "",
    "dash": "6 4",
    "dot": "3 3",
    "dashdot": "7 3 2 3",
    "longdash": "10 4",
    "longdashdot": "10 3 2 3",
}
"""Plotly's names of dashes, in SVG."""
_CLASSES = Text("{way}-way {shot}-shot, {steps:,} steps", "{way} 类 {shot} 样本，{steps:,} 步")
_CURVES = Text("{shot} points, {steps:,} steps", "{shot} 个点，{steps:,} 步")
_TRIES = Text("{shot} trajectories, {steps:,} steps", "{shot} 条轨迹，{steps:,} 步")
_ELSEWHERE = Text("opened from elsewhere", "来自他处")
_OTHERS, _PINNED = Text("of another visitor", "属于另一位访客"), Text("pinned", "已固定")
_ALTS = {
    "accuracy": Text("Accuracy from {first:.0%} to {last:.0%}", "正确率从 {first:.0%} 到 {last:.0%}"),
    "mse": Text("Error from {first:.3g} to {last:.3g}", "误差从 {first:.3g} 到 {last:.3g}"),
    "return": Text("Minus the return, from {first:.3g} to {last:.3g}", "负回报从 {first:.3g} 到 {last:.3g}"),
}
_NO_CURVE = Text("No points yet", "还没有数据点")


@dataclass(frozen=True)
class Wanted:
    """Which runs to show: those that have every word of `text` and are of the states, families and algorithms, if any are named."""

    text: str = ""
    states: Sequence[str] = field(default_factory=list)
    families: Sequence[str] = field(default_factory=list)
    algorithms: Sequence[str] = field(default_factory=list)


@dataclass(frozen=True)
class Row:
    """What the table says of a run, in the reader's language; `curve` is its points' heights, 0 to 100."""

    run: str
    link: str
    name: str
    about: str
    tags: Sequence[str]
    origin: str
    algorithm: str
    colour: str
    dash: str
    family: str
    curve: Sequence[int]
    curve_alt: str
    state: str
    tone: str
    result: str
    duration: str
    started: str


def chosen(listed: Sequence[Listed], wanted: Wanted, sort: str) -> list[Listed]:
    """The wanted runs in order: `sort` is a column, with a minus for from the greatest on; results best first, none last."""
    found = [row for row in listed if _fits(row, wanted)]
    return sorted(found, key=_KEYS[sort.removeprefix("-")], reverse=sort.startswith("-"))


def row(listed: Listed, curve: Sequence[float], language: Language, own: bool = True) -> Row:
    """The row of a run; `curve` is its accuracy or loss over its training, and `own` whether the reader is its owner."""
    config, label = listed.config, listed.label
    algorithm, about = ALGORITHMS[config.algorithm], setting(config)(language)
    return Row(
        run=listed.run,
        link=f"./?run={listed.run}&lang={language}",
        name=label.name or about,
        about=about if label.name else "",
        tags=label.tags,
        origin=" · ".join(
            said(language)
            for said, so in ((_OTHERS, not own), (_PINNED, label.pinned), (_ELSEWHERE, label.origin))
            if so
        ),
        algorithm=algorithm.label,
        colour=algorithm.colour,
        dash=_DASHES.get(algorithm.dash, algorithm.dash.replace("px", "")),
        family=FAMILIES[config.family].label,
        curve=_heights(curve, _metric(config)),
        curve_alt=_alt(curve, _metric(config), language),
        state=status.STATE_NAMES[listed.state.state](language),
        tone=_TONES[listed.state.state],
        result=result(listed.tested) if listed.tested else "",
        duration=duration(listed.state.seconds, language) if listed.state.seconds else "",
        started=runs.age(listed.run, language),
    )


def setting(config: RunConfig) -> Text:
    """The tasks of a run, and its length, in a few words."""
    words = {"classification": _CLASSES, "regression": _CURVES, "control": _TRIES}[FAMILIES[config.family].kind]
    return words.fill(way=config.way, shot=config.shot, steps=config.steps)


def result(found: Evaluated) -> str:
    """The result after the last inner step, with its interval."""
    mean, ci95 = found.mean[-1], found.ci95[-1]
    return f"{100 * mean:.1f} ± {100 * ci95:.1f} %" if found.metric == "accuracy" else f"{mean:.3g} ± {ci95:.2g}"


def _metric(config: RunConfig) -> str:
    return FAMILIES[config.family].metric


def _fits(listed: Listed, wanted: Wanted) -> bool:
    config = listed.config
    words = (
        listed.run,
        listed.label.name,
        *listed.label.tags,
        ALGORITHMS[config.algorithm].label,
        FAMILIES[config.family].label,
        *setting(config),
    )
    text = " ".join(words).casefold()
    return (
        all(word in text for word in wanted.text.casefold().split())
        and (not wanted.states or listed.state.state in wanted.states)
        and (not wanted.families or config.family in wanted.families)
        and (not wanted.algorithms or config.algorithm in wanted.algorithms)
    )


def _goodness(listed: Listed) -> tuple[bool, str, float]:
    """Best first: accuracies from the highest, then errors from the lowest, then returns from the highest, then those without a
    result."""
    found = listed.tested
    if found is None or not math.isfinite(found.mean[-1]):
        return True, "", 0.0
    return False, found.metric, found.mean[-1] if found.metric == "mse" else -found.mean[-1]


_KEYS: dict[str, Callable[[Listed], Any]] = {
    "name": lambda row: (row.label.name or setting(row.config).en).casefold(),
    "algorithm": lambda row: list(ALGORITHMS).index(row.config.algorithm),
    "family": lambda row: FAMILIES[row.config.family].label.casefold(),
    "curve": lambda row: row.state.step,
    "state": lambda row: list(_TONES).index(row.state.state),
    "result": _goodness,
    "duration": lambda row: row.state.seconds,
    "started": lambda row: row.run,
}


def _heights(curve: Sequence[float], metric: str) -> list[int]:
    """Points from 0 to 100: accuracies as they are, errors between their least and greatest on a logarithmic scale."""
    values = [value for value in curve if math.isfinite(value) and (metric == "accuracy" or value > 0)]
    if metric == "accuracy":
        return [round(100 * min(1.0, max(0.0, value))) for value in values]
    logs = [math.log(value) for value in values]
    low, high = min(logs, default=0), max(logs, default=0)
    return [round(100 * (value - low) / (high - low)) if high > low else 50 for value in logs]


def _alt(curve: Sequence[float], metric: str, language: Language) -> str:
    return _ALTS[metric].fill(first=curve[0], last=curve[-1])(language) if curve else _NO_CURVE(language)
