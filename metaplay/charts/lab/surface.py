"""The path of the fast weights on a slice of the loss surface."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import layout
from metaplay.charts.style import Theme
from metaplay.text import Language, Text
from metaplay.walks import Array, Slice

TITLE = Text("The way of the weights down the loss", "权重沿损失下降的路径")
EXPLAIN = Text(
    "The network has thousands of weights; this is a flat cut through them, the plane through three points: the initialisation, "
    "these weights adapted to the task (after the inner steps of a test), and the weights adapted to another task. Colour is the loss on this "
    "task's support set, which the inner steps go down. Both axes are distances between weights. The path leaves "
    "the plane a little between its points; drawn is its shadow. A good initialisation stands where one "
    "short step leads far down, for this task and for the other.",
    "网络有成千上万个权重；这里是穿过它们的一个平面切片，由三点确定：初始化、适应这个任务后的权重（测试所用的内层步之后）、适应另一个任务后的权重。"
    "颜色是这个任务支持集上的损失，内层步沿它下降。两轴都是权重之间的距离。路径在这些点之间会稍微离开平面，画出的是它的投影。"
    "好的初始化所在之处，只需短短一步就能大幅下降，对这个任务和另一个任务都是如此。",
)
_X, _Y = (
    Text("distance towards this task's weights", "朝本任务权重的距离"),
    Text("across, towards another task's", "横向：朝另一任务的权重"),
)
_LOSS = Text("support loss", "支持集损失")
_START, _ADAPTED, _OTHER = (
    Text("initialisation", "初始化"),
    Text("adapted", "适应后"),
    Text("another task", "另一个任务"),
)
_STEP = Text("inner step {step}", "内层步 {step}")
_ALT = Text(
    "Support loss on a plane of weights. After inner step {step} the weights are {far:.3g} from the initialisation and {off:.2g} "
    "beside the plane; the loss on the plane goes from {low:.3g} to {high:.3g}.",
    "权重平面上的支持集损失。第 {step} 个内层步后，权重距初始化 {far:.3g}，偏离平面 {off:.2g}；平面上的损失从 {low:.3g} 到 {high:.3g}。",
)
_FLOOR = 1e-6
_PATH, _EDGE = "#FFFFFF", "#101010"


def surface(found: Slice, step: int, language: Language, theme: Theme) -> go.Figure:
    """Contours of the loss, with the path from the initialisation and where it is after `step` inner steps."""
    drawn = layout("lab-surface", TITLE(language), theme, [found.x[0], found.x[-1], found.y[0], found.y[-1]])
    drawn["margin"] = {**drawn["margin"], "b": 72}
    ends = [[float(side[0]), float(side[-1])] for side in (found.x, found.y)]
    drawn["xaxis"] = style.axis(_X(language), range=ends[0], zeroline=False, showgrid=False)
    drawn["yaxis"] = style.axis(_Y(language), range=ends[1], zeroline=False, showgrid=False)
    drawn["annotations"] = _names(found, language)
    step = min(step, len(found.path) - 1)
    return style.made({"data": [_contours(found, language), *_path(found, step, language)], "layout": drawn})


def alt(found: Slice, step: int, language: Language) -> str:
    """The slice in one sentence."""
    step = min(step, len(found.path) - 1)
    *_, off = found.path[step]
    far = float(np.linalg.norm(found.path[step]))
    return _ALT.fill(step=step, far=far, off=off, low=found.loss.min(), high=found.loss.max())(language)


def _contours(found: Slice, language: Language) -> dict[str, Any]:
    """By the logarithm of the loss, so that the valley has contours too."""
    height = np.log10(np.maximum(found.loss, _FLOOR))
    finite = height[np.isfinite(height)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    ticks = _ticks(low, high)
    return {
        "type": "contour",
        "uid": "loss",
        "x": style.numbers(found.x),
        "y": style.numbers(found.y),
        "z": [style.numbers(row) for row in height],
        "customdata": [style.numbers(row) for row in found.loss],
        "colorscale": style.SCALE,
        "reversescale": True,
        "ncontours": 18,
        "line": {"width": 0.6, "color": "rgba(0,0,0,0.35)"},
        "hovertemplate": f"{_LOSS(language)} %{{customdata:.3g}}<extra></extra>",
        "colorbar": {
            "title": {"text": _LOSS(language), "side": "right"},
            "tickvals": [float(np.log10(tick)) for tick in ticks],
            "ticktext": [f"{tick:g}" for tick in ticks],
            "thickness": 12,
            "outlinewidth": 0,
        },
    }


def _ticks(low: float, high: float) -> list[float]:
    """Round losses between two powers of ten: 1, 2, 5, 10 where they are few, else whole powers."""
    powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
    steps = (1, 2, 5) if high - low < 2 else (1,)
    ticks = [factor * 10.0**power for power in powers for factor in steps]
    return [tick for tick in ticks if low <= np.log10(tick) <= high]


def _path(found: Slice, step: int, language: Language) -> list[dict[str, Any]]:
    """The way to the end of a test, fainter beyond; the three points of the plane; and the point of the step."""
    lines = []
    for uid, part, opacity in (
        ("path", found.path[: found.tested + 1], 1),
        ("beyond", found.path[found.tested :], 0.55),
    ):
        for edge, width, colour in (("-edge", 6, _EDGE), ("", 3, _PATH)):
            line = {"uid": uid + edge, **_places(part), "mode": "lines", "line": {"width": width, "color": colour}}
            lines.append({**line, "opacity": opacity, "hoverinfo": "skip"})
    steps = {
        "uid": "steps",
        **_places(found.path),
        "mode": "markers",
        "marker": {"size": 6, "color": _PATH, "line": {"width": 1, "color": _EDGE}},
        "text": [_STEP.fill(step=number)(language) for number in range(len(found.path))],
        "hovertemplate": "%{text}<extra></extra>",
    }
    ends = np.array([found.path[0, :2], found.path[found.tested, :2], found.other])
    edge = {"width": 2, "color": _EDGE}
    landmarks = {
        "uid": "landmarks",
        **_places(ends),
        "mode": "markers",
        "marker": {"size": 12, "symbol": ["circle", "diamond", "square"], "color": _PATH, "line": edge},
        "hoverinfo": "skip",
    }
    now = {
        "uid": "now",
        **_places(found.path[step : step + 1]),
        "mode": "markers",
        "marker": {"size": 18, "color": "#D55E00", "symbol": "circle-dot", "line": {"width": 3, "color": _PATH}},
        "hovertemplate": f"{_STEP.fill(step=step)(language)}<extra></extra>",
    }
    return [{"type": "scatter", "showlegend": False, **trace} for trace in (*lines, steps, landmarks, now)]


def _places(points: Array) -> dict[str, Any]:
    return {"x": style.numbers(points[:, 0]), "y": style.numbers(points[:, 1])}


def _names(found: Slice, language: Language) -> list[dict[str, Any]]:
    ends = ((*found.path[0, :2], _START), (*found.path[found.tested, :2], _ADAPTED), (*found.other, _OTHER))
    looks = {
        "showarrow": False,
        "yshift": -18,
        "font": {"size": 12, "color": _EDGE},
        "bgcolor": "rgba(255,255,255,0.75)",
        "borderpad": 2,
    }
    return [{"x": float(x), "y": float(y), "text": text(language), **looks} for x, y, text in ends]
