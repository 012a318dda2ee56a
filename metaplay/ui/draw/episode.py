"""What a visitor drew: classes and queries as pen strokes, the file that they are shared as, and the images they become."""

from functools import lru_cache
from typing import Annotated, Literal, Self

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from metaplay.tasks import strokes
from metaplay.text import Text
from metaplay.ui.draw import files

FEWEST, MOST = 2, 5
"""Classes of an episode."""
SHOTS = 5
"""Examples of a class, at most."""
QUERIES = 8
WHAT = Text("drawn episode", "手绘任务")
LETTERS = "ABCDE"
"""What the classes are called."""

_INSIDE = 0.98
Coordinate = Annotated[float, Field(ge=0, le=1)]
Point = tuple[Coordinate, Coordinate]
"""From the upper left corner of the canvas, whose sides are 1: x to the right, y down."""
Stroke = Annotated[list[Point], Field(min_length=1, max_length=500)]
Drawing = Annotated[list[Stroke], Field(min_length=1, max_length=strokes.MOST_STROKES)]
"""Strokes in the order in which they were drawn."""
Examples = Annotated[list[Drawing], Field(max_length=SHOTS)]
Queries = Annotated[list[Drawing], Field(max_length=QUERIES)]
Images = NDArray[np.uint8]


class Drawings(BaseModel):
    """What a canvas holds: its drawings, and the number of the one that is being drawn."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)
    drawings: Queries
    current: int = 0


class Episode(BaseModel):
    """A drawn episode: examples of each class, and queries. A class may still be empty."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)
    metaplay: Literal["drawn episode 1"] = "drawn episode 1"
    classes: Annotated[list[Examples], Field(min_length=FEWEST, max_length=MOST)]
    queries: Queries = []

    @classmethod
    def empty(cls, way: int) -> Self:
        return cls(classes=[[] for _ in range(way)])

    @property
    def way(self) -> int:
        return len(self.classes)

    @property
    def missing(self) -> list[str]:
        """The classes that nothing was drawn of."""
        return [LETTERS[label] for label, drawings in enumerate(self.classes) if not drawings]

    def support(self) -> tuple[Images, list[int]]:
        """Images [S, 28, 28] of all examples, class after class, and their labels."""
        labels = [label for label, drawings in enumerate(self.classes) for _ in drawings]
        return images([drawing for drawings in self.classes for drawing in drawings]), labels


def images(drawings: list[list[list[Point]]]) -> Images:
    """Drawings as images [N, 28, 28], as those that networks train on: ink 255 on 0, centred, of the usual size."""
    inked = [_ink(tuple(map(tuple, drawing))) for drawing in drawings]
    return np.stack(inked) if inked else np.zeros((0, strokes.SIDE, strokes.SIDE), np.uint8)


@lru_cache(maxsize=256)
def _ink(drawing: tuple[tuple[Point, ...], ...]) -> Images:
    """One drawing as an image; kept, as most of what is drawn stays as it is from stroke to stroke."""
    return strokes.ink([np.array(stroke, float) for stroke in drawing])


def examples(way: int, shot: int, query: int, rng: Generator) -> Episode:
    """An episode of invented characters that no network was trained on, each of another alphabet of the test split."""
    classes, queries = [], []
    for k in rng.choice(strokes.split_alphabets("test"), way, replace=False):
        character = int(rng.integers(strokes.CHARACTERS))
        which = rng.choice(strokes.DRAWINGS, shot + query, replace=False)
        drawings = [_on_canvas(alphabet(int(k)).strokes(character, int(drawing))) for drawing in which]
        classes.append(drawings[:shot])
        queries.extend(drawings[shot:])
    return Episode(classes=classes, queries=[queries[int(place)] for place in rng.permutation(len(queries))])


@lru_cache(maxsize=8)
def alphabet(k: int) -> strokes.Alphabet:
    """Alphabet k of the strokes family; it takes a tenth of a second to invent, so the latest are kept."""
    return strokes.alphabet(k)


def _on_canvas(drawn: list[NDArray[np.float64]]) -> list[list[Point]]:
    """Strokes in pixels of an image, thinned, as strokes on a canvas; shrunk where they would leave it."""
    every = np.concatenate(drawn)
    middle = (every.min(0) + every.max(0)) / 2
    unit = max(strokes.SIDE, (every.max(0) - every.min(0)).max() / _INSIDE)
    placed = [((stroke - middle) / unit + 0.5)[_thinned(len(stroke))].round(3) for stroke in drawn]
    return [[(float(x), float(y)) for x, y in stroke] for stroke in placed]


def _thinned(count: int) -> list[int]:
    """Every second of so many points, and the last."""
    return [*range(0, count - 1, 2), count - 1]


def to_file(episode: Episode) -> bytes:
    """The file that `from_file` reads."""
    return episode.model_dump_json().encode()


def from_file(data: bytes) -> Episode:
    """The episode in a file. Raises UserError, with one sentence, for a file that is not one or is too large."""
    return files.read(data, Episode, WHAT)
