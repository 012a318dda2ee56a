"""Whom the engine asks: those that train nothing, and of these not one alone."""

from pathlib import Path

import pytest

from metaplay.engine.asking import Asking
from metaplay.text import UserError


@pytest.fixture
def asking() -> Asking:
    return Asking(Path("nowhere"))


def test_questions_of_one_page_are_spread_over_the_workers_in_the_same_way_each_time(asking: Asking):
    idle = {"b": 0, "a": 0}
    first = asking._choose(idle, 3)
    assert first == ["a", "b", "a"]
    for worker in first:
        asking._asked[worker] -= 1
    assert asking._choose(idle, 3) == first


def test_the_next_page_asks_whoever_has_been_asked_least(asking: Asking):
    asking._choose({"a": 0, "b": 0, "c": 0}, 1)
    assert asking._choose({"a": 0, "b": 0, "c": 0}, 2) == ["b", "c"]


def test_what_trains_is_asked_only_where_all_train(asking: Asking):
    assert asking._choose({"a": 1, "b": 0, "c": 1}, 4) == ["b"] * 4
    assert asking._choose({"a": 1, "c": 1}, 2) == ["a", "c"]


def test_without_an_engine_one_sentence_says_so(asking: Asking):
    with pytest.raises(UserError, match="The engine is not there to answer"):
        next(asking.each(None, "drawn", [{}]))
