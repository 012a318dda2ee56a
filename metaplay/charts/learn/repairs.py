"""MAML++'s six repairs (Antoniou et al. 2019, section 4), each as two panels: MAML as it was, and repaired.

MSL, DA and CA are drawn by the schedules that training uses; LSLR, BNRS and BNWB by a small example with numbers of its own.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.learn import quadratic as plane
from metaplay.charts.style import Theme
from metaplay.config import EPOCHS
from metaplay.config.schedules import DA_EPOCHS, MSL_EPOCHS, cosine_rate, multi_step_weights
from metaplay.history import History
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text

Trace = dict[str, Any]
STEPS = 5
"""Inner steps in these pictures, as in the authors' experiments."""
_COLOUR = ALGORITHMS["mamlpp"].colour
_EPOCH, _BEFORE, _AFTER = Text("epoch", "轮次"), Text("MAML", "MAML"), Text("repaired", "改进后")


@dataclass(frozen=True)
class Repair:
    """One of the six: its field of the configuration, and its picture's title, axes, words and panels.

    `panels` gives the traces before and after; those of one number of inner steps look alike. `ranges`: of x and y, where fixed.
    """

    title: Text
    x: Text
    y: Text
    alt: Text
    panels: Callable[[Language], tuple[list[Trace], list[Trace]]]
    axes: dict[str, dict[str, Any]]


def figure(name: str, language: Language, theme: Theme) -> go.Figure:
    """The two panels of a repair, side by side with the same axes."""
    repair = REPAIRS[name]
    before, after = repair.panels(language)
    named: set[str] = set()
    traces = []
    for panel, group in (("", before), ("2", after)):
        for trace in group:
            shown = "name" in trace and trace["name"] not in named
            named.add(trace.get("name", ""))
            group_of = {"legendgroup": trace.get("name", ""), "showlegend": shown}
            uid = f"{name}{panel}-{len(traces)}"
            traces.append(
                {"type": "scatter", "mode": "lines", "uid": uid, "xaxis": f"x{panel}", "yaxis": f"y{panel}"}
                | trace
                | group_of
            )
    layout = style.layout(f"repair-{name}", repair.title(language), History(), theme)
    layout["margin"] = {**layout["margin"], "t": 64, "b": 96}
    fixed = {"fixedrange": True}
    layout["xaxis"] = style.axis(repair.x(language), domain=[0, 0.47], **fixed, **repair.axes.get("x", {}))
    layout["xaxis2"] = style.axis(
        repair.x(language), domain=[0.53, 1], anchor="y2", **fixed, **repair.axes.get("x", {})
    )
    layout["yaxis"] = style.axis(repair.y(language), **fixed, **repair.axes.get("y", {}))
    layout["yaxis2"] = style.axis("", matches="y", anchor="x2", showticklabels=False, **fixed)
    layout["annotations"] = [
        _heading(_BEFORE(language), 0, style.ink(theme)),
        _heading(f"{_AFTER(language)}: {name.upper()}", 0.53, style.ink(theme)),
    ]
    return style.made({"data": traces, "layout": layout})


def _heading(text: str, x: float, ink: str) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": x, "y": 1.01, "xanchor": "left", "yanchor": "bottom"}
    return {"text": f"<b>{text}</b>", "showarrow": False, "font": {"size": 13, "color": ink}, **place}


def _step_look(step: int, language: Language, last: int = STEPS) -> Trace:
    """The look of an inner step: paler and dashed early, strong and solid last."""
    dash = "solid" if step == last else ("dot", "dash", "dashdot", "longdash", "longdashdot")[step % 5]
    name = Text(f"step {step}", f"第 {step} 步")(language)
    return {
        "name": name,
        "line": {"color": style.faded(_COLOUR, step / last), "width": 3 if step == last else 2, "dash": dash},
    }


