"""Drawn and typed episodes from files, and typed sentences: taken, or refused in one sentence."""

import json
import re

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from metaplay.engine import labels
from metaplay.models.ngrams import BUCKETS
from metaplay.tasks.grams import LONGEST, in_buckets, packed, places, words
from metaplay.text import UserError
from metaplay.ui.draw import episode as drawn
from metaplay.ui.draw.words import episode as typed
from metaplay.ui.draw.words import file
from metaplay.ui.status import plain
from tests.fuzz import hostile, profile
from tests.fuzz.guard import guarded

_DRAWN = json.loads(drawn.to_file(drawn.examples(2, 1, 1, np.random.default_rng(0))))
_TYPED = json.loads(file.to_file(typed.EXAMPLES["zh"]) or b"")


@settings(profile.HOSTILE)
@given(
    st.sampled_from((_DRAWN, _TYPED))
    .flatmap(hostile.changed_json)
    .map(hostile.json_of)
    .flatmap(lambda data: st.just(data) | hostile.changed_bytes(data))
)
def test_an_episode_is_taken_or_refused(data: bytes):
    with guarded():
        found = hostile.attempt(lambda: drawn.from_file(data), (UserError,))
        if found:
            support, own = found.support()
            assert len(support) == len(own)
            assert drawn.images(found.queries).shape[1:] == (28, 28)
            assert drawn.from_file(drawn.to_file(found)) == found
        told = hostile.attempt(lambda: file.from_file(data), (UserError,))
        if told:
            assert file.from_file(file.to_file(told) or b"") == told


@settings(profile.HOSTILE)
@given(hostile.words() | st.text(max_size=3000))
def test_typed_text_is_read_and_shown(text: str):
    with guarded():
        assert all(0 <= start < end <= len(text) for start, end in places(text))
        read = packed([in_buckets(text, BUCKETS)], np.ones(BUCKETS, np.float32))
        assert read.shape == (1, 2, LONGEST)
        assert np.isfinite(read).all()
        assert isinstance(words(text), list)
        intent = typed.intent(text, text)
        assert (problem := typed.problem([intent, typed.Intent("other", ["a word"])])) is None or problem.en
        label = labels.label(text, text.split(","))
        assert all(one.isprintable() for one in (label.name, *label.tags))
        assert not re.search(r"(?<!\\)[`*\[\]<>$#|]", plain(label.name).replace("\\\\", ""))
