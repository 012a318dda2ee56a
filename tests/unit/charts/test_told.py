"""The chart of what a network says of a query shows its probabilities, and which class wins."""

import numpy as np
import pytest

from metaplay.charts import style, told
from metaplay.registry import ALGORITHMS

from .synthetic import untyped

SURE = np.array([[0.3, 0.4, 0.3], [0.1, 0.2, 0.7], [0.02, 0.03, 0.95]], np.float32)
TORN = np.array([[0.3, 0.4, 0.3], [0.2, 0.3, 0.5]], np.float32)


@pytest.mark.parametrize("algorithm", ["maml", "scratch"])
def test_every_class_has_its_line_and_the_winner_the_algorithms_look(algorithm: str):
    *lines, winner, _ = untyped(told.told(SURE, "ABC", algorithm, "en", "light")).data
    assert [line.name for line in lines] == list("ABC")
    for label, line in enumerate(lines):
        assert list(line.x) == [0, 1, 2]
        assert list(line.y) == style.numbers(SURE[:, label].astype(float))
    assert (list(winner.x), list(winner.y)) == (list(lines[2].x), list(lines[2].y))  # drawn over the others
    assert winner.line.color == ALGORITHMS[algorithm].colour
    assert winner.line.width > lines[0].line.width == lines[2].line.width
    assert (winner.mode, lines[0].mode) == ("lines+markers", "lines")


def test_names_stand_at_the_ends_and_those_without_room_share_a_place():
    said = untyped(told.told(SURE, "ABC", "maml", "en", "light")).data[-1]
    assert (list(said.text), list(said.x)) == (["  <b>C</b>", "  B A", ""], [2, 2, 2])
    apart = untyped(told.told(TORN, "ABC", "maml", "zh", "dark")).data[-1]
    assert list(apart.text) == ["  <b>C</b>", "  B", "  A"]
    assert list(apart.y) == [0.5, 0.3, 0.2]


def test_other_probabilities_change_points_and_their_words_alone():
    """Then the page need not draw the chart anew."""
    one, other = (untyped(told.told(found, "ABC", "maml", "en", "light")) for found in (SURE, SURE[:, ::-1]))
    assert one.layout == other.layout
    for before, after in zip(one.data, other.data, strict=True):
        rests = [
            {name: value for name, value in trace.to_plotly_json().items() if name not in {"x", "y", "text"}}
            for trace in (before, after)
        ]
        assert rests[0] == rests[1]


def test_the_chart_is_told_in_a_sentence():
    assert told.alt(SURE, "ABC", "MAML", "en") == (
        "MAML: from 30% at inner step 0 the probability of C goes to 95% after 2 steps."
    )
    assert "95%" in told.alt(SURE, "ABC", "MAML", "zh")
