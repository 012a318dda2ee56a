"""Bodies in motion: a stick figure before adaptation and after each inner step, side by side, to be played or scrubbed in time."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.fitted import chosen
from metaplay.charts.skeletons import SKELETONS, Array, Skeleton
from metaplay.charts.style import Theme
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("The same body, step by step", "同一个身体，一步一步")
EXPLAIN = Text(
    "Press Play. All bodies begin alike, and none is told the task; grey is the one that has not adapted yet, and each of the others "
    "took one more gradient step, learned from the tries before it. The picture runs along with each body. A dotted line is where one "
    "would be that ran at the goal speed from the start on; at the edge, it is further off. Shown are the first five seconds of one try; "
    "the speed beside each name is the mean of the whole try.",
    "按下播放。所有身体从同样的姿态开始，都不知道任务；灰色的尚未适应，其余每个都多走了一步梯度，只从之前的尝试中学习。"
    "画面跟随每个身体移动。点线是一开始就以目标速度奔跑的位置；贴在边缘时表示更远。这里显示一次尝试的前五秒，名字旁的速度是整次尝试的平均值。",
)
SECONDS = 0.1
"""Between two recorded poses."""
FRAMES = 51
"""Poses that are played, at most."""
ROOM = 0.6
"""Of a figure's window, which is seen beside it before the next one begins."""
_PLAY, _PAUSE = Text("Play", "播放"), Text("Pause", "暂停")
_SPEED = Text("goal: {speed:.2f} m/s", "目标：{speed:.2f} 米/秒")
_FORWARDS, _BACKWARDS = Text("goal: forwards", "目标：向前"), Text("goal: backwards", "目标：向后")
_ROD = Text("{mass:.2f} kg, {length:.2f} m", "{mass:.2f} 千克，{length:.2f} 米")


def bodies(history: History, language: Language, theme: Theme) -> go.Figure:
    """The watched task of a run whose agents have a body: a figure per inner step, and a frame per recorded time step."""
    shown = _shown(history)
    if shown is None:
        return style.waiting("bodies", TITLE(language), history, language, theme)
    figures, goal = shown
    count = min(FRAMES, figures.points.shape[1])
    frames = [{"name": f"{time * SECONDS:.1f}", "data": figures.places(time)} for time in range(count)]
    looks = [*figures.looks(history, theme)]
    traces = [{**look, **place} for look, place in zip(looks, frames[-1]["data"], strict=True)]
    layout = style.layout("bodies", f"{TITLE(language)}; {_told(goal, history)(language)}", history, theme)
    layout["margin"] = {**layout["margin"], "l": 12, "b": 64}
    layout |= figures.layout(language, theme) | _player([frame["name"] for frame in frames], language, theme)
    return style.made({"data": traces, "layout": layout, "frames": frames})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    shown = _shown(history)
    if shown is None:
        return style.WAITING(language)
    figures, goal = shown
    probe = history.probes[-1]
    if not figures.skeleton.runs:
        return Text(
            "At meta-step {step}, stick figures move before adaptation and after {steps} inner steps; the task is {goal}.",
            "第 {step} 个元步：适应前与 {steps} 个内层步后的火柴人动画；任务是 {goal}。",
        ).fill(step=probe.step, steps=probe.inner_steps[-1], goal=_told(goal, history)(language))(language)
    return Text(
        "At meta-step {step}, the body runs {first:.2f} m/s before adaptation and {last:.2f} m/s after {steps} inner steps; {goal}.",
        "在第 {step} 个元步，身体在适应前以 {first:.2f} 米/秒奔跑，{steps} 个内层步后为 {last:.2f} 米/秒；{goal}。",
    ).fill(
        step=probe.step,
        first=figures.speeds[0],
        last=figures.speeds[-1],
        steps=probe.inner_steps[-1],
        goal=_told(goal, history)(language),
    )(language)


