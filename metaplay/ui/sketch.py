"""Sketches of presets: what an algorithm does with the tasks of a family, as a small SVG drawn by a pure function.

The curve families show function space: the true curve in grey and fits in the algorithm's colour. Tasks to act in show the plane: three
goals, and how far adapted agents get. Of images they show the space of weights: the starting point, and where each task takes it; or, of
ProtoNet, the classes' means. Grey and the algorithms' colours can be told from a white page as well as from a black one.
"""

import math
from collections.abc import Callable, Iterable
from itertools import pairwise
from urllib.parse import quote

from metaplay.registry import ALGORITHMS, FAMILIES

WIDTH, HEIGHT = 96, 44
_GREY = "#8C8C8C"
Point = tuple[float, float]


def sketch(algorithm: str, family: str) -> str:
    """The sketch as an SVG document."""
    colour = ALGORITHMS[algorithm].colour
    kind = FAMILIES[family].kind
    draw = _OF_KIND[kind] if kind in _OF_KIND else _OF_IMAGES.get(algorithm, _steps)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'fill="none" stroke-linecap="round" stroke-linejoin="round">{draw(algorithm, colour)}</svg>'
    )


def as_url(svg: str) -> str:
    """The SVG as an address that a style sheet can use."""
    return f"data:image/svg+xml,{quote(svg)}"


def _line(points: Iterable[Point], colour: str, width: float = 2, **more: str) -> str:
    path = "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    said = "".join(f' {name.replace("_", "-")}="{value}"' for name, value in more.items())
    return f'<path d="{path}" stroke="{colour}" stroke-width="{width}"{said}/>'


def _dot(point: Point, colour: str, radius: float = 2.6, hollow: bool = False) -> str:
    x, y = point
    look = f'stroke="{colour}" stroke-width="1.5"' if hollow else f'fill="{colour}"'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius}" {look}/>'


def _arrow(start: Point, end: Point, colour: str, width: float = 1.8, opacity: str = "1", dashed: bool = False) -> str:
    angle, reach = math.atan2(end[1] - start[1], end[0] - start[0]), 3 + width
    barbs = [(end[0] - reach * math.cos(angle + turn), end[1] - reach * math.sin(angle + turn)) for turn in (0.5, -0.5)]
    shaft = _line([start, end], colour, width, opacity=opacity, stroke_dasharray="5 4" if dashed else "none")
    return shaft + _line([barbs[0], end, barbs[1]], colour, width, opacity=opacity)


def _wave(x: float) -> float:
    return math.sin((x - 4) / 88 * 2 * math.pi)


def _curve(algorithm: str, colour: str) -> str:
    """A sine wave, four points of it, and how near the algorithm's fits come, each step's stronger than the one before."""
    xs = range(4, 93, 2)

    def fit(share: float) -> list[Point]:
        return [(x, 22 - 15 * share * _wave(x - 5 * (1 - share))) for x in xs]

    shares = _FITS.get(algorithm, (0.85,))
    drawn = [_line(fit(1), _GREY, 4, opacity="0.45"), _line(fit(0), _GREY, 1.4, stroke_dasharray="4 3")]
    for rank, share in enumerate(shares, 1):
        opacity = f"{0.3 + 0.7 * rank / len(shares):.2f}"
        dash = "5 3.5" if algorithm == "fomaml" else "none"
        drawn.append(_line(fit(share), colour, 1 + rank / len(shares), opacity=opacity, stroke_dasharray=dash))
    if algorithm == "cavia":  # its few numbers
        drawn += [f'<rect x="{62 + 6 * i}" y="3" width="4.4" height="4.4" rx="1" fill="{colour}"/>' for i in range(5)]
    return "".join(drawn) + "".join(_dot((x, 22 - 15 * _wave(x)), _GREY, 2.2) for x in (14, 38, 62, 82))


_FITS = {
    "mamlpp": (0.45, 0.75, 0.98),
    "metasgd": (0.94,),
    "cavia": (0.6, 0.9),
    "reptile": (0.2, 0.38, 0.54, 0.68, 0.8),
    "joint": (0.08,),
    "scratch": (0.1, 0.22, 0.35),
}
"""How much of the wave the fits have after each step, where it isn't one step that finds most of it."""

_START: Point = (12, 24)
_OPTIMA: tuple[Point, ...] = ((80, 6), (87, 23), (74, 39))
"""A starting point, and where three tasks would have the weights."""


def _between(start: Point, end: Point, share: float) -> Point:
    return start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])


