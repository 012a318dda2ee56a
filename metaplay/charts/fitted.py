"""The fitted curve: how the network bends towards one sine wave, a curve an inner step."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Each step bends the fit to the true curve", "每一步都让拟合更接近真实曲线")
EXPLAIN = Text(
    "The network sees only the filled points of this held-out task, never the true curve. Dashed grey is its guess before it "
    "adapts, and each stronger line is one or more gradient steps later. A well-trained starting point follows the wave even "
    "where it has no points.",
    "网络只看到这个留出任务的实心点，从未看到真实曲线。灰色虚线是适应前的猜测，颜色越深表示走了越多梯度步。"
    "好的起点即使在没有点的地方也能跟上曲线。",
)
_TRUTH, _SUPPORT = Text("true curve", "真实曲线"), Text("support points", "支持点")
SHOWN = 4
"""Curves at most, of all inner steps."""


def fitted_curve(history: History, language: Language, theme: Theme) -> go.Figure:
    """The watched task of a regression run: the true curve, the support points and the fit per inner step."""
    task = history.task
    probe = history.probes[-1] if history.probes else None
    if task is None or probe is None or not probe.curves:
        return style.waiting("fitted", TITLE(language), history, language, theme)
    x = style.numbers(task.grid_x)
    ink = style.ink(theme)
    truth = {"uid": "truth", "name": _TRUTH(language), "x": x, "y": style.numbers(task.truth_y), "mode": "lines"}
    points = {
        "uid": "support",
        "name": _SUPPORT(language),
        "x": style.numbers(task.support_x),
        "y": style.numbers(task.support_y),
        "mode": "markers",
        "marker": {
            "color": ink,
            "size": 8,
            "line": {"color": "#FFFFFF" if theme == "light" else "#000000", "width": 1},
        },
    }
    traces = [
        {**truth, "opacity": 0.22, "line": {"color": ink, "width": 8}},
        *_fits(history, probe, x, language),
        points,
    ]
    layout = style.layout("fitted", TITLE(language), history, theme)
    # A fixed range: the frame stays while the curves move.
    reach = 1.35 * max(abs(value) for value in task.truth_y)
    layout["xaxis"] = style.axis("x", range=[min(task.grid_x), max(task.grid_x)])
    layout["yaxis"] = style.axis("y", range=[-reach, reach])
    return style.made({"data": [{"type": "scatter", **trace} for trace in traces], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    probe = history.probes[-1] if history.probes else None
    if history.task is None or probe is None or not probe.curves:
        return style.WAITING(language)
    truth = np.asarray(history.task.truth_y)
    first, last = (float(np.mean((np.asarray(curve) - truth) ** 2)) for curve in (probe.curves[0], probe.curves[-1]))
    return Text(
        "At meta-step {step}, the fit to the watched sine wave has a mean squared error of {first:.3g} before adaptation and {last:.3g} after {steps} inner steps.",
        "在第 {step} 个元步，对所观察的正弦曲线的拟合均方误差在适应前为 {first:.3g}，{steps} 个内层步后为 {last:.3g}。",
    ).fill(step=probe.step, first=first, last=last, steps=probe.curve_steps[-1])(language)


def chosen(steps: list[int]) -> list[int]:
    """Positions in `steps` to draw, at most SHOWN: all of a few, else the first, the last and evenly by ratio between."""
    if len(steps) <= SHOWN:
        return list(range(len(steps)))
    inner = np.geomspace(1, len(steps) - 1, SHOWN - 1).round().astype(int)
    return [0, *sorted(set(inner.tolist()))]


def _fits(history: History, probe: Probe, x: list[float | None], language: Language) -> list[dict[str, Any]]:
    places = chosen(probe.curve_steps)
    strong = style.colour(history)
    traces = []
    for rank, place in enumerate(places):
        steps, share = probe.curve_steps[place], rank / (len(places) - 1 or 1)
        before, last = steps == 0, place == places[-1]
        traces.append(
            {
                "uid": f"fit-{steps}",
                "name": (style.BEFORE if before else style.after(steps))(language),
                "x": x,
                "y": style.numbers(probe.curves[place]),
                "mode": "lines",
                "opacity": 1 if before or last else 0.3 + 0.5 * share,
                "line": {
                    "color": style.GREY if before else strong,
                    "dash": "dash" if before else "solid",
                    "width": 3 if last and not before else 2,
                },
            }
        )
    return traces
