"""The plane: where agents walk before they adapt to a goal and after each inner step (Finn et al. 2017, figure 4, left)."""

from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.fitted import chosen
from metaplay.charts.style import Theme
from metaplay.config.pillars import PILLARS, RADIUS
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Each step turns the paths to the goal", "每一步都让路径转向目标")
EXPLAIN = Text(
    "All agents start in the middle and are not told where the goal (star) is: they only get less reward the farther from it they "
    "are. Dashed grey is how they wander before they adapt; each stronger colour is one more gradient step, learned from the "
    "tries before it. The goal is one that training never used. Grey discs, where there are any, are pillars to be slid along.",
    "所有智能体都从中心出发，并不知道目标（星号）在哪里：离目标越远，得到的回报越少。灰色虚线是适应前的游走；"
    "颜色越深表示多走了一步梯度，且只从之前的尝试中学习。训练从未用过这个目标。灰色圆盘（若有）是只能沿边滑过的柱子。",
)
_GOAL, _START = Text("goal", "目标"), Text("start", "起点")
REACH = 0.85
"""The plane is shown from -REACH to REACH; goals lie within 0.5."""


def plane(history: History, language: Language, theme: Theme) -> go.Figure:
    """The watched task of a run that learns to act: goal, start and a few paths per inner step."""
    task, probe = history.task, history.probes[-1] if history.probes else None
    if task is None or probe is None or not probe.path_x:
        return style.waiting("plane", TITLE(language), history, language, theme)
    ink = style.ink(theme)
    start = _point("start", _START(language), (0.0, 0.0), {"color": ink, "size": 8, "symbol": "circle-open"})
    goal = _point("goal", _GOAL(language), task.goal, {"color": ink, "size": 15, "symbol": "star"})
    layout = style.layout("plane", TITLE(language), history, theme)
    layout["xaxis"] = style.axis("x", range=[-REACH, REACH], constrain="domain")
    layout["yaxis"] = style.axis("y", range=[-REACH, REACH], scaleanchor="x", constrain="domain")
    layout["shapes"] = _pillars(history)
    traces = [*_paths(history, probe, language), start, goal]
    return style.made({"data": [{"type": "scatter", **trace} for trace in traces], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    task, probe = history.task, history.probes[-1] if history.probes else None
    if task is None or probe is None or not probe.path_x:
        return style.WAITING(language)
    first, last = (_distance(probe, step, task.goal) for step in (0, -1))
    return Text(
        "At meta-step {step}, agents end {first:.2g} from the goal at ({x:.2f}, {y:.2f}) before adaptation and {last:.2g} from it after {steps} inner steps.",
        "在第 {step} 个元步，智能体的终点到目标 ({x:.2f}, {y:.2f}) 的距离在适应前为 {first:.2g}，{steps} 个内层步后为 {last:.2g}。",
    ).fill(step=probe.step, first=first, last=last, x=task.goal[0], y=task.goal[1], steps=probe.inner_steps[-1])(
        language
    )


def _distance(probe: Probe, step: int, goal: list[float]) -> float:
    """Mean distance from the goal to where the paths after an inner step end."""
    ends = [(x[-1], y[-1]) for x, y in zip(probe.path_x[step], probe.path_y[step], strict=True)]
    return sum(((x - goal[0]) ** 2 + (y - goal[1]) ** 2) ** 0.5 for x, y in ends) / len(ends)


def _point(uid: str, name: str, place: Any, marker: dict[str, Any]) -> dict[str, Any]:
    return {"uid": uid, "name": name, "x": [place[0]], "y": [place[1]], "mode": "markers", "marker": marker}


def _pillars(history: History) -> list[dict[str, Any]]:
    if not (history.config and history.config.obstacles):
        return []
    ends = [{"x0": x - RADIUS, "x1": x + RADIUS, "y0": y - RADIUS, "y1": y + RADIUS} for x, y in PILLARS]
    return [{"type": "circle", "fillcolor": style.GREY, "opacity": 0.5, "line": {"width": 0}, **end} for end in ends]


def _paths(history: History, probe: Probe, language: Language) -> list[dict[str, Any]]:
    """A trace an inner step, its paths one after the other with gaps between."""
    places, strong = chosen(probe.inner_steps), style.colour(history)
    traces = []
    for rank, place in enumerate(places):
        steps, share = probe.inner_steps[place], rank / (len(places) - 1 or 1)
        before, last = steps == 0, place == places[-1]
        traces.append(
            {
                "uid": f"path-{steps}",
                "name": (style.BEFORE if before else style.after(steps))(language),
                "x": _joined(probe.path_x[place]),
                "y": _joined(probe.path_y[place]),
                "mode": "lines",
                "opacity": 0.8 if before else 1 if last else 0.3 + 0.5 * share,
                "line": {
                    "color": style.GREY if before else strong,
                    "dash": "dash" if before else "solid",
                    "width": 2.5 if last and not before else 1.5,
                },
            }
        )
    return traces


def _joined(paths: list[list[float]]) -> list[float | None]:
    return [value for path in paths for value in (*style.numbers(path), None)][:-1]
