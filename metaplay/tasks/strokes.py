"""Strokes: invented characters, drawn with a simulated pen on this machine. Any number of classes; nothing to download.

Every character is a list of pen strokes (`letters`). Each of its drawings bends it in its own way: as a whole (an affine map
and a smooth warp of the plane), stroke by stroke (shift, turn, bow), and in the pen's width. Points along the strokes are then
set down as Gaussian spots, which is one small matrix product per drawing: ink[y, x] = sum over points of g(y - py) g(x - px).

The same seed gives the same pixels, also on another machine: positions are rounded to a fine grid and spots are whole numbers,
so that neither the processor's last digit nor the order of a sum can show.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from metaplay.registry import FAMILIES
from metaplay.tasks.cache import SIDE, Images, ImageSet, Progress
from metaplay.tasks.letters import DOT, Style, invent_characters, invent_style, resample
from metaplay.tasks.splitting import in_order

SEED = 7
CHARACTERS = 20
"""Characters of an alphabet."""

DRAWINGS = 20
POINTS = 160
"""Spots that a drawing is made of: about two per pixel of pen path."""

GRID, MARGIN = 32, 6
"""Positions per pixel that a spot can have, and pixels around the image in which it can lie."""

SPOT = 0.65
"""Standard deviation of a spot in pixels: how soft the pen is."""

STROKE_SHIFT, STROKE_TURN, STROKE_SCALE, STROKE_BOW = 0.45, 0.1, 0.07, 0.5
AFFINE, WARP, SCALE, SHIFT = 0.1, 0.07, 0.14, 1.5
"""How much drawings of a character differ (standard deviations; shifts and bows in pixels, turns in radians). Tuned until
nearest neighbour on pixels was as good as on Omniglot: 42 % at 5-way 1-shot, 24 % at 20-way."""

CONTRAST, FLOOR = 1.7, 0.3
"""How ink darkens the paper: contrast * height - floor, between 0 and 1."""

USUAL = Style(parts=[], slant=0, aspect=1, pen=1.05, size=16.5, extra=(), crossing=0, dots=0, headline=False)
"""The pen and size in the middle of what alphabets have: a person's drawing is brought to these."""

MOST_STROKES = 30
"""Strokes of a person's drawing that POINTS spots are enough for."""

_SMALL = 0.1
"""A drawing smaller than this is not made as large as the others."""

Array = NDArray[np.float64]


class Alphabet(NamedTuple):
    """`pixels` uint8 [CHARACTERS, DRAWINGS, SIDE, SIDE]; `points` [CHARACTERS, DRAWINGS, POINTS, 2], where the pen went, in
    pixels from the upper left; `which` [CHARACTERS, POINTS], the stroke that each point is on; and each character's name."""

    pixels: NDArray[np.uint8]
    points: Array
    which: NDArray[np.int64]
    names: list[str]

    def strokes(self, character: int, drawing: int) -> list[Array]:
        """A drawing as its strokes [n, 2], in pixels."""
        which = self.which[character]
        return [self.points[character, drawing, which == stroke] for stroke in range(which.max() + 1)]


def alphabet(k: int, seed: int = SEED) -> Alphabet:
    """Invent and draw alphabet k of a seed: it is always the same."""
    rng = default_rng((seed, k))
    style = invent_style(rng)
    paths = [_path(character, style) for character in invent_characters(style, CHARACTERS, rng)]
    points, pixels = _draw(paths, style, rng)
    names = [f"{_name(k)} {number:02}" for number in range(1, CHARACTERS + 1)]
    return Alphabet(pixels, points, np.stack([path[1] for path in paths]), names)


def alphabets(count: int, seed: int = SEED, progress: Progress = lambda done: None) -> Images:
    """Invent and draw `count` alphabets of 20 characters with 20 drawings each."""
    pixels, names = [], []
    for k in range(count):
        one = alphabet(k, seed)
        pixels.append(one.pixels)
        names.extend(one.names)
        progress((k + 1) / count)
    return Images(np.concatenate(pixels), names)