def _steps(algorithm: str, colour: str) -> str:
    """From one starting point towards three tasks, by a gradient step or by several."""
    shares = {"mamlpp": (0, 0.5, 0.78, 0.93), "scratch": (0, 0.15, 0.28, 0.4), "reptile": (0, 0.3, 0.6, 0.93)}
    drawn = [_dot(optimum, _GREY, 3.4, hollow=True) for optimum in _OPTIMA]
    for optimum in _OPTIMA:
        way = [_between(_START, optimum, share) for share in shares.get(algorithm, (0, 0.9))]
        faint = "0.5" if algorithm == "reptile" else "1"
        drawn += [_arrow(*pair, colour, opacity=faint, dashed=algorithm == "fomaml") for pair in pairwise(way)]
    if algorithm == "reptile":  # the starting point follows part of the way
        drawn.append(_arrow(_START, (42, 23), colour, 3.4))
    return "".join(drawn) + _dot(_START, colour, 4)


def _last_layer(algorithm: str, colour: str) -> str:
    """A network whose layers stay as they are, but for the last, which moves."""
    bars = [f'<rect x="{10 + 15 * i}" y="8" width="8" height="28" rx="2" fill="{_GREY}"/>' for i in range(4)]
    head = f'<rect x="74" y="8" width="8" height="28" rx="2" fill="{colour}"/>'
    return "".join(bars) + head + _arrow((88, 34), (88, 10), colour)


def _means(algorithm: str, colour: str) -> str:
    """Three classes of points, the mean of each, and a query that goes to the nearest."""
    drawn = []
    for x, y in ((20, 14), (46, 32), (76, 13)):
        drawn += [_dot((x + dx, y + dy), _GREY, 1.9) for dx, dy in ((-8, -3), (6, -7), (7, 5), (-4, 7))]
        drawn.append(
            _line([(x - 3.5, y), (x + 3.5, y)], colour, 2.4) + _line([(x, y - 3.5), (x, y + 3.5)], colour, 2.4)
        )
    query = (62, 23)
    return (
        "".join(drawn)
        + _line([query, (72.5, 15.5)], colour, 1.4, stroke_dasharray="3 2.5")
        + _dot(query, colour, 3, True)
    )


def _boundary(algorithm: str, colour: str) -> str:
    """All examples at once, and one line that parts them."""
    left, right = ((12, 12), (22, 26), (34, 10), (16, 37), (32, 30)), ((60, 14), (74, 34), (84, 14), (66, 26), (88, 32))
    dots = [_dot(point, _GREY, 2.6) for point in left] + [_dot(point, _GREY, 2.6, True) for point in right]
    return "".join(dots) + _line([(54, 3), (44, 18), (50, 28), (46, 41)], colour, 2.4)


_MIDDLE: Point = (48, 22)
_GOALS: tuple[Point, ...] = ((86, 10), (76, 36), (11, 13))


def _plane(algorithm: str, colour: str) -> str:
    """Agents on their way from the middle of the plane to three goals."""
    share, astray = _ARRIVED.get(algorithm, (0.93, 0.0))
    drawn = [_star(goal, _GREY) for goal in _GOALS]
    for goal in _GOALS:
        way = math.atan2(goal[1] - _MIDDLE[1], goal[0] - _MIDDLE[0]) + astray
        far = share * math.dist(goal, _MIDDLE) if not astray else 17.0
        along = [step / 12 for step in range(13)]
        bent = [(far * t, 2.2 * math.sin(9 * t) * (1 - t)) for t in along]
        path = [
            (_MIDDLE[0] + x * math.cos(way) - y * math.sin(way), _MIDDLE[1] + x * math.sin(way) + y * math.cos(way))
            for x, y in bent
        ]
        drawn.append(_line(path, colour, 1.8, stroke_dasharray="4 3" if algorithm == "fomaml" else "none"))
        drawn.append(_dot(path[-1], colour, 2.4))
    return "".join(drawn) + _dot(_MIDDLE, _GREY, 3, hollow=True)


_ARRIVED = {"fomaml": (0.85, 0.0), "reptile": (0.9, 0.0), "joint": (0.25, 0.0), "scratch": (0.0, 1.1)}
"""How much of the way agents get, and by how much of a turn they miss the goal."""


def _star(place: Point, colour: str) -> str:
    tips = [(radius, math.pi * (corner / 5 - 0.5)) for corner, radius in enumerate((5.5, 2.3) * 5)]
    path = "M" + "L".join(f"{place[0] + r * math.cos(a):.1f} {place[1] + r * math.sin(a):.1f}" for r, a in tips)
    return f'<path d="{path}Z" fill="{colour}"/>'


_OF_IMAGES: dict[str, Callable[[str, str], str]] = {"anil": _last_layer, "protonet": _means, "joint": _boundary}
_OF_KIND: dict[str, Callable[[str, str], str]] = {"regression": _curve, "control": _plane}
