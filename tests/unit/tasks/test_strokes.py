"""Invented characters: the same on every machine, different from each other, and about as hard as Omniglot's."""

import hashlib

import numpy as np
import pytest

from metaplay.tasks.cache import prepare
from metaplay.tasks.strokes import alphabets

from .nearest import accuracy


def digest(pixels: np.ndarray) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


def test_the_same_seed_gives_the_same_pixels_bit_for_bit():
    assert digest(alphabets(1).pixels) == "abc4c9a75b151e15"


def test_an_alphabet_does_not_depend_on_how_many_there_are():
    three = alphabets(3, seed=11)
    np.testing.assert_array_equal(alphabets(1, seed=11).pixels, three.pixels[:20])
    assert digest(alphabets(1, seed=12).pixels) != digest(three.pixels[:20])
    assert len(set(three.names)) == 60


def test_progress_reaches_the_end():
    told: list[float] = []
    alphabets(2, progress=told.append)
    assert told == [0.5, 1.0]


def test_every_drawing_is_another_and_has_ink_of_a_thin_pen():
    pixels = prepare("strokes").pixels
    flat = pixels.reshape(len(pixels) * 20, -1)
    assert len({row.tobytes() for row in flat}) == len(flat)
    ink = flat.mean(1) / 255
    assert ink.min() > 0.01
    assert ink.max() < 0.45
    assert 0.08 < ink.mean() < 0.11  # Omniglot: 0.088


@pytest.mark.parametrize(("way", "shot", "low", "high"), [(5, 1, 0.40, 0.46), (20, 1, 0.21, 0.27), (5, 5, 0.62, 0.70)])
def test_pixels_alone_do_about_as_well_as_on_omniglot(way: int, shot: int, low: float, high: float):
    """Omniglot: 42.6 %, 23.3 % and 65.0 %."""
    assert low < accuracy(prepare("strokes").pixels, way, shot, 1200 // way) < high
