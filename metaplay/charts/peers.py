"""metaplay beside other libraries: how long each takes for the same meta-step, from what the benchmark measured."""

from collections.abc import Sequence
from math import log10
from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.measured import FORMS, LABELS, REFERENCE, TITLES, Row, compared, meta_steps
from metaplay.text import Language, Text

TITLE = Text("Time of one meta-step (shorter is faster)", "一个元步的时间（越短越快）")
EXPLAIN = Text(
    "Each bar is a library (or a way to write it) doing the very same meta-step: same tasks, same weights to start from, same "
    "precision, meta-gradient and outer update included. Before any of them was timed, its meta-gradient was compared with metaplay's "
    "in double precision; only those that agree are drawn. The bar is the quickest of several meta-steps, on a logarithmic axis: "
    "each gridline with a number is ten times the one before, so compare the figures at the bars' ends, not their lengths. "
    "Each ran in a process of its own, in turn with the others.",
    "每个条形是一个程序库（或一种写法）执行完全相同的元步：相同的任务、相同的起始权重、相同的精度，包括元梯度和外层更新。计时之前，先用双精度把它的"
    "元梯度与 metaplay 的比较，只画出一致的。条形为若干元步中最快的一次，采用对数坐标：每条带数字的网格线是前一条的十倍，所以请比较条形末端的数字，"
    "而不是长度。每个都在自己的进程中运行，彼此轮流。",
)
OVERVIEW = Text("Times metaplay's time (left of 1 is faster)", "耗时是 metaplay 的几倍（1 的左侧更快）")
OVERVIEW_EXPLAIN = Text(
    "Every row is a kind of meta-step, every sign a library: how many times metaplay's time it takes. The line at 1 is metaplay; K is the number of inner steps. "
    "The axis is logarithmic: the distance from 1 to 10 is that from 10 to 100.",
    "每行是一种元步，每个符号是一个程序库：其耗时是 metaplay 的多少倍。1 处的线是 metaplay；K 为内层步数。坐标为对数：从 1 到 10 的距离等于从 10 到 100 的距离。",
)
_MS, _TIMES = Text("milliseconds", "毫秒"), Text("times metaplay's", "metaplay 的倍数")
_BAR = Text("{name}: {ms} ms, {times:.3g} times metaplay's", "{name}：{ms} 毫秒，是 metaplay 的 {times:.3g} 倍")
_NOTHING = Text("Nothing was measured.", "没有测量结果。")
_OURS = "#0072B2"
LOOKS = {
    "learn2learn": ("#D55E00", "circle"),
    "higher": ("#E69F00", "square"),
    "torchopt": ("#CC79A7", "diamond"),
    "loop": (style.GREY, "x"),
    "vmap": ("#56B4E9", "triangle-up"),
    "jax": ("#009E73", "star"),
}
"""Colour and sign of the others in the overview."""


def _short(form: str, steps: int, order: str) -> Text:
    words = Text("Conv4 {form}, K = {steps}", "Conv4 {form}, K = {steps}")
    if order == "first":
        words = Text("Conv4 {form}, K = {steps}, 1st order", "Conv4 {form}，K = {steps}，一阶")
    return words.fill(form=FORMS[form], steps=steps)


SHORT: dict[str, Text] = {
    "W1-1": Text("Sinusoid, K = 1", "正弦，K = 1"),
    "W1-5": Text("Sinusoid, K = 5", "正弦，K = 5"),
    **{
        f"W2-{form}-{steps}{'-first' if order == 'first' else ''}": _short(form, steps, order)
        for order in ("second", "first")
        for form in ("stride2", "max-pool")
        for steps in (1, 5)
    },
    "W3": Text("Conv4 20-way, K = 5", "Conv4 20 类，K = 5"),
    "W4": Text("MAML++, K = 5", "MAML++, K = 5"),
    "W5": Text("Reptile, K = 10", "Reptile, K = 10"),
}
"""The workloads as the overview's axis has room for them; K is the number of inner steps."""