class _Figures:
    """The figures of a probe, each in a window of its own, two in a row.

    `points` [K, time, M, 2] are where they are drawn if each window's middle is at 0; `along` [K, time] is how far each has come.
    """

    def __init__(self, skeleton: Skeleton, probe: Probe, goal: Sequence[float], pace: float | None):
        self.skeleton, self.pace = skeleton, pace
        self.steps = [probe.inner_steps[place] for place in chosen(probe.inner_steps)]
        poses = np.array([probe.poses[place] for place in chosen(probe.inner_steps)], float)
        self.points = skeleton.points(poses, goal)
        self.along = poses[..., 0] if skeleton.runs else np.zeros(poses.shape[:2])
        self.speeds = (self.along[:, -1] - self.along[:, 0]) / ((poses.shape[1] - 1) * SECONDS)
        self.points[..., 0] -= self.along[..., None]
        places = np.arange(len(self.steps))
        columns = 1 if len(places) == 1 else 2
        rows = -(-len(places) // columns)
        self.right = (places % columns) * (skeleton.wide + ROOM)
        self.up = (rows - 1 - places // columns) * (skeleton.high - skeleton.low + ROOM)

    def places(self, time: int) -> list[dict[str, Any]]:
        """Where everything is at a recorded time: the figures, then, where they run, the floor's metres and the pace."""
        corners = np.stack((self.right, self.up), -1)[:, None]
        traces = [_at(points) for points in self.points[:, time] + corners]
        if self.skeleton.runs:
            traces.append(self._floor(time))
            if self.pace is not None:
                traces.append(self._pace(time))
        return traces

    def looks(self, history: History, theme: Theme) -> list[dict[str, Any]]:
        """What the traces of `places` look like."""
        strong, ink = style.colour(history), style.ink(theme)
        common = {"type": "scatter", "hoverinfo": "skip", "showlegend": False}
        looks = []
        for rank, steps in enumerate(self.steps):
            colour = style.GREY if steps == 0 else style.faded(strong, (rank + 1) / len(self.steps))
            look = {"uid": f"body-{steps}", "mode": "lines", "line": {"color": colour, "width": 4}}
            looks.append({**common, **look})
        marker = {"symbol": "line-ns", "size": 7, "line": {"width": 1.5, "color": style.GREY}}
        looks.append({**common, "uid": "floor", "mode": "markers", "marker": marker})
        looks.append({**common, "uid": "pace", "mode": "lines", "line": {"color": ink, "width": 1.5, "dash": "dot"}})
        return looks[: len(self.places(0))]

    def layout(self, language: Language, theme: Theme) -> dict[str, Any]:
        """Axes that show all windows, names above them, and floors."""
        half, low, high = self.skeleton.wide / 2, self.skeleton.low, self.skeleton.high
        names = []
        for steps, speed, right, up in zip(self.steps, self.speeds, self.right, self.up, strict=True):
            name = (style.BEFORE if steps == 0 else style.after(steps))(language)
            text = f"{name}: {speed:.2f} m/s" if self.skeleton.runs else name
            names.append({"x": right - half, "y": up + high, "text": text, "xanchor": "left", "yanchor": "bottom"})
        floors = [
            {"type": "line", "x0": right - half, "x1": right + half, "y0": up, "y1": up}
            for right, up in zip(self.right, self.up, strict=True)
            if self.skeleton.runs
        ]
        hidden = {"visible": False, "fixedrange": True, "constrain": "domain"}
        return {
            "annotations": [{**name, "showarrow": False, "font": {"size": 11}} for name in names],
            "shapes": [{**floor, "line": {"color": style.GREY, "width": 1}} for floor in floors],
            "xaxis": {**hidden, "range": [-half, float(self.right.max()) + half]},
            "yaxis": {**hidden, "range": [low, float(self.up.max()) + high + ROOM / 2], "scaleanchor": "x"},
        }

    def _floor(self, time: int) -> dict[str, Any]:
        """The whole metres of the floor that are in the windows: always as many marks, so that each goes on as itself."""
        half = self.skeleton.wide / 2
        first = np.ceil(self.along[:, time] - half)[:, None] + np.arange(int(self.skeleton.wide) + 1)
        off = first - self.along[:, time, None]
        x = np.where(off <= half, self.right[:, None] + off, np.nan)
        y = np.broadcast_to(self.up[:, None], x.shape)
        return {"x": _short(x.ravel()), "y": _short(y.ravel())}

    def _pace(self, time: int) -> dict[str, Any]:
        """Where one would be that ran at the goal speed from the start on, at the edge where that is outside."""
        half = self.skeleton.wide / 2
        ahead = self.along[:, 0] + (self.pace or 0.0) * time * SECONDS - self.along[:, time]
        x = self.right + ahead.clip(-half, half)
        x, y = np.repeat(x, 3), np.stack((self.up, self.up + self.skeleton.high, self.up + np.nan), -1).ravel()
        return {"x": _short(x), "y": _short(y)}


def _shown(history: History) -> tuple[_Figures, list[float]] | None:
    config, task, probe = history.config, history.task, history.probes[-1] if history.probes else None
    if config is None or task is None or probe is None or not probe.poses or config.family not in SKELETONS:
        return None
    pace = task.goal[0] if config.family == "cheetah-vel" else None
    return _Figures(SKELETONS[config.family], probe, task.goal, pace), task.goal


def _told(goal: Sequence[float], history: History) -> Text:
    """The task in words."""
    family = history.config.family if history.config else ""
    if family == "pendulum":
        return _ROD.fill(mass=goal[0], length=goal[1])
    if family == "cheetah-dir":
        return _FORWARDS if goal[0] > 0 else _BACKWARDS
    return _SPEED.fill(speed=goal[0])


def _player(names: list[str], language: Language, theme: Theme) -> dict[str, Any]:
    """Buttons that play and pause, and a slider over the recorded times (whose frames have these names, in seconds)."""
    real = {"frame": {"duration": 1000 * SECONDS, "redraw": False}, "transition": {"duration": 0}}
    still = {"frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}, "mode": "immediate"}
    buttons = [
        {"label": f"▶ {_PLAY(language)}", "method": "animate", "args": [None, {**real, "mode": "immediate"}]},
        {"label": _PAUSE(language), "method": "animate", "args": [[None], still]},
    ]
    steps = [{"label": name, "method": "animate", "args": [[name], still]} for name in names]
    place = {"y": 0.0, "xanchor": "left", "yanchor": "top"}
    font = {"size": 11, "color": style.ink(theme)}
    return {
        "updatemenus": [
            {
                "type": "buttons",
                "direction": "left",
                "buttons": buttons,
                "pad": {"t": 10, "r": 0},
                "showactive": False,
                "bgcolor": "rgba(128,128,128,0.15)",
                "font": font,
                "x": 0.0,
                **place,
            }
        ],
        "sliders": [
            {
                "steps": steps,
                "active": len(names) - 1,
                "currentvalue": {"suffix": " s", "font": font},
                "font": {"size": 1, "color": "rgba(0,0,0,0)"},
                "ticklen": 0,
                "minorticklen": 0,
                "pad": {"t": 2, "l": 4, "r": 4},
                "x": 0.46,
                "len": 0.54,
                **place,
            }
        ],
    }


def _at(points: Array) -> dict[str, Any]:
    return {"x": _short(points[:, 0]), "y": _short(points[:, 1])}


def _short(values: np.ndarray) -> list[float | None]:
    """To the centimetre."""
    return [round(value, 2) if np.isfinite(value) else None for value in values.tolist()]
