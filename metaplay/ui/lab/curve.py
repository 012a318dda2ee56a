"""The curve that is fitted, with support points that the reader drags, adds and deletes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown
from metaplay.text import Language, Text
from metaplay.ui.drag_points import Axis, Path, Point, drag_points, places
from metaplay.ui.lab import versions
from metaplay.ui.lab.asks import Points
from metaplay.ui.theme import Theme
from metaplay.walks import Array, CurveWalk

HEIGHT = 400
_KEY = "lab-points"
MOST = 30
"""Points of a support set, at most."""
_TRUTH, _QUERIES = Text("true curve", "真实曲线"), Text("queries", "查询点")
_BEFORE, _FIT = Text("before adaptation", "适应前"), Text("{name}, inner step {step}", "{name}，内层步 {step}")
_TITLE = Text("Drag the points: the fit follows", "拖动这些点：拟合会跟着变")
_RESET = Text("Put the points back", "复原这些点")
_ALT = Text(
    "A curve, {count} support points that can be dragged, and the fit after inner step {step}, whose mean squared error on the queries is {error:.3g}.",
    "一条曲线、{count} 个可拖动的支持点，以及第 {step} 个内层步之后的拟合，其在查询点上的均方误差为 {error:.3g}。",
)
EXPLAIN = Text(
    "The network sees only the filled points, never the true curve. Dashed grey is what it says before it adapts; the coloured line "
    "is what it says after the inner step shown. Drag the points, add some or delete them: the network adapts to them anew, from the "
    "same initialisation. Put all of them on one side, or where no such curve goes, and see what it has learned to expect. Small "
    "dots are the queries that the error is measured on; they stay on the true curve.",
    "网络只看到实心点，从未看到真实曲线。灰色虚线是适应前的输出；彩色线是所示内层步之后的输出。拖动、添加或删除这些点：网络会从同一个初始化"
    "重新适应它们。把点都放到一侧，或放到这类曲线不会经过的地方，看看它学会了期待什么。小点是用来计算误差的查询点，始终在真实曲线上。",
)


def moved(own: CurveWalk, episode: int) -> Points | None:
    """The points that the reader put in place of those of the task, whose walk is `own`; None while nothing was moved."""
    now = _short(places(**_handles(own, versions.of(_KEY, episode))))
    return None if now == _short(own.support.tolist()) else now


def draw(
    found: Sequence[Shown[CurveWalk]], own: CurveWalk, episode: int, step: int, language: Language, theme: Theme
) -> None:
    """The figure; `own` is the run's walk with the task's own support points."""
    walk = found[0].walk
    at = walk.at(step)
    st.markdown(_TITLE(language))
    drag_points(
        **_handles(own, versions.of(_KEY, episode)),
        language=language,
        alt=_ALT.fill(count=len(walk.support), step=at, error=walk.query_loss[at])(language),
        paths=[*_given(walk, language, theme), *_fits(found, step, language)],
        height=HEIGHT,
    )
    st.button(
        _RESET(language),
        key="lab-put-back",
        icon=":material/restart_alt:",
        disabled=_short(walk.support.tolist()) == _short(own.support.tolist()),
        on_click=versions.put_back,
        args=(_KEY,),
    )


def _handles(own: CurveWalk, version: int) -> dict[str, Any]:
    """What is there to drag, and how far."""
    return {
        "key": "lab-drag",
        "points": [Point(x, y) for x, y in _short(own.support.tolist())],
        "x": Axis(float(own.grid[0]), float(own.grid[-1]), "x"),
        "y": Axis(-own.reach, own.reach, "y"),
        "new": Point(0, 0),
        "most": MOST,
        "version": version,
    }


def _short(points: Sequence[Sequence[float]]) -> Points:
    """At three decimals: an answer is kept by its points."""
    return tuple((round(x, 3), round(y, 3)) for x, y in points)


def _given(walk: CurveWalk, language: Language, theme: Theme) -> list[Path]:
    truth = Path(_line(walk, walk.truth), _TRUTH(language), style.ink(theme), width=8, opacity=0.22)
    queries = Path(walk.query, _QUERIES(language), style.ink(theme), width=0, dots=2.5, opacity=0.6)
    return [truth, queries]


def _fits(found: Sequence[Shown[CurveWalk]], step: int, language: Language) -> list[Path]:
    first = found[0].walk
    lines = [Path(_line(first, first.curves[0]), _BEFORE(language), style.GREY, width=2, dash="6 4")]
    for shown in reversed(found):
        walk, at = shown.walk, shown.walk.at(step)
        label = _FIT.fill(name=shown.name, step=at)(language)
        dash = "3 3" if shown.second else ""
        lines.append(Path(_line(walk, walk.curves[at]), label, shown.colour, width=3, dash=dash))
    return lines


def _line(walk: CurveWalk, y: Array) -> Array:
    return np.stack((walk.grid, np.clip(np.nan_to_num(y), -9 * walk.reach, 9 * walk.reach)), 1)
