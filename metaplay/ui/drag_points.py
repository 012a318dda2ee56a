"""Points that a reader drags: by mouse, pen, finger or the arrow keys. Lines and arrows follow them at once, in the browser.

Used where a figure asks "what if this stood elsewhere?": task optima in a plane of two weights, support points of a curve.
The browser draws; Python says once how each drawn vertex depends on the points, and hears of a move when it is over.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path as File
from typing import Any, Literal

import numpy as np
import streamlit as st
from streamlit.components.v2 import component

from metaplay.text import Language, Text

Array = np.ndarray[Any, np.dtype[np.float64]]
Shape = Literal["circle", "square", "diamond", "triangle", "cross", "star"]
Place = tuple[float, float]

_HERE = File(__file__).parent
_HINT = Text("Drag a point, or choose one and use the arrow keys.", "拖动一个点，或选中后用方向键移动。")
_HINT_NEW = Text(
    "Drag a point, or choose one and use the arrow keys. Tap twice on an empty place to add one; the Delete key removes one.",
    "拖动一个点，或选中后用方向键移动。在空白处双击可添加一个点；Delete 键删除选中的点。",
)
_ADD, _REMOVE = Text("Add a point", "添加一个点"), Text("Remove the point", "删除该点")
_POINT = Text("point", "点")
_HTML = """
<div class="drag-points">
<svg role="group"></svg>
<div class="buttons"></div>
<ul class="legend"></ul>
<p class="hint"></p>
</div>
"""
_COMPONENT = component(
    "metaplay_drag_points",
    html=_HTML,
    css=(_HERE / "drag_points.css").read_text(),
    js=(_HERE / "drag_points.js").read_text(),
)


@dataclass(frozen=True)
class Axis:
    """One axis: its range and its name."""

    low: float
    high: float
    title: str = ""


@dataclass(frozen=True)
class Point:
    """A point to drag, or a `fixed` one. Colour "" is that of the page's text; `label` stands beside it and names it aloud."""

    x: float
    y: float
    label: str = ""
    colour: str = ""
    shape: Shape = "circle"
    hollow: bool = False
    fixed: bool = False


@dataclass(frozen=True)
class Path:
    """A line through `vertices` [V, 2]; with `arrow` it has a head at its end, with `dots` a dot of that radius at each vertex.

    `follow` makes it move with the points: [V, 2, 2P], or [1, 2, 2P] for all vertices alike, where P is the number of points.
    Vertex v is then drawn at `vertices[v] + follow[v] @ (x1, y1, x2, y2, ...)`; `following` derives both from a function.
    `label` names it in the legend; paths of one label share an entry. Without a `width` only the dots are drawn. One that is `walked`
    grows vertex by vertex behind a dot whenever its vertices are others than before.
    """

    vertices: Array
    label: str = ""
    colour: str = ""
    width: float = 2
    dash: str = ""
    opacity: float = 1
    arrow: bool = False
    fill: bool = False
    dots: float = 0
    walked: bool = False
    follow: Array | None = None


def following(geometry: Callable[[Array], Array], count: int) -> tuple[Array, Array]:
    """`vertices` and `follow` of a path whose vertices are `geometry(points)`, [P, 2] -> [V, 2], an affine function of the points."""
    base = geometry(np.zeros((count, 2)))
    units = np.eye(2 * count).reshape(2 * count, count, 2)
    return base, np.stack([geometry(unit) - base for unit in units], -1)


def drag_points(
    points: Sequence[Point],
    *,
    key: str,
    language: Language,
    alt: str,
    x: Axis,
    y: Axis,
    paths: Sequence[Path] = (),
    height: int = 360,
    equal: bool = False,
    new: Point | None = None,
    most: int = 20,
    version: int = 0,
) -> list[Place]:
    """Draw the points and paths and return where the points are now, as (x, y); a move runs the script (or fragment) again.

    The reader's moves last until other `points` are passed: the same ones again leave everything where it was dragged, and
    what was returned may be passed too. Another `version` puts back the same points. `equal` gives both axes the same scale. With `new`, the look of a point that is added,
    the reader may add points (up to `most`) and delete them (down to one). Values from the browser that are no such points
    are ignored.
    """
    # No list or dictionary within it: of one Streamlit asks pandas whether it is a table (ui/feed.py).
    data = {
        "given": _name(version, _given(points)),
        "points": tuple(_point(point) for point in points),
        "paths": tuple(_path(path) for path in paths),
        "x": (x.low, x.high, x.title),
        "y": (y.low, y.high, y.title),
        "new": () if new is None else (_point(new),),
        "most": most,
        "height": height,
        "equal": equal,
        "alt": alt,
        "hint": (_HINT if new is None else _HINT_NEW)(language),
        "add": _ADD(language),
        "remove": _REMOVE(language),
        "point": _POINT(language),
    }
    _COMPONENT(key=key, data=data, default={"moved": None}, on_moved_change=_nothing, width="stretch", height="content")
    return places(points, key=key, x=x, y=y, new=new, most=most, version=version)


def places(
    points: Sequence[Point], *, key: str, x: Axis, y: Axis, new: Point | None = None, most: int = 20, version: int = 0
) -> list[Place]:
    """Where the points of `drag_points` are now. A run of the script that follows a move knows it before it draws them."""
    given = _given(points)
    told = st.session_state.get(key) or {}
    return _taken(told.get("moved"), _name(version, given), given, most if new else None, (x, y)) or given


def _given(points: Sequence[Point]) -> list[Place]:
    return [(float(point.x), float(point.y)) for point in points]


def _name(version: int, given: list[Place]) -> str:
    """What tells these points from others that were given before, and that a late move may be about."""
    return f"{version} {given}"


def _nothing() -> None:
    """A change of the points needs no more than the run of the script that follows it."""


def _point(point: Point) -> dict[str, Any]:
    return {name: getattr(point, name) for name in ("x", "y", "label", "colour", "shape", "hollow", "fixed")}


def _path(path: Path) -> dict[str, Any]:
    names = ("label", "colour", "width", "dash", "opacity", "arrow", "fill", "dots", "walked")
    numbers = {"vertices": _short(path.vertices), "follow": None if path.follow is None else _short(path.follow)}
    return {**{name: getattr(path, name) for name in names}, **numbers}


def _short(values: Array) -> list[Any]:
    """Finite numbers at five decimals, for JSON."""
    return np.nan_to_num(np.asarray(values, float)).round(5).tolist()


def _taken(moved: Any, name: str, given: list[Place], most: int | None, axes: tuple[Axis, Axis]) -> list[Place] | None:
    """The points of the browser's answer; None where it has none, is about other points than `given`, or makes no sense."""
    if not isinstance(moved, dict) or moved.get("given") != name or not isinstance(moved.get("points"), list):
        return None
    found = [(float(place[0]), float(place[1])) for place in moved["points"] if _within(place, axes)]
    allowed = len(found) == len(given) if most is None else 1 <= len(found) <= max(most, len(given))
    return found if allowed and len(found) == len(moved["points"]) else None


def _within(place: Any, axes: tuple[Axis, Axis]) -> bool:
    """Whether a place is a pair of numbers, at most a range away from the axes (equal scales show more than was asked for)."""
    if not isinstance(place, list) or len(place) != 2:
        return False
    return all(
        isinstance(value, int | float)
        and math.isfinite(value)
        and 2 * axis.low - axis.high <= value <= 2 * axis.high - axis.low
        for value, axis in zip(place, axes, strict=True)
    )
