"""Which layers adapt: how far each layer moves from the starting point at each inner step."""

import math

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Which layers adapt", "哪些层在适应")
EXPLAIN = Text(
    "Each cell is a layer (row, the input at the top) after so many inner steps (column): how far its weights have moved from the "
    "starting point, in per cent of their own size, mean over held-out tasks. A pale row is a layer that all tasks share as it "
    "is; a strong one is learned anew for each task. ANIL's claim is that the last row is the only one that has to move. An "
    "empty row starts at zero, so that its change has no measure.",
    "每个格子是某一层（行，最上为输入层）在若干内层步（列）之后：其权重离起点移动了多远，以自身大小的百分比表示，在留出任务上取平均。"
    "浅色的行是所有任务原样共用的层；深色的行则针对每个任务重新学习。ANIL 的观点是只有最后一行需要移动。空白的行从零开始，无法计算相对变化。",
)


def layer_change(history: History, language: Language, theme: Theme) -> go.Figure:
    """Relative change of the latest probe as a heat map, layers down and inner steps across."""
    probe = _latest(history)
    if probe is None:
        return style.waiting("layers", TITLE(language), history, language, theme)
    rows = [style.numbers(changes[1:]) for changes in probe.layer_change.values()]
    known = [value for row in rows for value in row if value is not None]
    layout = style.layout("layers", TITLE(language), history, theme)
    layout["margin"] = {**layout["margin"], "b": 48}
    ticks = {"type": "category", "showgrid": False, "zeroline": False, "fixedrange": True}
    layout["xaxis"] = style.axis(style.INNER_STEP(language), **ticks)
    layout["yaxis"] = style.axis("", autorange="reversed", **ticks)
    trace = {
        "type": "heatmap",
        "uid": "layers",
        "x": [str(step) for step in probe.inner_steps[1:]],
        "y": list(probe.layer_change),
        "z": rows,
        "zmin": 0,
        "zmax": _reach(max(known, default=0)),
        "colorscale": [[0, "#3A424D" if theme == "dark" else "#F1F1EE"], [1, style.colour(history)]],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "text": [["" if value is None else f"{value:.1%}" for value in row] for row in rows],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}, %{x}: %{z:.2%}<extra></extra>",
    }
    return style.made({"data": [trace], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The heat map in one sentence."""
    probe = _latest(history)
    if probe is None:
        return style.WAITING(language)
    shares = ", ".join(
        f"{layer} {changes[-1]:.1%}" for layer, changes in probe.layer_change.items() if math.isfinite(changes[-1])
    )
    return Text(
        "At meta-step {step}, after {steps} inner steps the layers have moved, in per cent of their size: {shares}.",
        "在第 {step} 个元步，{steps} 个内层步之后各层移动了自身大小的：{shares}。",
    ).fill(step=probe.step, steps=probe.inner_steps[-1], shares=shares)(language)


def _latest(history: History) -> Probe | None:
    probe = history.probes[-1] if history.probes else None
    return probe if probe and probe.layer_change else None


def _reach(most: float) -> float:
    """The end of the colours: the next power of two, so that they seldom change meaning while the run goes on."""
    return 2.0 ** math.ceil(math.log2(most)) if most > 0 else 1.0
