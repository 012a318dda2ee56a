"""Drawn episodes: the file that they are shared as, and files that are none."""

import json
from typing import Any

import numpy as np
import pytest
from numpy.random import default_rng

from metaplay.text import UserError
from metaplay.ui.draw import game
from metaplay.ui.draw.canvas import _valid
from metaplay.ui.draw.episode import Drawings, Episode, examples, from_file, images, to_file
from metaplay.ui.draw.files import LARGEST
from metaplay.ui.draw.held import Held

CROSS = [[(0.1, 0.1), (0.9, 0.9)], [(0.9, 0.1), (0.1, 0.9)]]
GOOD = {"metaplay": "drawn episode 1", "classes": [[CROSS], [CROSS, CROSS]], "queries": [CROSS]}


def _with(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def test_a_file_gives_back_what_was_drawn():
    drawn = examples(way=5, shot=2, query=1, rng=default_rng(0))
    assert from_file(to_file(drawn)) == drawn
    assert len(to_file(drawn)) < LARGEST / 4


def test_support_images_come_class_by_class_with_their_labels():
    pixels, labels = from_file(_with()).support()
    assert pixels.shape == (3, 28, 28)
    assert labels == [0, 1, 1]
    np.testing.assert_array_equal(pixels[0], images([CROSS])[0])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"[1, 2]",
        b'{"classes": []}',
        b"[" * 100_000,
        _with(metaplay="something else"),
        _with(classes=[[CROSS]]),
        _with(classes=[[CROSS]] * 6),
        _with(classes=[[CROSS] * 6, [CROSS]]),
        _with(queries=[[]]),
        _with(queries=[[[[0.5, 1.5]]]]),
        _with(queries=[[[[0.5, "x"]]]]),
        _with(queries=[[[[0.5]]]]),
        _with(queries=[[[[0.5, 0.5]] * 501]]),
        _with(queries=[[[[0.5, 0.5]]] * 31]),
        json.dumps(GOOD).replace("0.9", "NaN").encode(),
        _with(surprise=1),
        b" " * (LARGEST + 1),
    ],
)
def test_a_file_that_is_no_drawn_episode_is_refused_in_one_sentence(data: bytes):
    with pytest.raises(UserError) as refused:
        from_file(data)
    for sentence in refused.value.text:
        assert 10 < len(sentence) < 200
        assert "\n" not in sentence


def test_examples_are_of_test_characters_and_fit_the_canvas():
    drawn = examples(way=4, shot=3, query=2, rng=default_rng(1))
    assert [len(one) for one in drawn.classes] == [3] * 4
    assert len(drawn.queries) == 8
    assert drawn != examples(way=4, shot=3, query=2, rng=default_rng(2))


def test_what_the_browser_says_of_another_version_or_that_makes_no_sense_is_not_believed():
    mine = Drawings(drawings=[CROSS])
    told = {"version": 2, "drawings": [CROSS, CROSS], "current": 1}
    assert _valid(told, mine, 2) == Drawings(drawings=[CROSS, CROSS], current=1)
    for void in (None, {**told, "version": 1}, {**told, "drawings": [[]]}, {**told, "drawings": [[[[2, 0]]]]}):
        assert _valid(void, mine, 2) is mine


def test_a_new_episode_replaces_all_and_makes_the_old_void():
    held = Held(way=5)
    held.classes[4] = Drawings(drawings=[CROSS])
    before = held.version
    held.put(from_file(_with()))
    assert held.version > before
    assert held.episode() == from_file(_with())
    held.way = 5
    assert held.episode().missing == ["C", "D", "E"]
    assert Episode.empty(3).missing == ["A", "B", "C"]


def test_a_round_has_five_characters_and_two_other_drawings_of_each():
    dealt = game.deal(default_rng(3))
    assert dealt.support.shape == (5, 28, 28)
    assert sorted(dealt.truth) == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]
    seen = {image.tobytes() for image in (*dealt.support, *dealt.queries)}
    assert len(seen) == 15
    assert not dealt.over
