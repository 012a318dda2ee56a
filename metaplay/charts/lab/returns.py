"""What each inner step gains on a task to act in: the return of the trajectories that each policy walks."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown, inner_steps, layout, step_mark
from metaplay.charts.style import Theme
from metaplay.charts.trajectory import trained_mark
from metaplay.text import Language, Text
from metaplay.walks import PolicyWalk

TITLE = Text("What each inner step gains on this task", "每个内层步在这个任务上的收获")
EXPLAIN = Text(
    "Higher is better: the return is the sum of a trajectory's rewards. Each point is the mean over the trajectories of the policy after "
    "so many inner steps, the band its 95 % confidence interval; from these very trajectories the next step is taken. The dotted line is "
    "what one who is told the task gets at best. The upright line is the step that all figures of this page show. Steps after the first "
    "are half as long, as in the paper; noise in the trajectories may let one of them go wrong.",
    "越高越好：回报是一条轨迹上奖励的总和。每个点是若干内层步之后策略各条轨迹的平均值，色带为其 95% 置信区间；下一步正是从这些轨迹中学得。"
    "点线是被告知任务者最多能得到的回报。竖线是本页所有图所显示的步。第一步之后的步长减半，与论文相同；轨迹中的噪声可能让其中某一步走偏。",
)
_RETURN, _ORACLE = Text("return", "回报"), Text("told the task", "被告知任务")
_ALT = Text(
    "{name}: a return of {first:.3g} before adaptation, {now:.3g} ± {ci95:.2g} after inner step {step}, {last:.3g} after inner step {end}.",
    "{name}：适应前的回报为 {first:.3g}，第 {step} 个内层步后为 {now:.3g} ± {ci95:.2g}，第 {end} 步后为 {last:.3g}。",
)
_TOLD = Text("Told the task, one gets {oracle:.3g}.", "被告知任务者的回报为 {oracle:.3g}。")


def returns(found: Sequence[Shown[PolicyWalk]], step: int, language: Language, theme: Theme) -> go.Figure:
    """Mean return and its CI95 against the inner step, with a mark at `step`."""
    first = found[0].walk
    last = max(shown.walk.last for shown in found)
    drawn = layout("lab-returns", TITLE(language), theme, last)
    drawn["xaxis"] = inner_steps(last, language)
    drawn["yaxis"] = style.axis(_RETURN(language), range=_range(found), fixedrange=True, zeroline=False)
    marks, labels = trained_mark(first.trained, last, language) if first.trained is not None else ([], [])
    marks.append(step_mark(step, theme))
    traces = [*_oracle(first, last, language), *(trace for shown in found for trace in _lines(shown, step))]
    return style.made({"data": traces, "layout": {**drawn, "shapes": marks, "annotations": labels}})


def alt(found: Sequence[Shown[PolicyWalk]], step: int, language: Language) -> str:
    """The figure in a sentence a walk."""
    told = []
    for shown in found:
        walk, at = shown.walk, shown.walk.at(step)
        mean = walk.means()
        values = {"first": mean[0], "now": mean[at], "ci95": walk.ci95()[at], "last": mean[-1]}
        told.append(_ALT.fill(name=shown.name, step=at, end=walk.last, **values)(language))
    oracle = found[0].walk.oracle
    return " ".join([*told, _TOLD.fill(oracle=oracle)(language)] if oracle is not None else told)


def _range(found: Sequence[Shown[PolicyWalk]]) -> list[float]:
    """From the lowest to the highest that is drawn, with room for a label above."""
    ends = [shown.walk.means() + sign * np.nan_to_num(shown.walk.ci95()) for shown in found for sign in (-1, 1)]
    values = np.concatenate([*ends, [shown.walk.oracle or np.nan for shown in found]])
    low, high = (float(end(values[np.isfinite(values)], initial=0.0)) for end in (np.min, np.max))
    return [low - 0.06 * (high - low), high + 0.16 * (high - low)]


def _oracle(walk: PolicyWalk, last: int, language: Language) -> list[dict[str, Any]]:
    if walk.oracle is None:
        return []
    line = {
        "type": "scatter",
        "uid": "oracle",
        "name": _ORACLE(language),
        "x": [0, last],
        "y": style.numbers([walk.oracle, walk.oracle]),
        "mode": "lines",
        "line": {"color": style.GREY, "dash": "dot", "width": 2},
    }
    return [line]


def _lines(shown: Shown[PolicyWalk], step: int) -> list[dict[str, Any]]:
    mean, ci95, steps = shown.walk.means(), shown.walk.ci95(), np.arange(shown.walk.last + 1)
    at, key = shown.walk.at(step), "second" if shown.second else "first"
    marker = {"symbol": shown.symbol, "size": 8, "color": shown.colour}
    line = {"type": "scatter", "marker": marker}
    return [
        style.band(f"{key}-ci95", steps.tolist(), mean - ci95, mean + ci95, style.clear(shown.colour, 0.18)),
        {
            **line,
            "uid": f"{key}-return",
            "name": shown.name,
            "x": steps.tolist(),
            "y": style.numbers(mean),
            "mode": "lines+markers",
            "line": {"color": shown.colour, "width": 3, "dash": shown.dash},
        },
        {
            **line,
            "uid": f"{key}-now",
            "x": [at],
            "y": style.numbers([mean[at]]),
            "mode": "markers",
            "marker": {**marker, "size": 14},
            "showlegend": False,
            "hoverinfo": "skip",
        },
    ]
