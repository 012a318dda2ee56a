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
    figure = told.told(SURE, "ABC", algorithm, "en", "light")
    lines = {trace.name: trace for trace in untyped(figure).data}
    assert set(lines) == set("ABC")
    for label, name in enumerate("ABC"):
        assert list(lines[name].x) == [0, 1, 2]
        assert list(lines[name].y) == style.numbers(SURE[:, label].astype(float))
    assert lines["C"].line.color == ALGORITHMS[algorithm].colour
    assert lines["C"].line.width > lines["A"].line.width == lines["B"].line.width
    assert (lines["C"].mode, lines["A"].mode) == ("lines+markers", "lines")
    assert untyped(figure).data[-1].name == "C"  # drawn over the others


def test_names_stand_at_the_ends_and_those_without_room_share_a_place():
    notes = untyped(told.told(SURE, "ABC", "maml", "en", "light")).layout.annotations
    assert [(note.text, note.x) for note in notes] == [("<b>C</b>", 2), ("B A", 2)]
    apart = untyped(told.told(TORN, "ABC", "maml", "zh", "dark")).layout.annotations
    assert [note.text for note in apart] == ["<b>C</b>", "B", "A"]


def test_the_chart_is_told_in_a_sentence():
    assert told.alt(SURE, "ABC", "MAML", "en") == (
        "MAML: from 30% at inner step 0 the probability of C goes to 95% after 2 steps."
    )
    assert "95%" in told.alt(SURE, "ABC", "MAML", "zh")
