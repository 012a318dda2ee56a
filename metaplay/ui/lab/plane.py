"""The plane in which agents walk, with a goal that the reader drags; they adapt to it anew and walk before one's eyes."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown
from metaplay.config.pillars import PILLARS, RADIUS
from metaplay.text import Language, Text
from metaplay.ui.drag_points import Axis, Path, Point, drag_points, places
from metaplay.ui.lab import versions
from metaplay.ui.lab.asks import Points
from metaplay.ui.theme import Theme
from metaplay.walks import Array, PlaneWalk

HEIGHT = 430
FEW = 2
"""Paths of each inner step that is over."""
_KEY = "lab-goal"
_TITLE = Text("Drag the goal: the agents adapt to it anew", "拖动目标：智能体会重新适应它")
_RESET = Text("Put the goal back", "复原目标")
_GOAL, _START = Text("goal", "目标"), Text("start", "起点")
_WIND, _PILLAR = Text("wind", "风"), Text("pillar", "柱子")
_GOALS = Text("where training's goals lie", "训练目标所在的范围")
_BEFORE, _EARLIER = Text("before adaptation", "适应前"), Text("steps between", "中间各步")
_NOW = Text("{name}, inner step {step}", "{name}，内层步 {step}")
_RETURN = Text(
    "**{name}**, inner step {step}: return **{mean:.1f} ± {ci95:.1f}**, at the end {far:.2f} from the goal.",
    "**{name}**，内层步 {step}：回报 **{mean:.1f} ± {ci95:.1f}**，终点距目标 {far:.2f}。",
)
_ORACLE = Text("Told the goal, one gets {oracle:.1f}.", "被告知目标者的回报为 {oracle:.1f}。")
_ALT = Text(
    "A plane with a goal at ({x:.2f}, {y:.2f}) that can be dragged. Agents start in the middle; before adaptation they end {first:.2f} from the goal, "
    "after inner step {step} {far:.2f}, with a return of {mean:.1f}.",
    "一个平面，目标在 ({x:.2f}, {y:.2f})，可以拖动。智能体从中心出发；适应前终点距目标 {first:.2f}，第 {step} 个内层步之后为 {far:.2f}，回报为 {mean:.1f}。",
)
EXPLAIN = Text(
    "Agents start in the middle and are never told where the goal (star) is. They walk, get less reward the farther from it they are, and "
    "take a gradient step on what they met; then they walk again. Dashed grey is how they walk before the first step; the strong lines "
    "are the step shown, drawn as fast as they walk. Drag the goal, and all of it is done anew on the engine, with the same random numbers "
    "and from the same initialisation. The goal that you are given is of the test: training never used it, nor its neighbourhood. Put it outside "
    "of the dotted line, and see how the agents adapt to what no training goal was like. ± is the 95 % confidence interval over the "
    "trajectories of the task.",
    "智能体从中心出发，从不知道目标（星号）在哪里。它们行走，离目标越远回报越少，然后用所经历的走一步梯度，再次行走。灰色虚线是第一步之前的行走；"
    "粗线是所示的步，按行走的速度画出。拖动目标，一切都会在引擎上重新计算：同样的随机数，同一个初始化。给出的目标属于测试集：训练从未用过它及其邻域。"
    "把它放到点线之外，看看智能体如何适应任何训练目标都不像的目标。± 是该任务各轨迹上的 95% 置信区间。",
)


def moved(own: PlaneWalk, episode: int) -> Points | None:
    """Where the reader put the goal of the task, whose walk is `own`; None while it was not moved."""
    now = _short(places(**_handles(own, versions.of(_KEY, episode))))
    return None if now == _short([own.goal]) else now


def draw(
    found: Sequence[Shown[PlaneWalk]], own: PlaneWalk, episode: int, step: int, language: Language, theme: Theme
) -> None:
    """The figure; `own` is the run's walk to the task's own goal."""
    walk = found[0].walk
    at = walk.at(step)
    told = {"x": walk.goal[0], "y": walk.goal[1], "first": walk.distance(0), "far": walk.distance(at), "step": at}
    st.markdown(_TITLE(language))
    drag_points(
        **_handles(own, versions.of(_KEY, episode), _GOAL(language)),
        language=language,
        alt=_ALT.fill(**told, mean=walk.means()[at])(language),
        paths=[*_ground(walk, language, theme), *_walked(found, step, language)],
        height=HEIGHT,
        equal=True,
    )
    st.markdown(
        "  \n".join([*(_told(shown, step, language) for shown in found), _ORACLE.fill(oracle=walk.oracle)(language)])
    )
    st.button(
        _RESET(language),
        key="lab-put-back",
        icon=":material/restart_alt:",
        disabled=_short([walk.goal]) == _short([own.goal]),
        on_click=versions.put_back,
        args=(_KEY,),
    )


def _handles(own: PlaneWalk, version: int, label: str = "") -> dict[str, Any]:
    """What is there to drag, and how far."""
    return {
        "key": "lab-plane",
        "points": [Point(*_short([own.goal])[0], label, shape="star")],
        "x": Axis(-own.shown, own.shown, "x"),
        "y": Axis(-own.shown, own.shown, "y"),
        "version": version,
    }


def _told(shown: Shown[PlaneWalk], step: int, language: Language) -> str:
    walk = shown.walk
    at = walk.at(step)
    values = {"mean": walk.means()[at], "ci95": walk.ci95()[at], "far": walk.distance(at)}
    return _RETURN.fill(name=shown.name, step=at, **values)(language)


def _ground(walk: PlaneWalk, language: Language, theme: Theme) -> list[Path]:
    """What is there whoever walks: where goals of training lie, the start, the wind."""
    ink, angle = style.ink(theme), np.linspace(0, 2 * np.pi, 61)
    circle = np.stack((np.cos(angle), np.sin(angle)), 1)
    square = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]], float)
    goals = Path(walk.reach * (circle if walk.circle else square), _GOALS(language), ink, 1, "2 4", opacity=0.6)
    start = Path(np.zeros((1, 2)), _START(language), ink, width=0, dots=5)
    corner = np.full(2, -0.85 * walk.shown)
    blown = np.stack((corner, corner + 3 * np.array(walk.wind)))
    wind = [Path(blown, _WIND(language), ink, width=2.5, arrow=True)] if any(walk.wind) else []
    pillars = [Path(centre + RADIUS * circle, _PILLAR(language), ink, fill=True) for centre in np.array(PILLARS)]
    return [goals, *(pillars if walk.obstacles else ()), *wind, start]


def _walked(found: Sequence[Shown[PlaneWalk]], step: int, language: Language) -> list[Path]:
    """The paths, the step that is shown on top of those before it."""
    first = found[0]
    lines = [
        Path(path, _BEFORE(language), style.GREY, 1.5, "6 4", opacity=0.6) for path in _few(first.walk, 0, step > 0)
    ]
    for between in range(1, first.walk.at(step)):
        lines += [
            Path(path, _EARLIER(language), first.colour, 1.2, opacity=0.35) for path in _few(first.walk, between, True)
        ]
    for shown in reversed(found):
        at = shown.walk.at(step)
        label, dash = _NOW.fill(name=shown.name, step=at)(language), "3 3" if shown.second else ""
        lines += [
            Path(path, label, shown.colour, 1.5, dash, opacity=0.8, walked=True) for path in _few(shown.walk, at, False)
        ]
    return lines


def _few(walk: PlaneWalk, step: int, few: bool) -> Array:
    """The paths of an inner step that are drawn [P, H + 1, 2], as far as numbers go that can be."""
    return np.clip(np.nan_to_num(walk.paths[step, : FEW if few else None]), -9, 9)


def _short(points: Sequence[Sequence[float]]) -> Points:
    """At three decimals: an answer is kept by its points."""
    return tuple((round(x, 3), round(y, 3)) for x, y in points)