def _msl(language: Language) -> tuple[list[Trace], list[Trace]]:
    """All steps but the last have the same weight, and so one line."""
    epochs = list(range(16))
    weights = [
        multi_step_weights(STEPS, epoch) if epoch < MSL_EPOCHS else [0.0] * (STEPS - 1) + [1.0] for epoch in epochs
    ]
    earlier, last = _step_look(2, language), _step_look(STEPS, language)
    earlier["name"] = Text(f"steps 1 to {STEPS - 1}, each", f"第 1 至 {STEPS - 1} 步，每步")(language)
    before = [{**earlier, "x": epochs, "y": [0.0] * len(epochs)}, {**last, "x": epochs, "y": [1.0] * len(epochs)}]
    after = [
        {**earlier, "x": epochs, "y": [row[0] for row in weights]},
        {**last, "x": epochs, "y": [row[-1] for row in weights]},
    ]
    return before, after


def _lslr(language: Language) -> tuple[list[Trace], list[Trace]]:
    """Four steps in a bowl thirteen times steeper up than along: at one rate, and at a rate for each direction."""
    start, curvature = np.array([-2.2, 0.9]), np.diag([0.15, 2.0])
    rings = [plane.ring(curvature, level) for level in (0.04, 0.15, 0.35, 0.65)]
    line = {"color": style.GREY, "width": 1}
    bowl: list[Trace] = [
        {"x": style.numbers(ring[:, 0]), "y": style.numbers(ring[:, 1]), "line": line, "hoverinfo": "skip"}
        for ring in rings
    ]
    panels = []
    for rates in (np.array([0.8, 0.8]), np.array([2.6, 0.4])):
        path = [start]
        for _ in range(4):
            path.append(path[-1] - rates * (curvature @ path[-1]))
        places = np.stack(path)
        walk: Trace = {
            "name": Text("inner steps", "内层步")(language),
            "x": style.numbers(places[:, 0]),
            "y": style.numbers(places[:, 1]),
            "mode": "lines+markers",
            "line": {"color": _COLOUR, "width": 3},
            "marker": {"symbol": ALGORITHMS["mamlpp"].symbol, "size": 9},
        }
        panels.append([*bowl, walk])
    return panels[0], panels[1]


def _da(language: Language) -> tuple[list[Trace], list[Trace]]:
    name = Text("order of the meta-gradient", "元梯度的阶")(language)
    line = {"color": _COLOUR, "width": 3, "shape": "hv"}
    after = {"name": name, "x": [0, DA_EPOCHS, EPOCHS], "y": [1, 2, 2], "line": line}
    return [{**after, "x": [0, EPOCHS], "y": [2, 2], "line": {**line, "color": style.GREY, "dash": "dash"}}], [after]


def _bnrs(language: Language) -> tuple[list[Trace], list[Trace]]:
    """Activations whose mean and spread drift from step to step, divided by common running statistics, and by the step's own."""
    means, spreads = np.linspace(-1.6, 1.6, STEPS + 1), np.linspace(0.6, 1.4, STEPS + 1)
    x = np.linspace(-4, 4, 121)
    common = means.mean(), np.sqrt((spreads**2).mean())
    before, after = [], []
    for step, (mean, spread) in enumerate(zip(means.tolist(), spreads.tolist(), strict=True)):
        look = _step_look(step, language)
        seen = (mean - common[0]) / common[1], spread / common[1]
        before.append({**look, "x": style.numbers(x), "y": style.numbers(_bell(x, *seen))})
        after.append({**look, "x": style.numbers(x), "y": style.numbers(_bell(x, 0, 1))})
    return before, after


def _bell(x: Any, mean: float, spread: float) -> Any:
    return np.exp(-(((x - mean) / spread) ** 2) / 2) / (spread * np.sqrt(2 * np.pi))


def _bnwb(language: Language) -> tuple[list[Trace], list[Trace]]:
    x = np.array([-2.0, 2.0])
    scales, shifts = np.linspace(0.5, 1.5, STEPS + 1), np.linspace(0.6, -0.6, STEPS + 1)
    before, after = [], []
    for step, (scale, shift) in enumerate(zip(scales.tolist(), shifts.tolist(), strict=True)):
        look = _step_look(step, language)
        before.append({**look, "x": style.numbers(x), "y": style.numbers(x)})
        after.append({**look, "x": style.numbers(x), "y": style.numbers(scale * x + shift)})
    return before, after


