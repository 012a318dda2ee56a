"""What all charts share: colours, the layout, and arrays made small enough to be sent to a browser several times a second."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal
from zlib import crc32

import numpy as np
import plotly.graph_objects as go
from plotly.colors import get_colorscale

from metaplay.config import RunConfig, applicable
from metaplay.events import Probe
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text

Theme = Literal["light", "dark"]
Array = np.ndarray[Any, np.dtype[np.float64]]

LIMIT = 256
"""Points in a trace, at most."""
LOG_RATIO = 20
"""From this ratio of greatest to least value on, an error is drawn on a logarithmic axis."""

VALIDATED = False
"""Whether Plotly checks every property of what is drawn: four fifths of the time that a figure takes, so only in the tests."""

SCALE = get_colorscale("Cividis")
"""From low to high, read alike by every kind of colour vision."""

GREY = "#8C8C8C"
"""Before adaptation, and earlier in training: readable on white and on black."""
_GRID = "rgba(128,128,128,0.22)"
_INK = {"light": "#31333F", "dark": "#E6E8EC"}
_FONT = "Source Sans, Source Sans Pro, Noto Sans CJK SC, PingFang SC, Microsoft YaHei, sans-serif"

WAITING = Text("Waiting for the first point", "等待第一个数据点")
NOTHING = Text("This run recorded nothing to draw", "这次运行没有可绘制的记录")
ACCURACY = Text("accuracy", "正确率")
ERROR = Text("mean squared error", "均方误差")
COST = Text("minus the return (lower is better)", "负回报（越低越好）")
BEFORE = Text("before", "适应前")
META_STEP, INNER_STEP = Text("meta-step", "元步"), Text("inner step", "内层步")
_CHANCE = Text("chance", "随机猜测")


def made(specified: Mapping[str, Any]) -> go.Figure:
    """The figure of these `data` and this `layout`, as Plotly's reference specifies them."""
    data = [
        {**trace, "uid": _selectable(trace["uid"])} if "uid" in trace else trace for trace in specified.get("data", ())
    ]
    return go.Figure({**specified, "data": data}, _validate=VALIDATED)


def _selectable(uid: str) -> str:
    """Plotly looks for parts of a chart by a selector of CSS that ends in the trace's id, and fails where that is none."""
    return uid if re.fullmatch(r"[\w-]+", uid) else f"trace-{crc32(uid.encode()):08x}"


def literal(text: str) -> str:
    """Text that a person or a file brought, such that Plotly shows it as it is: it takes tags for formatting and links."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def as_json(figure: go.Figure) -> str:
    """A figure for the browser, its traces' ids included (plotly drops them by default): a reader's choices go by them."""
    return str(figure.to_json(remove_uids=False))


def ink(theme: Theme) -> str:
    """The colour of text, and of what is true (true curve, support points)."""
    return _INK[theme]


def colour(history: History) -> str:
    """The colour of the run's algorithm."""
    config = history.config
    return ALGORITHMS[config.algorithm].colour if config else GREY


def error(config: RunConfig) -> Text:
    """What is measured where there are no classes to tell apart."""
    return COST if FAMILIES[config.family].kind == "control" else ERROR


def faded(strong: str, share: float) -> str:
    """A colour between grey (share 0) and `strong` (share 1), both as #RRGGBB."""
    ends = [[int(text[i : i + 2], 16) for i in (1, 3, 5)] for text in (GREY, strong)]
    return "#" + "".join(f"{round(low + share * (high - low)):02X}" for low, high in zip(*ends, strict=True))


def clear(strong: str, opacity: float) -> str:
    """The colour #RRGGBB made see-through."""
    return f"rgba({','.join(str(int(strong[i : i + 2], 16)) for i in (1, 3, 5))},{opacity:g})"


def adapted(config: RunConfig, probe: Probe) -> int:
    """The place in `probe.inner_steps` that compares with training: its number of steps, or the last where it has none."""
    steps = config.inner_steps if "inner_steps" in applicable(config) else probe.inner_steps[-1]
    return min(range(len(probe.inner_steps)), key=lambda place: abs(probe.inner_steps[place] - steps))


def after(steps: int) -> Text:
    """ "after 1 step" """
    return Text(f"after {steps} step{'' if steps == 1 else 's'}", f"适应 {steps} 步后")


def numbers(values: Sequence[float] | Array) -> list[float | None]:
    """Values at 4 significant digits, ready for JSON: what is not finite becomes None, a gap in the line."""
    return [float(f"{value:.4g}") if np.isfinite(value) else None for value in np.asarray(values, float).tolist()]