def ink(strokes: Sequence[Array]) -> NDArray[np.uint8]:
    """A person's drawing, of at most MOST_STROKES strokes [n, 2] in any unit, as an image [SIDE, SIDE] like the others.

    It is centred and brought to their usual size, and drawn with the same pen. No strokes, no ink. A stroke that goes nowhere
    is a dot.
    """
    if not strokes:
        return np.zeros((SIDE, SIDE), np.uint8)
    every = np.concatenate(strokes)
    unit = max((every.max(0) - every.min(0)).max(), _SMALL)
    traced = [_dotted((stroke - every.min(0)) / unit) for stroke in strokes]
    path = _path(traced, USUAL)
    return _ink((path[0] + SIDE / 2)[None, None], USUAL.pen * _spacing(path[0][None, None], path[1][None]))[0, 0]


def _dotted(stroke: Array) -> Array:
    low, high = stroke.min(0), stroke.max(0)
    return stroke if (high - low).max() > np.ptp(DOT[:, 0]) / 2 else DOT + (low + high) / 2


def split_alphabets(split: str) -> range:
    """The alphabets of a split: which `alphabet` numbers its characters are from."""
    ends = np.cumsum([0, *FAMILIES["strokes"].classes.values()]) // CHARACTERS
    place = list(FAMILIES["strokes"].classes).index(split)
    return range(int(ends[place]), int(ends[place + 1]))


