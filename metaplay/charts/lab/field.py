"""The field of a policy: where its mean action takes an agent from each place of the plane, before and after adaptation."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown, axis_key, layout, panels
from metaplay.charts.style import Theme
from metaplay.text import Language, Text
from metaplay.walks import Array, PlaneWalk

TITLE = Text("Where the policy would go, from everywhere", "从每个位置出发，策略会去哪里")
EXPLAIN = Text(
    "Each arrow says where the mean action takes an agent from there in a time step (the arrows are drawn longer than the steps). Thin grey: before "
    "adaptation; in colour: after the inner step shown. What the agents met along their few paths turns the arrows of the whole plane, also where "
    "none of them ever was: that is what meta-training prepared. Noise is added to the mean, so that paths are less straight than this.",
    "每个箭头表示平均动作在一个时间步内把智能体从该处带到哪里（箭头画得比实际步长）。灰色细箭头：适应前；彩色：所示内层步之后。"
    "智能体只在少数路径上获得经验，却转动了整个平面上的箭头，包括它们从未到过的地方：这正是元训练所准备的。实际动作在均值上加有噪声，因此路径没有这么直。",
)
_GOAL = Text("goal", "目标")
_LONGER = 0.75
"""Arrows are so much of the distance between two places long where the agent goes as fast as it can."""
_ALT = Text(
    "{name}: of {count} arrows over the plane, {first:.0%} point to the goal (within 45 degrees) before adaptation, {now:.0%} after inner step {step}.",
    "{name}：平面上的 {count} 个箭头中，适应前有 {first:.0%} 指向目标（偏差在 45 度以内），第 {step} 个内层步后为 {now:.0%}。",
)


def field(found: Sequence[Shown[PlaneWalk]], step: int, language: Language, theme: Theme) -> go.Figure:
    """The arrows before adaptation and after an inner step, a panel a walk."""
    axes, names = panels(found, theme)
    drawn = layout("lab-field", TITLE(language), theme, len(found))
    drawn |= {"annotations": names}
    drawn["margin"] = {**drawn["margin"], "t": 64 if names else 40}
    traces = []
    for shown, (x, y, share) in zip(found, axes, strict=True):
        end = 1.08 * shown.walk.shown
        one = {"range": [-end, end], "zeroline": False, "showgrid": False, "constrain": "domain"}
        drawn[axis_key(x)] = style.axis("x", domain=share, anchor=y, **one)
        drawn[axis_key(y)] = style.axis("y" if x == "x" else "", anchor=x, scaleanchor=x, **one)
        traces += _arrows(shown, step, x, y, language, theme)
    return style.made({"data": traces, "layout": drawn})


def alt(found: Sequence[Shown[PlaneWalk]], step: int, language: Language) -> str:
    """The arrows in a sentence a walk."""
    return " ".join(
        _ALT.fill(
            name=shown.name,
            count=len(shown.walk.places),
            first=aimed(shown.walk, 0),
            step=shown.walk.at(step),
            now=aimed(shown.walk, shown.walk.at(step)),
        )(language)
        for shown in found
    )


def aimed(walk: PlaneWalk, step: int) -> float:
    """The share of the arrows that are within 45 degrees of the direction to the goal."""
    away = np.array(walk.goal) - walk.places
    moves = walk.field[step]
    along = (away * moves).sum(1)
    return float((along > np.sqrt(0.5) * np.linalg.norm(away, axis=1) * np.linalg.norm(moves, axis=1)).mean())


def _arrows(
    shown: Shown[PlaneWalk], step: int, x: str, y: str, language: Language, theme: Theme
) -> list[dict[str, Any]]:
    walk, at, first = shown.walk, shown.walk.at(step), x == "x"
    between = np.ptp(walk.places) / (np.sqrt(len(walk.places)) - 1)
    longer = _LONGER * between / max(float(np.abs(walk.field[: walk.tested + 1]).max()), 1e-9)
    after = style.after(at) if at else style.BEFORE
    looks = [
        ("before", style.BEFORE(language), walk.field[0], style.GREY, 1, 6),
        ("after", after(language), walk.field[at], shown.colour, 2, 8),
    ]
    traces = [
        {
            "uid": f"{key}-{x}",
            "name": name,
            "legendgroup": key,
            "showlegend": first,
            **_shafts(walk.places, longer * moves, size),
            "mode": "lines+markers",
            "line": {"color": colour, "width": width},
            "hoverinfo": "skip",
        }
        for key, name, moves, colour, width, size in looks
    ]
    for trace, (*_, colour, _width, _size) in zip(traces, looks, strict=True):
        trace["marker"]["color"] = colour
    star = {"symbol": "star", "size": 16, "color": style.ink(theme), "line": {"width": 1, "color": style.GREY}}
    goal = {
        "uid": f"goal-{x}",
        "name": _GOAL(language),
        "x": style.numbers([walk.goal[0]]),
        "y": style.numbers([walk.goal[1]]),
    }
    traces.append({**goal, "mode": "markers", "marker": star, "showlegend": first, "legendgroup": "goal"})
    return [{"type": "scatter", "xaxis": x, "yaxis": y, **trace} for trace in traces]


def _shafts(places: Array, moves: Array, size: int) -> dict[str, Any]:
    """Lines from the places with a head at their ends, and gaps between."""
    ends = places + moves
    gap = np.full(len(places), np.nan)
    x, y = (np.stack((places[:, axis], ends[:, axis], gap), 1).ravel() for axis in (0, 1))
    turned = np.degrees(np.arctan2(moves[:, 0], moves[:, 1]))
    angle = np.repeat(np.nan_to_num(turned), 3).round().astype(int).tolist()
    marker = {"symbol": "arrow", "size": [0, size, 0] * len(places), "angle": angle, "line": {"width": 0}, "opacity": 1}
    return {"x": [_three(value) for value in x], "y": [_three(value) for value in y], "marker": marker}


def _three(value: float) -> float | None:
    return round(float(value), 3) if np.isfinite(value) else None