def _ca(language: Language) -> tuple[list[Trace], list[Trace]]:
    epochs = list(range(EPOCHS + 1))
    name = Text("outer learning rate", "外层学习率")(language)
    flat = {
        "name": name,
        "x": epochs,
        "y": [1e-3] * len(epochs),
        "line": {"color": style.GREY, "dash": "dash", "width": 3},
    }
    falling = {
        **flat,
        "y": style.numbers([cosine_rate(1e-3, epoch) for epoch in epochs]),
        "line": {"color": _COLOUR, "width": 3},
    }
    return [flat], [falling]


REPAIRS: dict[str, Repair] = {
    "msl": Repair(
        Text("How much each inner step's loss counts", "每个内层步的损失占多少权重"),
        _EPOCH,
        Text("weight in the meta-loss", "在元损失中的权重"),
        Text(
            "Left: only the last of five inner steps has a weight. Right: all five start equal and fade to the last within ten epochs.",
            "左：五个内层步中只有最后一步有权重。右：五步起初相等，十轮内逐渐只剩最后一步。",
        ),
        _msl,
        {"y": {"range": [-0.04, 1.08]}},
    ),
    "lslr": Repair(
        Text("Four inner steps in a narrow valley", "狭窄山谷中的四个内层步"),
        Text("a weight of one layer", "某一层的权重"),
        Text("a weight of another layer", "另一层的权重"),
        Text(
            "Left: with one rate the steps jump from wall to wall and hardly move along the valley. Right: with a rate of their own for"
            " each direction they reach its bottom.",
            "左：只有一个学习率时，步子在两壁间来回跳，几乎不沿山谷前进。右：每个方向各有学习率，直达谷底。",
        ),
        _lslr,
        {"x": {"range": [-3, 3]}, "y": {"range": [-1.2, 1.2]}},
    ),
    "da": Repair(
        Text("Which meta-gradient is used", "使用哪一种元梯度"),
        _EPOCH,
        Text("", ""),
        Text(
            "Left: the exact meta-gradient throughout. Right: first order for the first 50 of 100 epochs, exact after that.",
            "左：始终使用精确元梯度。右：100 轮中前 50 轮用一阶，之后用精确元梯度。",
        ),
        _da,
        {"y": {"range": [0.6, 2.4], "tickvals": [1, 2], "ticktext": ["1", "2"]}},
    ),
    "bnrs": Repair(
        Text("Activations after normalisation, step by step", "归一化之后的激活值，逐步"),
        Text("normalised activation", "归一化后的激活值"),
        Text("density", "密度"),
        Text(
            "Left: divided by statistics common to all steps, the activations of early and late steps are off centre. Right: with"
            " statistics of each step's own, all are centred with spread one.",
            "左：用各步共用的统计量归一化，早期和晚期的激活值偏离中心。右：每步用自己的统计量，全部居中且方差为一。",
        ),
        _bnrs,
        {"x": {"range": [-4, 4]}},
    ),
    "bnwb": Repair(
        Text("What scale and shift make of an activation", "缩放与平移如何改变激活值"),
        Text("normalised activation", "归一化后的激活值"),
        Text("what the next layer sees", "下一层看到的值"),
        Text(
            "Left: one scale and shift for all inner steps, so all lines coincide. Right: a line of its own for each step.",
            "左：所有内层步共用一组缩放与平移，各线重合。右：每一步各有一条线。",
        ),
        _bnwb,
        {},
    ),
    "ca": Repair(
        Text("The outer learning rate over a run", "一次训练中的外层学习率"),
        _EPOCH,
        Text("outer learning rate", "外层学习率"),
        Text(
            "Left: the outer rate stays at 0.001. Right: it falls along half a cosine to a hundredth of that.",
            "左：外层学习率保持 0.001。右：沿半个余弦降到其百分之一。",
        ),
        _ca,
        {"y": {"range": [0, 1.1e-3], "tickformat": ".1e", "nticks": 4}},
    ),
}
"""The six, by their field of RunConfig."""