def binned(values: Sequence[float] | Array, limit: int = LIMIT) -> Array:
    """`values` in rows of neighbours, at most `limit` rows of one width; the last row ends with the latest value.

    The width is a power of two, so that rows already drawn stay as they are while the run grows. Where the count is no
    multiple of the width, the last row is the latest `width` values and shares some with the row before it.
    """
    values = np.asarray(values, float)
    width = 1
    while -(-len(values) // width) > limit:
        width *= 2
    full = len(values) // width
    rows = values[: full * width].reshape(full, width)
    return rows if full * width == len(values) else np.vstack([rows, values[-width:]])


def decimate(x: Sequence[float] | Array, y: Sequence[float] | Array, limit: int = LIMIT) -> tuple[Array, Array]:
    """Bin means of y against x, at most `limit` points. The last point stands at the latest x: the mean of the latest bin."""
    places = binned(x, limit).mean(axis=1).round()
    if len(places):
        places[-1] = x[-1]
    return places, binned(y, limit).mean(axis=1)


def spread(*series: Sequence[float] | Array) -> tuple[float, float]:
    """Least and greatest of the values that are finite and above nought; (1, 1) if there are none."""
    values = np.concatenate([np.asarray(item, float) for item in series])
    values = values[np.isfinite(values) & (values > 0)]
    return (float(values.min()), float(values.max())) if values.size else (1.0, 1.0)


def band(uid: str, x: Sequence[float], low: Array, high: Array, tint: str) -> dict[str, Any]:
    """A trace that fills the area between `low` and `high`. Points that are not finite are left out."""
    places = np.asarray(x, float)
    keep = np.isfinite(low) & np.isfinite(high)
    places, low, high = places[keep], low[keep], high[keep]
    return {
        "type": "scatter",
        "uid": uid,
        "x": [*places.tolist(), *places[::-1].tolist()],
        "y": [*numbers(high), *numbers(low[::-1])],
        "mode": "lines",
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": tint,
        "hoverinfo": "skip",
        "showlegend": False,
    }


def axis(title: str, **more: Any) -> dict[str, Any]:
    """An axis with its unit as the title."""
    return {
        "title": {"text": title, "standoff": 6},
        "gridcolor": _GRID,
        "zerolinecolor": _GRID,
        "automargin": True,
        **more,
    }


def error_axis(title: str, layout: dict[str, Any], *series: Sequence[float] | Array, **more: Any) -> dict[str, Any]:
    """The axis of an error: from nought, or logarithmic where the values span so much that nought would hide the small ones, and
    none is below it (as minus a return may be). A change from one to the other gives up the reader's zoom.
    """
    low, high = spread(*series)
    revision = layout["uirevision"]
    if high < LOG_RATIO * low or any(np.nanmin(np.asarray(item, float), initial=0.0) < 0 for item in series):
        return axis(title, type="linear", rangemode="tozero", uirevision=f"{revision} linear", **more)
    ticks = {"dtick": "D2" if high < 100 * low else 1, "tickformat": "~g"}
    return axis(title, type="log", uirevision=f"{revision} log", **ticks, **more)


def layout(key: str, title: str, history: History, theme: Theme, **more: Any) -> dict[str, Any]:
    """The layout of chart `key`. Zoom lasts as long as the run does, the choice of traces as long as the page."""
    return {
        "title": {"text": title, "font": {"size": 15}, "x": 0.01, "xanchor": "left", "y": 0.97, "yanchor": "top"},
        "font": {"family": _FONT, "size": 12, "color": ink(theme)},
        "template": {},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 48, "r": 12, "t": 40, "b": 88},
        "legend": {
            "orientation": "h",
            "yref": "container",
            "y": 0,
            "yanchor": "bottom",
            "x": 0,
            "font": {"size": 11},
            "uirevision": key,
        },
        "hoverlabel": {"namelength": -1},
        "uirevision": f"{key} {history.started.at if history.started else 0}",
        **more,
    }


def waiting(key: str, title: str, history: History, language: Language, theme: Theme) -> go.Figure:
    """The chart before there is anything to draw."""
    note = {
        "text": (NOTHING if history.ended else WAITING)(language),
        "xref": "paper",
        "yref": "paper",
        "x": 0.5,
        "y": 0.5,
        "showarrow": False,
        "font": {"size": 14, "color": GREY},
    }
    # A revision of its own: under the chart's, Plotly would keep the way these empty axes run (a reversed one came out upright).
    empty = {"xaxis": {"visible": False}, "yaxis": {"visible": False}, "uirevision": f"{key} waiting"}
    return made({"layout": layout(key, title, history, theme, annotations=[note], **empty)})


def chance_line(way: int, language: Language, beside: bool = False) -> tuple[dict[str, Any], dict[str, Any]]:
    """A dotted line at what guessing would get, 1/way, and its label (on the line, or beside it): a shape and an annotation."""
    place = {"xref": "paper", "yref": "y"}
    line = {"color": GREY, "width": 1, "dash": "dot"}
    shape = {"type": "line", "x0": 0, "x1": 1, "y0": 1 / way, "y1": 1 / way, "line": line, **place}
    label = {
        "x": 1,
        "y": 1 / way,
        "xanchor": "left" if beside else "right",
        "yanchor": "middle" if beside else "bottom",
        "text": _CHANCE(language),
        **place,
    }
    return shape, {**label, "showarrow": False, "font": {"size": 10, "color": GREY}}


def floor_line(floor: float | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A long-dashed line at what nearest centroid by TF-IDF gets without learning, and its label: shapes and annotations, none
    where the run has no such floor."""
    if floor is None:
        return [], []
    place = {"xref": "paper", "yref": "y"}
    line = {"color": GREY, "width": 1.5, "dash": "longdashdot"}
    shape = {"type": "line", "x0": 0, "x1": 1, "y0": floor, "y1": floor, "line": line, **place}
    label = {"x": 1, "y": floor, "xanchor": "right", "yanchor": "bottom", "text": "TF-IDF", **place}
    return [shape], [{**label, "showarrow": False, "font": {"size": 10, "color": GREY}}]


PERCENT = {"range": [0, 1.03], "tickformat": ".0%", "tickvals": [0, 0.2, 0.4, 0.6, 0.8, 1]}
"""The axis of an accuracy."""
