"""What more of something costs: metaplay's time and memory of a meta-step against meta-batch, ways, inner steps and width."""

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.measured import SCALED, Row, scaling
from metaplay.text import Language, Text

TITLE = Text("What more of it costs", "增大规模的代价")
EXPLAIN = Text(
    "Four quantities were made larger, one at a time, from the smallest value measured. To the right: how many times as large. Up: how many "
    "times the time (above) and the memory (below) of a meta-step. The dotted line is what grows in step: above it, twice as much costs "
    "more than twice; below it, less. A layer has width x width weights, so a wide network costs more than in step. Memory goes flat where "
    "tasks are worked on in parts that fit the processor's cache.",
    "四个量分别从测得的最小值开始单独增大。横轴：放大的倍数。纵轴：一个元步的时间（上）和内存（下）变为几倍。点线表示同比增长：在其上方，加倍的代价"
    "超过两倍；在其下方，则不到两倍。每层有宽度×宽度个权重，所以宽网络的代价增长快于同比。当任务分批处理以放入处理器缓存时，内存曲线变平。",
)
_LARGER, _TIME, _MEMORY = (
    Text("times as large", "放大倍数"),
    Text("times the time", "时间倍数"),
    Text("memory", "内存倍数"),
)
_LINEAR = Text("in step", "同比")
_SAID = Text(
    "{name} from {first} to {last}: {time:.3g} times the time, {memory:.3g} times the memory",
    "{name}从 {first} 到 {last}：时间 {time:.3g} 倍，内存 {memory:.3g} 倍",
)
LOOKS = {
    "meta_batch": ("#0072B2", "circle", "solid"),
    "way": ("#D55E00", "square", "dash"),
    "inner_steps": ("#009E73", "diamond", "dashdot"),
    "width": ("#CC79A7", "triangle-up", "longdash"),
}
_LEAST = 1e5
"""Bytes: a growth too small to be told from noise counts as this."""


def lines(rows: list[Row], language: Language, theme: Theme) -> go.Figure:
    """Two panels over the same axis: time, and memory below it."""
    traces, most = [], 1.0
    for name, (colour, symbol, dash) in LOOKS.items():
        found = scaling(rows, name)
        if len(found) > 1:
            larger, time, memory = growth(found)
            most = max(most, larger[-1])
            look = {
                "type": "scatter",
                "name": SCALED[name](language),
                "legendgroup": name,
                "x": larger,
                "customdata": list(found),
                "line": {"color": colour, "dash": dash},
                "marker": {"symbol": symbol, "size": 7},
                "mode": "lines+markers",
                "hovertemplate": f"{SCALED[name](language)} %{{customdata}}: %{{y:.3g}}×<extra></extra>",
            }
            traces.append({**look, "uid": name, "y": style.numbers(time)})
            traces.append(
                {**look, "uid": f"{name}-memory", "y": style.numbers(memory), "yaxis": "y2", "showlegend": False}
            )
    for axis in ("y", "y2"):
        line = {"color": style.GREY, "dash": "dot", "width": 1.5}
        step = {
            "type": "scatter",
            "uid": f"linear {axis}",
            "mode": "lines",
            "x": [1, most],
            "y": [1, most],
            "line": line,
        }
        traces.append(
            {**step, "name": _LINEAR(language), "yaxis": axis, "showlegend": axis == "y", "hoverinfo": "skip"}
        )
    layout = style.layout("scaling", TITLE(language), History(), theme)
    ticks = {"type": "log", "tickvals": [1, 2, 4, 8, 16, 32, 64, 128], "fixedrange": True}
    layout["xaxis"] = style.axis(_LARGER(language), anchor="y2", **ticks)
    layout["yaxis"] = style.axis(_TIME(language), domain=[0.55, 1], **ticks)
    layout["yaxis2"] = style.axis(_MEMORY(language), domain=[0, 0.45], **ticks)
    return style.made({"data": traces, "layout": layout})


def alt(rows: list[Row], language: Language) -> str:
    """The lines in words."""
    said = []
    for name, label in SCALED.items():
        found = scaling(rows, name)
        if len(found) > 1:
            _, time, memory = growth(found)
            first, *_, last = found
            filled = _SAID.fill(name=label(language), first=first, last=last, time=time[-1], memory=memory[-1])
            said.append(filled(language))
    return "; ".join(said)


def growth(found: dict[int, Row]) -> tuple[list[float], list[float], list[float]]:
    """How many times the smallest value each is, and its time and memory."""
    first = next(iter(found))
    time = [row.least or float("nan") for row in found.values()]
    memory = [max(_LEAST, row.memory or 0) for row in found.values()]
    return [value / first for value in found], [item / time[0] for item in time], [item / memory[0] for item in memory]
