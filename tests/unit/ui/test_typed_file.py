"""The file that typed episodes are shared as, and files that are none."""

import json
from typing import Any

import pytest

from metaplay.text import Language, UserError
from metaplay.ui.draw.episode import Episode as Drawn
from metaplay.ui.draw.episode import to_file as drawn_file
from metaplay.ui.draw.files import LARGEST
from metaplay.ui.draw.words.episode import EXAMPLES, LONGEST, Episode, Intent
from metaplay.ui.draw.words.file import from_file, to_file

GREET, ORDER = {"name": "greet", "sentences": ["hello"]}, {"name": "order", "sentences": ["one tea", "=2+2"]}
GOOD = {"metaplay": "typed episode 1", "intents": [GREET, ORDER], "query": "hi"}


def _with(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_file_gives_back_what_was_typed(language: Language):
    kept = to_file(EXAMPLES[language])
    assert kept is not None
    assert from_file(kept) == EXAMPLES[language]


def test_a_sentence_is_text_whatever_it_begins_with():
    assert from_file(_with()).intents[1].sentences == ["one tea", "=2+2"]


def test_intents_that_cannot_be_adapted_to_are_not_kept():
    assert to_file(Episode([Intent("greet", ["hello"]), Intent("order", [])], "")) is None


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"[1, 2]",
        b"[" * 100_000,
        drawn_file(Drawn.empty(3)),
        _with(metaplay="something else"),
        _with(intents=[GREET]),
        _with(intents=[{**GREET, "name": str(n)} for n in range(6)]),
        _with(intents=[GREET, GREET]),
        _with(intents=[GREET, {**ORDER, "name": " "}]),
        _with(intents=[GREET, {**ORDER, "sentences": []}]),
        _with(intents=[GREET, {**ORDER, "sentences": ["tea"] * 6}]),
        _with(intents=[GREET, {**ORDER, "sentences": ["a\nb"]}]),
        _with(intents=[GREET, {**ORDER, "sentences": ["привет"]}]),
        _with(intents=[GREET, {**ORDER, "sentences": [3]}]),
        _with(intents=[GREET, {**ORDER, "more": 1}]),
        _with(query="x" * (LONGEST + 1)),
        _with(surprise=1),
        json.dumps(GOOD).replace("hello", "\\ud800").encode(),
        b" " * (LARGEST + 1),
    ],
)
def test_a_file_that_is_no_typed_episode_is_refused_in_one_sentence(data: bytes):
    with pytest.raises(UserError) as refused:
        from_file(data)
    for sentence in refused.value.text:
        assert 10 < len(sentence) < 200
        assert "\n" not in sentence