def bars(rows: list[Row], workload: str, language: Language, theme: Theme) -> go.Figure:
    """Who takes how long for one workload, the fastest on top; metaplay in blue."""
    found = sorted(compared(rows, workload), key=_time)
    times = [1000 * _time(row) for row in found]
    labels = [f" {told(row)} ms · {ratio:.3g}×" for row, ratio in zip(found, ratios(found), strict=True)]
    trace = {
        "type": "bar",
        "uid": "peers",
        "orientation": "h",
        "x": style.numbers(times),
        "y": [LABELS[row.contender](language) for row in found],
        "marker": {"color": [_OURS if row.contender == REFERENCE else style.GREY for row in found]},
        "text": labels,
        "textposition": "outside",
        "cliponaxis": False,
        "hovertemplate": "%{y}: %{x:.4g} ms<extra></extra>",
    }
    layout = style.layout("peers", TITLE(language), History(), theme, uirevision=f"peers {workload}")
    layout["margin"] = {**layout["margin"], "l": 8, "b": 48}
    layout["xaxis"] = style.axis(
        _MS(language), type="log", dtick=1, tickformat="~g", range=_range(times), fixedrange=True
    )
    layout["yaxis"] = style.axis("", autorange="reversed", fixedrange=True, showgrid=False)
    return style.made({"data": [trace], "layout": layout})


def alt(rows: list[Row], workload: str, language: Language) -> str:
    """The bars in words, the fastest first."""
    found = sorted(compared(rows, workload), key=_time)
    said = [
        _BAR.fill(name=LABELS[row.contender](language), ms=told(row), times=ratio)(language)
        for row, ratio in zip(found, ratios(found), strict=True)
    ]
    return "; ".join(said) or _NOTHING(language)


def overview(rows: list[Row], language: Language, theme: Theme) -> go.Figure:
    """All workloads that others were measured on: a sign for each of them, on a logarithmic axis."""
    names = meta_steps(rows)
    traces = [trace for name in LOOKS if (trace := _signs(rows, names, name, language))]
    layout = style.layout("peers-all", OVERVIEW(language), History(), theme, shapes=[_line(theme)])
    layout["margin"] = {**layout["margin"], "l": 8, "b": 96}
    low, high = style.spread([1.0], *(trace["x"] for trace in traces))
    ticks = {"dtick": "D2" if high < 50 * low else 1, "tickformat": "~g"}
    layout["xaxis"] = style.axis(_TIMES(language), type="log", fixedrange=True, **ticks)
    order = [SHORT[name](language) for name in reversed(names)]
    layout["yaxis"] = style.axis(
        "",
        type="category",
        categoryorder="array",
        categoryarray=order,
        range=[-0.6, len(order) - 0.4],
        fixedrange=True,
    )
    return style.made({"data": traces, "layout": layout})


def overview_alt(rows: list[Row], language: Language) -> str:
    """The overview in words: each workload with the span of the others."""
    return "; ".join(f"{TITLES[name](language)}: {alt(rows, name, language)}" for name in meta_steps(rows))


def ratios(rows: Sequence[Row]) -> list[float]:
    """How many times metaplay's time each takes."""
    ours = next((_time(row) for row in rows if row.contender == REFERENCE), float("nan"))
    return [_time(row) / ours for row in rows]


def told(row: Row) -> str:
    """Its milliseconds, at three digits."""
    ms = 1000 * _time(row)
    return f"{ms:.3g}" if ms < 1000 else f"{ms:,.0f}"


def _time(row: Row) -> float:
    assert row.least is not None
    return row.least


def _range(times: Sequence[float]) -> list[float]:
    """Of a logarithmic axis, in powers of ten: from below the least, with room for the words at the longest bar's end."""
    low, high = log10(min(times)) - 0.4, log10(max(times))
    return [low, high + 0.45 * (high - low)]


def _signs(rows: list[Row], names: Sequence[str], contender: str, language: Language) -> dict[str, Any] | None:
    label, (colour, symbol) = LABELS[contender](language), LOOKS[contender]
    places: dict[str, float] = {}
    for name in names:
        found = compared(rows, name)
        by_name = dict(zip((row.contender for row in found), ratios(found), strict=True))
        if contender in by_name:
            places[name] = by_name[contender]
    if not places:
        return None
    return {
        "type": "scatter",
        "uid": contender,
        "mode": "markers",
        "name": label,
        "x": style.numbers(list(places.values())),
        "y": [SHORT[name](language) for name in places],
        "customdata": [TITLES[name](language) for name in places],
        "marker": {"color": colour, "symbol": symbol, "size": 9, "line": {"width": 1, "color": colour}},
        "hovertemplate": f"%{{customdata}}<br>{label}: %{{x:.3g}}×<extra></extra>",
    }


def _line(theme: Theme) -> dict[str, Any]:
    """metaplay itself."""
    line = {"color": style.ink(theme), "width": 1.5}
    return {"type": "line", "xref": "x", "yref": "paper", "x0": 1, "x1": 1, "y0": 0, "y1": 1, "line": line}
