"""Where the network's features put the examples of a task, in a plane that stays the same from inner step to inner step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown, axis_key, layout, panels
from metaplay.charts.style import Theme
from metaplay.text import Language, Text
from metaplay.walks import Examples, ImageWalk

TITLE = Text("Where the features put each {example}", "特征把每个{example}放在哪里")
EXPLAIN = Text(
    "What the last layer is given of each {example}, seen along the two directions in which it spreads most before adaptation (principal "
    "components; fixed at step 0, so that what moves is the network). One colour and shape a class: filled for its "
    "support examples, hollow for its queries; a cross marks a query that is told wrong. With ANIL nothing moves here: only its "
    "last layer adapts. With MAML the features often move little too, which is what Raghu et al. 2020 found.",
    "每个{example}进入最后一层的特征，沿适应前变化最大的两个方向（主成分；固定在第 0 步，因此移动的是网络）展示。每类一种颜色和形状："
    "实心为支持样本，空心为查询样本；叉号表示判断错误的查询。ANIL 在这里不会移动：它只适应最后一层。MAML 的特征往往也移动很少，"
    "这正是 Raghu 等 2020 的发现。",
)
_AXES = Text("{nth} component, {share:.0%} of the spread", "第 {nth} 主成分，占 {share:.0%}")
_CLASS, _WRONG = Text("class {n}", "类别 {n}"), Text("told wrong", "判断错误")
_ALT = Text(
    "{name}: features of {count} {example}s in a plane after inner step {step}; {wrong} queries are told wrong.",
    "{name}：第 {step} 个内层步后 {count} 个{example}的特征在平面上的位置；{wrong} 个查询判断错误。",
)
COLOURS = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#8A8A00", "#7B61D9")
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star", "pentagon")
MOST_NAMED = 6
"""Classes that a legend has room for; of more, the names are shown when pointed at."""


def embedding(found: Sequence[Shown[ImageWalk]], step: int, language: Language, theme: Theme) -> go.Figure:
    """Support and query examples as points after an inner step, a panel a walk."""
    axes, names = panels(found, theme)
    way = found[0].walk.way
    drawn = layout("lab-embedding", TITLE.fill(example=found[0].example)(language), theme, len(found))
    drawn |= {"annotations": names, "showlegend": way <= MOST_NAMED}
    drawn["margin"] = {**drawn["margin"], "t": 64 if names else 40}
    traces = []
    for shown, (x, y, share) in zip(found, axes, strict=True):
        walk = shown.walk
        for axis, name, nth in ((x, y, 0), (y, x, 1)):
            title = _AXES.fill(nth=nth + 1, share=walk.explained[nth])(language) if len(found) == 1 else ""
            place = {"domain": share} if nth == 0 else {}
            ends = _range(walk, nth)
            drawn[axis_key(axis)] = style.axis(title, range=ends, showticklabels=False, anchor=name, **place)
        traces += _points(walk, walk.at(step), x, y, language, theme, named=not shown.second)
    return style.made({"data": traces, "layout": drawn})


def alt(found: Sequence[Shown[ImageWalk]], step: int, language: Language) -> str:
    """The figure in a sentence a walk."""
    told = []
    for shown in found:
        walk, at = shown.walk, shown.walk.at(step)
        wrong = int((walk.query.predicted(at) != walk.query.labels).sum())
        count = len(walk.support.labels) + len(walk.query.labels)
        filled = _ALT.fill(name=shown.name, step=at, wrong=wrong, count=count, example=shown.example)
        told.append(filled(language))
    return " ".join(told)


def _range(walk: ImageWalk, axis: int) -> list[float]:
    """The range of all steps to the last of a test: the frame stays, and steps far beyond may leave it."""
    steps = walk.tested + 1
    places = np.concatenate([part.places[:steps, :, axis].ravel() for part in (walk.support, walk.query)])
    places = places[np.isfinite(places)]
    low, high = (float(places.min()), float(places.max())) if places.size else (-1.0, 1.0)
    margin = 0.08 * (high - low) or 1.0
    return [low - margin, high + margin]


def _points(
    walk: ImageWalk, at: int, x: str, y: str, language: Language, theme: Theme, named: bool
) -> list[dict[str, Any]]:
    traces = []
    for label in range(walk.way):
        colour, symbol = COLOURS[label % len(COLOURS)], SYMBOLS[label % len(SYMBOLS)]
        entry = {
            "name": _CLASS.fill(n=label + 1)(language),
            "text": style.literal(walk.names[label]),
            "legendgroup": str(label),
        }
        small = {"symbol": f"{symbol}-open", "size": 9, "color": colour, "line": {"width": 2, "color": colour}}
        edge = {"width": 1.5, "color": style.ink(theme)}
        large = {"symbol": symbol, "size": 14, "color": colour, "line": edge}
        for part, kind, marker in ((walk.query, "query", small), (walk.support, "support", large)):
            place = _places(part, part.labels == label, at)
            uid, seen = f"{kind}-{label}-{x}", named and kind == "support"
            traces.append({"uid": uid, **entry, **place, "marker": marker, "showlegend": seen})
    wrong = _places(walk.query, walk.query.predicted(at) != walk.query.labels, at)
    cross = {"symbol": "x-thin", "size": 9, "line": {"width": 2, "color": style.ink(theme)}}
    traces.append({"uid": f"wrong-{x}", "name": _WRONG(language), **wrong, "marker": cross, "showlegend": named})
    shared = {
        "type": "scatter",
        "mode": "markers",
        "xaxis": x,
        "yaxis": y,
        "hovertemplate": "%{fullData.name} %{text}<extra></extra>",
    }
    return [{**shared, **trace} for trace in traces]


def _places(part: Examples, which: Any, at: int) -> dict[str, Any]:
    places = part.places[at][which]
    return {"x": style.numbers(places[:, 0]), "y": style.numbers(places[:, 1])}