def _build(work: Path, progress: Progress) -> Images:
    return alphabets(sum(FAMILIES["strokes"].classes.values()) // CHARACTERS, SEED, progress)


def _name(k: int) -> str:
    """A pronounceable name for alphabet k, a different one for each of the first 1,600, then numbered."""
    first, middle, last = (
        "BDGHKLMNPRSTVZWJFCQX",
        ["a", "e", "i", "o", "u", "ai", "au", "ea", "ia", "io"],
        ["dan", "len", "mir", "nor", "ras", "sil", "tan", "vek"],
    )
    k, again = k * 7919 % 1600, k // 1600
    name = first[k % 20] + middle[k // 20 % 10] + last[k // 200 % 8]
    return f"{name} {again + 1}" if again else name


def _path(strokes: list[Array], style: Style) -> tuple[Array, NDArray[np.int64], Array]:
    """A character as POINTS points in pixels from its centre; which stroke each is on, and where on it (from -1 to 1)."""
    long = np.array([np.sqrt(np.square(np.diff(stroke, axis=0)).sum(1)).sum() for stroke in strokes])
    counts = np.maximum(4, np.floor(long / long.sum() * POINTS).astype(int))
    counts[np.argmax(counts)] += POINTS - counts.sum()
    points = np.concatenate([resample(stroke, n) for stroke, n in zip(strokes, counts, strict=True)])
    points = np.stack((points[:, 0] * style.aspect - style.slant * points[:, 1], points[:, 1]), 1)
    low, high = points.min(0), points.max(0)
    scale = style.size / max((high - low).max(), 0.8)
    which = np.repeat(np.arange(len(strokes)), counts)
    along = np.concatenate([np.linspace(-1, 1, n) for n in counts])
    return (points - (low + high) / 2) * scale, which, along


def _draw(
    paths: Sequence[tuple[Array, NDArray[np.int64], Array]], style: Style, rng: Generator
) -> tuple[Array, NDArray[np.uint8]]:
    """Draw every character DRAWINGS times: points [characters, DRAWINGS, POINTS, 2] and pixels [characters, DRAWINGS, SIDE, SIDE]."""
    points = np.stack([path[0] for path in paths])[:, None]  # [C, 1, P, 2]
    which, along = np.stack([path[1] for path in paths]), np.stack([path[2] for path in paths])
    shape = (len(paths), DRAWINGS)
    moved = _bend_strokes(points, which, along, shape, rng)
    moved = _bend_whole(moved, shape, rng)
    gain = style.pen * np.exp(rng.normal(0, 0.08, shape))
    return moved, _ink(moved, gain[..., None, None] * _spacing(moved, which))


def _spacing(points: Array, which: NDArray[np.int64]) -> Array:
    """The mean distance of neighbours on a stroke, of points [C, D, P, 2] on the strokes `which` [C, P]: [C, D, 1, 1]."""
    steps = np.sqrt(np.square(np.diff(points, axis=2)).sum(-1))
    same = (np.diff(which, axis=1) == 0)[:, None]
    return ((steps * same).sum(-1) / same.sum(-1))[..., None, None]


def _bend_strokes(
    points: Array, which: NDArray[np.int64], along: Array, shape: tuple[int, int], rng: Generator
) -> Array:
    """Each stroke a little shifted, turned, scaled and bowed, differently in every drawing: [C, D, P, 2]."""
    strokes = int(which.max()) + 1

    def noise(size: float) -> Array:
        """One number for each drawing's stroke, at each of its points."""
        drawn = rng.normal(0, size, (*shape, strokes))
        return np.take_along_axis(drawn, np.broadcast_to(which[:, None], (*shape, POINTS)), 2)

    member = which[:, None] == np.arange(strokes)[None, :, None]  # [C, K, P]
    centres = (member[..., None] * points).sum(2) / np.maximum(member.sum(2), 1)[..., None]
    centre = np.take_along_axis(centres, np.repeat(which[..., None], 2, 2), 1)[:, None]
    x, y = np.moveaxis(points - centre, -1, 0)
    turn, grow, bow = noise(STROKE_TURN), noise(STROKE_SCALE), noise(STROKE_BOW) * (1 - along**2)[:, None]
    x, y = x * (1 + grow) - y * turn, y * (1 + grow) + x * turn
    tangent = np.gradient(points, axis=2)
    tangent /= np.sqrt(np.square(tangent).sum(-1, keepdims=True)) + 1e-9
    x = x + centre[..., 0] + noise(STROKE_SHIFT) - bow * tangent[..., 1]
    y = y + centre[..., 1] + noise(STROKE_SHIFT) + bow * tangent[..., 0]
    return np.stack((x, y), -1)


def _bend_whole(points: Array, shape: tuple[int, int], rng: Generator) -> Array:
    """A smooth warp and an affine map of the plane for every drawing, centred on the image."""
    x, y = np.moveaxis(points / (SIDE / 2), -1, 0)
    terms = np.stack((x, y, x * x, x * y, y * y, x * x * x, x * x * y, x * y * y, y * y * y))
    sizes = np.array((AFFINE, AFFINE, *(WARP,) * 7)) * SIDE / 2
    weights = rng.normal(0, 1, (2, 9, *shape, 1)) * sizes[None, :, None, None, None]
    grow = np.exp(rng.normal(0, SCALE, (*shape, 1, 1)))
    shift = rng.normal(0, SHIFT, (*shape, 1, 2))
    return (points + np.moveaxis((weights * terms).sum(1), 0, -1)) * grow + shift + SIDE / 2


def _ink(points: Array, strength: Array) -> NDArray[np.uint8]:
    """Set down a spot at every point [C, D, P, 2]. A strength of the points' spacing gives a line of height 1 in its middle."""
    places = (SIDE + 2 * MARGIN) * GRID
    spots = np.arange(places)[:, None] / GRID - MARGIN - (np.arange(SIDE) + 0.5)
    table = np.round(255 * np.exp(-0.5 * np.square(spots / SPOT))).astype(np.float32)  # whole numbers: sums are exact
    at = np.clip(np.floor((points + MARGIN) * GRID), 0, places - 1).astype(np.int64)
    ink = np.swapaxes(table[at[..., 1]], -1, -2) @ table[at[..., 0]]
    height = ink * (strength / (255**2 * SPOT * np.sqrt(2 * np.pi)))
    return np.round(255 * np.clip(CONTRAST * height - FLOOR, 0, 1)).astype(np.uint8)


IMAGES = ImageSet(1, _build, in_order)
"""In order: whole alphabets are for training, validation or test."""
