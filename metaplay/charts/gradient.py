"""The length of the meta-gradient, step by step: how hard the starting point is pulled, and whether training is calm."""

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import along, changes, style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("How hard the starting point is pulled", "起点受到多大的拉力")
EXPLAIN = Text(
    "The Euclidean length of the meta-gradient at every meta-step (for Reptile: of the mean way from the starting point to the "
    "adapted weights). The shaded range holds 80 % of the steps. High spikes mean that single tasks pull much harder than others; "
    "a line that climbs without end is a run about to diverge: a lower inner or outer rate calms it.",
    "每个元步中元梯度的欧氏长度（Reptile 则为从起点到适应后权重的平均位移）。阴影范围包含 80% 的步。很高的尖峰表示个别任务的拉力远大于其他任务；"
    "持续上升的曲线意味着训练即将发散：降低内层或外层学习率可以使其平稳。",
)
_UNIT = Text("length of the meta-gradient", "元梯度的长度")


def gradient_norm(history: History, language: Language, theme: Theme) -> go.Figure:
    """The gradient norm of every meta-step, on a logarithmic axis where it spans much."""
    steps, norms = (np.asarray(history.progress[name], float) for name in ("step", "grad_norm"))
    if not steps.size:
        return style.waiting("gradient", TITLE(language), history, language, theme)
    colour, layout = style.colour(history), along.layout("gradient", TITLE(language), history, language, theme)
    low, high = np.quantile(style.binned(norms), [0.1, 0.9], axis=1)
    places, _ = style.decimate(steps, norms)
    band = style.band("gradient-band", places.astype(int).tolist(), low, high, style.clear(colour, 0.15))
    layout["yaxis"] = style.error_axis(_UNIT(language), layout, norms)
    return style.made({"data": [band, along.line("gradient", _UNIT(language), steps, norms, colour)], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    norms = history.progress["grad_norm"]
    if not norms:
        return style.WAITING(language)
    return Text(
        "At meta-step {step} the meta-gradient is {now:.3g} long; its median over the run is {median:.3g}.",
        "在第 {step} 个元步，元梯度的长度为 {now:.3g}；整个训练的中位数为 {median:.3g}。",
    ).fill(step=history.step, now=norms[-1], median=float(np.median(norms)))(language) + changes.said(history, language)
