"""Learned inner rates: how far each layer moves at each inner step, where the run itself decides it."""

import math
from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.config import RunConfig
from metaplay.events import Probe
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Each layer and step finds its own pace", "每一层、每一步各有快慢")
EXPLAIN = Text(
    "Each cell is a learned inner rate: how far one set of weights (row) moves along its gradient at one inner step (column). "
    "All began at the same rate, which is the pale middle of the scale; orange cells have become faster, blue ones slower. A "
    "framed cell has a rate below zero: there the weights move uphill, which training found useful for the steps that follow.",
    "每个格子是一个学到的内层学习率：某组权重（行）在某个内层步（列）沿梯度移动多远。所有格子从同一数值开始，即色标中间的浅色；"
    "橙色的变快了，蓝色的变慢了。带框的格子学习率为负：权重在此逆着下降方向移动，而训练发现这对后面的步骤有用。",
)
_BEGAN, _ALL = Text("all began at {start:.3g}", "均从 {start:.3g} 开始"), Text("all", "所有")
SLOWER, FASTER = "#0072B2", "#D55E00"
_SAME = {"light": "#F1F1EE", "dark": "#3A424D"}
_SPANS = [base * 10.0**power for power in range(-2, 4) for base in (1, 2, 5)]
"""How far the scale may reach to either side, in units of the first rate: few values, so that colours seldom change meaning."""


def learned(history: History, config: RunConfig) -> bool:
    """Whether the run learns inner rates."""
    return config.lslr or bool(history.probes and history.probes[-1].rates)


def learned_rates(history: History, language: Language, theme: Theme) -> go.Figure:
    """The rates of the latest probe as a heat map, layers down and inner steps across; colours part at the first rate."""
    config, probe = history.config, _latest(history)
    if config is None or probe is None:
        return style.waiting("rates", TITLE(language), history, language, theme)
    names, rows = list(probe.rates), [style.numbers(rates) for rates in probe.rates.values()]
    start, columns = config.inner_lr, range(len(rows[0]))
    steps = [_ALL(language)] if _same_for_all(config, probe) else [str(step + 1) for step in columns]
    reach = start * _span(probe, start)
    trace = {
        "type": "heatmap",
        "uid": "rates",
        "x": steps,
        "y": names,
        "z": rows,
        "zmin": start - reach,
        "zmax": start + reach,
        "colorscale": [[0, SLOWER], [0.5, _SAME[theme]], [1, FASTER]],
        "colorbar": _scale(start, reach, language),
        "xgap": 2,
        "ygap": 2,
        "text": [[_cell(value, _decimals(reach)) for value in row] for row in rows],
        "texttemplate": "%{text}",
        "hovertemplate": "%{y}, %{x}: %{z:.4g}<extra></extra>",
    }
    layout = style.layout("rates", TITLE(language), history, theme, shapes=_frames(rows, theme))
    layout["margin"] = {**layout["margin"], "b": 84}
    ticks = {"type": "category", "showgrid": False, "zeroline": False, "fixedrange": True}
    layout["xaxis"] = style.axis(style.INNER_STEP(language), **ticks)
    layout["yaxis"] = style.axis("", autorange="reversed", **ticks)
    return style.made({"data": [trace], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The heat map in one sentence."""
    config, probe = history.config, _latest(history)
    if config is None or probe is None:
        return style.WAITING(language)
    cells = [(rate, name, step + 1) for name, rates in probe.rates.items() for step, rate in enumerate(rates)]
    (low, *slow), (high, *fast) = min(cells), max(cells)
    where = (
        Text("{} at every step", "{} 的每一步")
        if _same_for_all(config, probe)
        else Text("{} at step {}", "{} 的第 {} 步")
    )
    return Text(
        "At meta-step {step}, learned inner rates go from {low:.3g} ({slow}) to {high:.3g} ({fast}); all began at {start:.3g}, "
        "and {negative} of {total} are below zero.",
        "在第 {step} 个元步，学到的内层学习率从 {low:.3g}（{slow}）到 {high:.3g}（{fast}）；均从 {start:.3g} 开始，"
        "{total} 个中有 {negative} 个为负。",
    ).fill(
        step=probe.step,
        low=low,
        slow=where(language).format(*slow),
        high=high,
        fast=where(language).format(*fast),
        start=config.inner_lr,
        negative=sum(rate < 0 for rate, _, _ in cells),
        total=len(cells),
    )(language)


def _latest(history: History) -> Probe | None:
    probe = history.probes[-1] if history.probes else None
    return probe if probe and probe.rates else None


def _same_for_all(config: RunConfig, probe: Probe) -> bool:
    """Whether one set of rates serves all inner steps."""
    return config.inner_steps > 1 and all(len(rates) == 1 for rates in probe.rates.values())


def _span(probe: Probe, start: float) -> float:
    """The least of _SPANS that holds all rates."""
    far = max(abs(rate / start - 1) for rates in probe.rates.values() for rate in rates)
    return next((span for span in _SPANS if span >= far), far)


def _decimals(reach: float) -> int:
    """Decimals that tell apart what the colours do."""
    return max(0, math.floor(-math.log10(reach)) + 2)


def _cell(value: float | None, decimals: int) -> str:
    """The value with so many decimals; one below zero that would be rounded to zero keeps its first digit."""
    if value is None:
        return ""
    if value <= 0 and round(value, decimals) == 0:
        return _number(value, ".1g") if value < -1e-4 else "0"
    return _number(value, f".{decimals}f")


def _number(value: float, form: str) -> str:
    """The value in the format `form`, with a real minus sign."""
    return f"{value:{form}}".replace("-", "−")


def _frames(rows: list[list[float | None]], theme: Theme) -> list[dict[str, Any]]:
    """A frame just inside each cell whose rate is below zero."""
    line = {"color": style.ink(theme), "width": 2.5}
    wide, high = 0.5 - 0.003 * len(rows[0]), 0.5 - 0.007 * len(rows)
    return [
        {"type": "rect", "x0": x - wide, "x1": x + wide, "y0": y - high, "y1": y + high, "line": line}
        for y, row in enumerate(rows)
        for x, value in enumerate(row)
        if value is not None and value < 0
    ]


def _scale(start: float, reach: float, language: Language) -> dict[str, Any]:
    """The legend of the colours, below the map."""
    marks = {mark: _number(mark, ".3g") for mark in (start - reach, start + reach)}
    marks[start] = _BEGAN.fill(start=start)(language)
    return {
        "orientation": "h",
        "thickness": 10,
        "len": 1,
        "x": 0.5,
        "yref": "container",
        "y": 0,
        "yanchor": "bottom",
        "outlinewidth": 0,
        "tickvals": list(marks),
        "ticktext": list(marks.values()),
        "tickfont": {"size": 11},
    }
