"""Invented characters: the same on every machine, different from each other, and about as hard as Omniglot's."""

import hashlib

import numpy as np
import pytest

from metaplay.registry import FAMILIES
from metaplay.tasks.cache import SIDE, prepare
from metaplay.tasks.strokes import IMAGES, MOST_STROKES, alphabet, alphabets, ink, split_alphabets

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


def test_an_alphabet_knows_where_the_pen_went():
    """Its strokes, set down with a pen of their own, cover the ink of the drawing."""
    one = alphabet(45)
    np.testing.assert_array_equal(alphabets(1).pixels, alphabet(0).pixels)
    for character, drawing in ((0, 0), (7, 3), (19, 19)):
        points = np.concatenate(one.strokes(character, drawing))
        inside = points[(points > 0).all(1) & (points < SIDE).all(1)].astype(int)
        assert len(inside) > 100
        assert (one.pixels[character, drawing][inside[:, 1], inside[:, 0]] > 60).mean() > 0.95


def test_the_alphabets_of_a_split_hold_its_characters():
    dealt = IMAGES.split(prepare("strokes").names, FAMILIES["strokes"].classes)
    for split, characters in dealt.items():
        assert characters == [20 * k + i for k in split_alphabets(split) for i in range(20)]


def test_a_persons_drawing_becomes_an_image_like_the_others():
    family = prepare("strokes").pixels[900:1000]
    one = alphabet(45)
    drawn = np.stack([ink(one.strokes(character, 0)) for character in range(20)])
    assert 0.75 < drawn.mean() / family.mean() < 1.25
    rows, columns = drawn.max((0, 2)), drawn.max((0, 1))
    assert rows[:3].max() == columns[:3].max() == rows[-3:].max() == columns[-3:].max() == 0


@pytest.mark.parametrize(("size", "x", "y"), [(1, 0, 0), (0.3, 0.6, 0.1), (28, -5, 40)])
def test_place_and_size_on_the_canvas_do_not_matter(size: float, x: float, y: float):
    strokes = [np.array([[0.1, 0.2], [0.9, 0.4], [0.5, 0.9]]), np.array([[0.2, 0.8], [0.8, 0.1]])]
    moved = [size * stroke + (x, y) for stroke in strokes]
    difference = np.abs(ink(moved).astype(int) - ink(strokes).astype(int))
    assert difference.max() <= 16  # positions are rounded to a grid


def test_dots_empty_sheets_and_many_strokes_have_images_too():
    assert ink([]).max() == 0
    dot = ink([np.array([[0.3, 0.7]])])
    assert 0 < (dot > 0).sum() < 80
    assert dot[10:18, 10:18].sum() == dot.sum()
    many = [np.array([[i / 30, 0.1], [i / 30, 0.9]]) for i in range(MOST_STROKES)]
    assert ink(many).max() == 255
    assert ink([np.array([[0.5, 0.5]])] * MOST_STROKES).max() == 255
