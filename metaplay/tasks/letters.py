"""Invents alphabets: characters made of pen strokes, and all characters of an alphabet made of the same few parts.

Shapes are chains of cubic Bezier curves, arrays [n, 4, 2] of control points; a stroke is a shape traced by a pen, KNOTS points
[KNOTS, 2]. x runs right, y down, and a part is about one unit large. An alphabet picks a handful of shapes (stems, bowls, rings,
hooks, zigzags, ...), gives them its own proportions, and composes each character from a body with smaller parts that grow
from it, as real scripts do.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Array = NDArray[np.float64]
Shape = Array
Stroke = Array

KNOTS = 65
"""Points of a stroke."""
Point = tuple[float, float]


def line(*points: Point) -> Shape:
    """Straight lines through the points."""
    ends = np.array(points, float)
    a, b = ends[:-1, None], ends[1:, None]
    return a + (b - a) * np.array([0, 1 / 3, 2 / 3, 1])[None, :, None]


def arc(centre: Point, radii: Point, begin: float, sweep: float) -> Shape:
    """Part of an ellipse, angles in degrees clockwise from the right; every piece of at most 90 degrees is one curve."""
    pieces = math.ceil(abs(sweep) / 90)
    edges = np.radians(begin + sweep * np.arange(pieces + 1) / pieces)
    handle = 4 / 3 * math.tan(math.radians(sweep) / pieces / 4)
    on = np.stack((np.cos(edges), np.sin(edges)), 1)
    along = np.stack((-np.sin(edges), np.cos(edges)), 1) * handle
    curves = np.stack((on[:-1], on[:-1] + along[:-1], on[1:] - along[1:], on[1:]), 1)
    return curves * np.array(radii) + np.array(centre)


def smooth(*points: Point) -> Shape:
    """A smooth curve through the points (Catmull and Rom's)."""
    p = np.array([points[0], *points, points[-1]], float)
    pull = (p[2:] - p[:-2]) / 6
    return np.stack((p[1:-2], p[1:-2] + pull[:-1], p[2:-1] - pull[1:], p[2:-1]), 1)


STRAIGHT: dict[str, Shape] = {
    "stem": line((0, 0), (0, 1)),
    "bar": line((0, 0), (0.9, 0)),
    "slash": line((0.8, 0), (0, 1)),
    "angle": line((0, 0), (0, 1), (0.65, 1)),
    "chevron": line((0, 0), (0.45, 0.9), (0.9, 0)),
    "zigzag": line((0, 0), (0.7, 0), (0, 0.9), (0.7, 0.9)),
    "flag": line((0, 1), (0, 0), (0.6, 0.3), (0, 0.55)),
    "box": line((0, 0), (0.75, 0), (0.75, 0.75), (0, 0.75), (0, 0)),
    "tent": line((0, 0.8), (0.45, 0), (0.9, 0.8), (0, 0.8)),
    "gate": line((0, 0.9), (0, 0), (0.75, 0), (0.75, 0.9)),
    "step": line((0, 0), (0.4, 0), (0.4, 0.6), (0.85, 0.6)),
}

ROUND: dict[str, Shape] = {
    "ring": arc((0, 0.42), (0.42, 0.42), -90, 360),
    "crescent": arc((0, 0.5), (0.5, 0.5), -50, -260),
    "bowl": arc((0, 0.4), (0.55, 0.4), -90, 180),
    "cup": np.concatenate(
        (line((0, 0), (0, 0.5)), arc((0.38, 0.5), (0.38, 0.4), 180, -180), line((0.76, 0.5), (0.76, 0)))
    ),
    "arch": np.concatenate(
        (line((0, 0.9), (0, 0.4)), arc((0.36, 0.4), (0.36, 0.4), 180, 180), line((0.72, 0.4), (0.72, 0.9)))
    ),
    "hook": np.concatenate((line((0.3, 0), (0.3, 0.7)), arc((0, 0.7), (0.3, 0.3), 0, 130))),
    "crook": np.concatenate((line((0, 1), (0, 0.35)), arc((0.32, 0.35), (0.32, 0.35), 180, 170))),
    "wave": smooth((0.65, 0.1), (0.3, 0), (0.05, 0.25), (0.35, 0.5), (0.65, 0.75), (0.35, 1), (0, 0.88)),
    "ribbon": smooth((0, 0.95), (0.5, 0.45), (0.62, 0.12), (0.35, 0), (0.12, 0.15), (0.3, 0.5), (0.8, 0.95)),
    "curl": np.concatenate(
        (arc((0.4, 0.6), (0.3, 0.3), 200, -380), smooth((0.12, 0.7), (0.08, 0.4), (0.3, 0.08), (0.6, 0)))
    ),
    "three": np.concatenate((arc((0, 0.25), (0.42, 0.25), -130, 220), arc((0, 0.75), (0.48, 0.25), -90, 220))),
    "tail": smooth((0, 0), (0.12, 0.35), (0.45, 0.5), (0.9, 0.35)),
}


TRIES, ALIKE = 8, 0.06
"""Tries for a character that differs from the others, and the distance below which two are alike (1 is a character's size)."""


@dataclass(frozen=True)
class Style:
    """What the characters of an alphabet have in common.

    `pen` is the darkness of its line (1 is usual), `size` the larger side of a character in pixels, `extra` the chances of
    0, 1, 2 parts beside the body, the others are chances too.
    """

    parts: list[Stroke]
    slant: float
    aspect: float
    pen: float
    size: float
    extra: tuple[float, ...]
    crossing: float
    dots: float
    headline: bool


def invent_style(rng: Generator) -> Style:
    """The style of a new alphabet: angular, round or mixed; upright or slanted; plain or rich."""
    straight, curved = ((5, 0), (1, 5), (3, 3), (2, 4))[rng.integers(4)]
    names = [*rng.choice(sorted(STRAIGHT), straight, replace=False), *rng.choice(sorted(ROUND), curved, replace=False)]
    shapes = {**STRAIGHT, **ROUND}
    return Style(
        parts=[_vary(shapes[name], rng) for name in names],
        slant=rng.normal(0, 0.13),
        aspect=rng.uniform(0.75, 1.15),
        pen=rng.uniform(0.9, 1.2),
        size=rng.uniform(14, 19),
        extra=((0.15, 0.6, 0.25), (0.05, 0.5, 0.45), (0.3, 0.6, 0.1))[rng.integers(3)],
        crossing=rng.choice((0.05, 0.3)),
        dots=rng.choice((0.0, 0.0, 0.3)),
        headline=bool(rng.random() < 0.08),
    )


def invent_characters(style: Style, count: int, rng: Generator) -> list[list[Stroke]]:
    """The characters of an alphabet, no two alike (if that can be had in a few tries)."""
    characters: list[list[Stroke]] = []
    clouds: list[Array] = []
    for _ in range(count):
        for _ in range(TRIES):
            character = _invent_character(style, rng)
            cloud = _cloud(character)
            if all(_distance(cloud, other) > ALIKE for other in clouds):
                break
        characters.append(character)
        clouds.append(cloud)
    return characters


def _invent_character(style: Style, rng: Generator) -> list[Stroke]:
    """A character: a body, up to two smaller parts that grow from it or cross it, and what else the alphabet has."""
    body = _turn(style.parts[rng.integers(len(style.parts))], rng)
    strokes = [body]
    low, high = _box(strokes)
    extra = rng.choice(len(style.extra), p=style.extra)
    for _ in range(max(extra, int((high - low).min() < 0.4))):  # a mere line is no character
        strokes.append(_attach(strokes, style, rng))
    if style.headline:
        low, high = _box(strokes)
        strokes.append(_trace(line((low[0] - 0.15, low[1]), (high[0] + 0.15, low[1]))))
    if rng.random() < style.dots:
        strokes.extend(_dots(strokes, rng))
    return strokes


def _vary(shape: Shape, rng: Generator) -> Stroke:
    """The alphabet's own form of a shape: stretched, leaning and bent a little."""
    stretch = rng.uniform(0.75, 1.3, 2)
    x, y = (_trace(shape) * stretch).T
    bend, lean = rng.normal(0, 0.12, 2)
    return np.stack((x + lean * y + bend * y * (1 - y), y), -1)


def _turn(part: Stroke, rng: Generator) -> Stroke:
    """The part as it is, mirrored, or upside down; now and then lying."""
    signs = np.array(((1, 1), (1, 1), (-1, 1), (1, -1), (-1, -1))[rng.integers(5)])
    return (part[:, ::-1] if rng.random() < 0.15 else part) * signs


def _attach(strokes: list[Stroke], style: Style, rng: Generator) -> Stroke:
    """A smaller part that touches or crosses the strokes; of several tries the one that is clearest to see."""
    tries = []
    for _ in range(8):
        part = _turn(style.parts[rng.integers(len(style.parts))], rng) * rng.choice((0.5, 0.65))
        host, middle = strokes[rng.integers(len(strokes))], KNOTS // 2
        if rng.random() < style.crossing:
            part = part + (host[middle] - part[middle])
        else:
            part = part + (host[rng.choice((0, -1, -1, middle, KNOTS // 4, -KNOTS // 4))] - part[0])
        tries.append(part)
    return min(tries, key=lambda part: _clutter(strokes, part))


def _clutter(strokes: list[Stroke], part: Stroke) -> float:
    """How hard it is to see the part: how much of it runs along the strokes, and how far the character grows."""
    old, new = np.concatenate([stroke[::4] for stroke in strokes]), part[::4]
    near = (np.abs(old[:, None] - new[None]).max(-1) < 0.13).any(0).mean()
    low, high = _box([*strokes, part])
    return near + 0.6 * max(0.0, (high - low).max() - 1.15)


def _cloud(strokes: list[Stroke]) -> Array:
    """A character as points in a unit box."""
    points = np.concatenate([stroke[::4] for stroke in strokes])
    low, high = points.min(0), points.max(0)
    return (points - (low + high) / 2) / (high - low).max()


def _distance(one: Array, other: Array) -> float:
    """How far, at the middle, a point of one cloud is from the other cloud, and the other way round."""
    apart = np.square(one[:, None] - other[None]).sum(-1)
    return float(np.sqrt(apart.min(0)).mean() + np.sqrt(apart.min(1)).mean()) / 2


def _dots(strokes: list[Stroke], rng: Generator) -> list[Stroke]:
    """One or two dots above or below."""
    low, high = _box(strokes)
    y = low[1] - 0.2 if rng.random() < 0.6 else high[1] + 0.2
    middle, apart = (low[0] + high[0]) / 2, 0.14
    return [DOT + np.array((x, y)) for x in ((middle,), (middle - apart, middle + apart))[rng.integers(2)]]


def _box(strokes: list[Stroke]) -> tuple[Array, Array]:
    every = np.concatenate(strokes)
    return every.min(0), every.max(0)


def resample(path: Array, count: int) -> Array:
    """`count` points along a path [n, 2], evenly spaced by its length, ends included."""
    at = np.concatenate(([0.0], np.cumsum(np.sqrt(np.square(np.diff(path, axis=0)).sum(1)))))
    wanted = np.linspace(0, at[-1], count)
    return np.stack([np.interp(wanted, at, path[:, axis]) for axis in (0, 1)], 1)


def _trace(shape: Shape) -> Stroke:
    """The stroke of a pen that follows a shape."""
    t = np.linspace(0, 1, 9)[:, None]
    weights = np.concatenate(((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3), 1)
    return resample((weights[None] @ shape).reshape(-1, 2), KNOTS)


DOT = _trace(arc((0, 0), (0.035, 0.035), 0, 360))
