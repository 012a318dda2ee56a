"""How far first-order MAML points away from MAML, by the inner rate."""

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.learn import quadratic as plane
from metaplay.charts.learn.quadratic import Array
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text

TITLE = Text("How far first order points away", "一阶方向偏离多少")
EXPLAIN = Text(
    "The angle between the exact meta-gradient and the first-order one, at the starting point of the picture above, for every inner "
    "rate and for 1, 3 and 5 inner steps. The ring is where the sliders stand. At rate 0 nothing adapts and the two agree; they come "
    "together again where the inner steps reach the bottom across the bowls by themselves.",
    "在上图的起点处，精确元梯度与一阶元梯度之间的夹角，随内层学习率变化，分别对应 1、3、5 个内层步。圆圈是滑块当前的位置。学习率为 0 时没有适应，两者一致；"
    "当内层步自己就能横向走到碗底时，两者又重新接近。",
)
_RATE, _ANGLE = Text("inner learning rate α", "内层学习率 α"), Text("angle (degrees)", "夹角（度）")
_STEPS = {1: "solid", 3: "dash", 5: "dot"}


def angles(
    theta: Array,
    centres: Array,
    curvatures: Array,
    rate: float,
    steps: int,
    most: float,
    language: Language,
    theme: Theme,
) -> go.Figure:
    """Angle against the inner rate, 0 to `most`; a line for each number of inner steps, and a ring at `rate` and `steps`."""

    def between(rate: float, steps: int) -> float:
        world = (theta, centres, curvatures, rate, steps)
        return plane.angle(plane.exact(*world), plane.first_order(*world))

    rates = np.linspace(0, most, 61)
    colour = ALGORITHMS["fomaml"].colour
    traces = [
        {
            "type": "scatter",
            "uid": f"steps-{count}",
            "name": Text(f"{count} inner step{'s' * (count > 1)}", f"{count} 个内层步")(language),
            "x": style.numbers(rates),
            "y": style.numbers([between(value, count) for value in rates.tolist()]),
            "mode": "lines",
            "line": {"color": colour, "dash": dash, "width": 2.5},
        }
        for count, dash in _STEPS.items()
    ]
    ring = {"symbol": "circle-open", "size": 13, "color": style.ink(theme), "line": {"width": 3}}
    here = {
        "type": "scatter",
        "uid": "here",
        "x": [rate],
        "y": style.numbers([between(rate, steps)]),
        "mode": "markers",
    }
    traces.append({**here, "marker": ring, "showlegend": False})
    layout = style.layout("angles", TITLE(language), History(), theme)
    layout["xaxis"] = style.axis(_RATE(language), range=[0, most], fixedrange=True)
    layout["yaxis"] = style.axis(_ANGLE(language), rangemode="tozero", fixedrange=True)
    return style.made({"data": traces, "layout": layout})
