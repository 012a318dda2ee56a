"""Error by region of x: where along the curve a regression run errs, before and after adaptation."""

from itertools import pairwise

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.bars import pairs
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Where it errs, before and after", "误差在哪里：适应前后")
EXPLAIN = Text(
    "The x axis is cut into regions; each pair of bars is the error of all held-out tasks in that region before (grey) and "
    "after (coloured) adaptation. The edges are usually hardest: there are points on one side only.",
    "x 轴被分成若干段；每对柱子是所有留出任务在该段上适应之前（灰色）和之后（彩色）的误差。两端通常最难：只有一侧有点。",
)


def region_error(history: History, language: Language, theme: Theme) -> go.Figure:
    """Mean squared error over all probe tasks in each region of x, from the latest probe."""
    task = history.task
    probe = history.probes[-1] if history.probes else None
    if task is None or probe is None or not probe.region_error:
        return style.waiting("regions", TITLE(language), history, language, theme)
    edges = np.asarray(task.regions)
    middles = style.numbers((edges[:-1] + edges[1:]) / 2)
    names = [f"x {low:.2g} … {high:.2g}" for low, high in pairwise(task.regions)]
    traces = pairs(history, middles, probe.region_error, names, ".3g", language)
    layout = style.layout("regions", TITLE(language), history, theme, bargap=0.2, bargroupgap=0.08)
    ticks = {
        "tickvals": style.numbers(edges),
        "tickformat": ".2~g",
        "showgrid": False,
        "zeroline": False,
        "fixedrange": True,
    }
    layout["xaxis"] = style.axis("x", range=[float(edges[0]), float(edges[-1])], **ticks)
    layout["yaxis"] = style.error_axis(
        style.ERROR(language), layout, probe.region_error[0], probe.region_error[-1], fixedrange=True
    )
    if layout["yaxis"]["type"] == "log":
        # Bars on a logarithmic axis need a floor: the power of ten below the least error.
        low, high = style.spread(probe.region_error[0], probe.region_error[-1])
        layout["yaxis"]["range"] = [float(np.floor(np.log10(low))), float(np.log10(high) + 0.1)]
    return style.made({"data": traces, "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    probe = history.probes[-1] if history.probes else None
    if history.task is None or probe is None or not probe.region_error:
        return style.WAITING(language)
    after = probe.region_error[-1]
    worst = int(np.argmax(after))
    return Text(
        "At meta-step {step}, the error is greatest for x from {low:.2g} to {high:.2g}: {before:.3g} before adaptation and {after:.3g} after.",
        "在第 {step} 个元步，误差最大的一段是 x 从 {low:.2g} 到 {high:.2g}：适应前 {before:.3g}，适应后 {after:.3g}。",
    ).fill(
        step=probe.step,
        low=history.task.regions[worst],
        high=history.task.regions[worst + 1],
        before=probe.region_error[0][worst],
        after=after[worst],
    )(language)
