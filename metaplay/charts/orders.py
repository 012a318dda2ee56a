"""First against second order: the angle between the exact meta-gradient and the one that leaves out second derivatives."""

import math

import plotly.graph_objects as go

from metaplay.charts import along, changes, style
from metaplay.charts.style import Theme
from metaplay.config import RunConfig
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text

TITLE = Text("What first order leaves out", "一阶近似丢掉了什么")
EXPLAIN = Text(
    "MAML's meta-gradient goes through the inner steps and needs second derivatives; FOMAML's leaves them out. Both are computed "
    "here at the same starting point on the same held-out tasks, whichever of them the run uses, and drawn is the angle between "
    "them: 0° means that they point the same way and second derivatives bring nothing; at 90° the first-order step has nothing "
    "to do with the exact one. Late in a run both are short, as the tasks pull in opposite ways, and what is left of them differs more.",
    "MAML 的元梯度要穿过内层步求导，需要二阶导数；FOMAML 则把它们丢掉。这里在同一个起点、同样的留出任务上同时计算两者（不论训练用的是哪一个），"
    "画出它们之间的夹角：0° 表示方向相同，二阶导数没有作用；90° 表示一阶的方向与精确方向毫无关系。训练后期，各任务的拉力相互抵消，两者都很短，剩下的部分差别更大。",
)
_UNIT = Text("angle between the two (degrees)", "两者的夹角（度）")


def compares(config: RunConfig) -> bool:
    """Whether the algorithm has a meta-gradient of adapted weights, in which the two can differ, and it is measured."""
    algorithm = ALGORITHMS[config.algorithm]
    gradients = algorithm.meta_trains and algorithm.inner_gradients > 0 and algorithm.outer_gradients > 0
    return gradients and FAMILIES[config.family].kind != "control"


def order_angle(history: History, language: Language, theme: Theme) -> go.Figure:
    """The angle at every probe, 0 to at least 90 degrees."""
    steps, angles = _angles(history)
    if not angles or history.config is None:
        return style.waiting("orders", TITLE(language), history, language, theme)
    layout = along.layout("orders", TITLE(language), history, language, theme)
    layout["yaxis"] = style.axis(_UNIT(language), range=[0, max(92, *angles)], tickvals=[0, 30, 60, 90, 120, 150, 180])
    marker = {"symbol": ALGORITHMS[history.config.algorithm].symbol, "size": 6, "maxdisplayed": 24}
    trace = along.line(
        "orders", _UNIT(language), steps, angles, style.colour(history), mode="lines+markers", marker=marker
    )
    return style.made({"data": [trace], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    steps, angles = _angles(history)
    if not angles:
        return style.WAITING(language)
    return Text(
        "At meta-step {step} the exact and the first-order meta-gradient are {now:.0f}° apart; at first they were {first:.0f}°.",
        "在第 {step} 个元步，精确元梯度与一阶元梯度的夹角为 {now:.0f}°；最初为 {first:.0f}°。",
    ).fill(step=steps[-1], now=angles[-1], first=angles[0])(language) + changes.said(history, language)


def _angles(history: History) -> tuple[list[int], list[float]]:
    """The probes that measured it, and the angle in degrees."""
    found = [
        (probe.step, math.degrees(math.acos(max(-1.0, min(1.0, probe.order_cosine)))))
        for probe in history.probes
        if probe.order_cosine is not None and math.isfinite(probe.order_cosine)
    ]
    return [step for step, _ in found], [angle for _, angle in found]
