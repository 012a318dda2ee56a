"""Typed episodes: what is wrong with them in one sentence, real intents in both languages, and words as they are coloured."""

import numpy as np
import pytest
from numpy.random import default_rng

from metaplay.registry import PROTOCOLS
from metaplay.tasks.sentences import sentences, split
from metaplay.text import Language
from metaplay.ui.draw.words.episode import EXAMPLES, FAMILIES, LONGEST, REAL_SHOTS, Intent, intent, problem, real
from metaplay.ui.influence import marked
from metaplay.walks import Weighed

GOOD = [Intent("问好", ["你好", "早上好"]), Intent("café ☕", ["One coffee, please"])]


def test_lines_are_sentences_and_empty_ones_are_none():
    assert intent("  greet ", "hello\n\n  hi there \n") == ("greet", ["hello", "hi there"])


def test_names_and_sentences_may_be_in_any_writing_that_has_something_to_read():
    assert problem(GOOD) is None
    assert problem(EXAMPLES["en"].intents) is None
    assert problem(EXAMPLES["zh"].intents) is None


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (Intent("", ["x"]), "Intent C has no name"),
        (Intent("CAFÉ ☕", ["x"]), "Intents B and C have the same name"),
        (Intent("x", []), "Intent C has no example yet"),
        (Intent("x", ["x"] * 6), "Intent C has 6 examples: keep at most 5"),
        (Intent("x", ["x" * (LONGEST + 1)]), f"longer than {LONGEST} characters"),
        (Intent("x", ["привет"]), "nothing that the networks read"),
    ],
)
def test_what_is_wrong_is_said_in_one_sentence(wrong: Intent, said: str):
    found = problem([*GOOD, wrong])
    assert found is not None
    assert said in found.en
    assert found.en.endswith(".")
    assert found.zh.endswith("。")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_real_intents_are_of_the_test_split_and_the_query_is_none_of_the_examples(language: Language):
    held = sentences(FAMILIES[language])
    test = split(FAMILIES[language], held, PROTOCOLS["plain"])["test"]
    of = {text: number for number in test for text in held.texts[number]}
    for seed in range(20):
        intents, query = real(5, language, default_rng(seed))
        assert problem(intents) is None
        shown = [[of[text] for text in one.sentences] for one in intents]
        assert all(len(own) == REAL_SHOTS and len(set(own)) == 1 for own in shown)
        assert of[query] in [own[0] for own in shown]
        assert query not in [text for one in intents for text in one.sentences]
        assert all("_" not in one.name for one in intents)
        assert language == "en" or not any(one.name.isascii() for one in intents)


def test_a_word_is_marked_by_its_sign_and_never_as_html():
    weighed = Weighed(0, np.ones((1, 1)), [(1, 2), (4, 7), (8, 9)], np.array([[0.25, -0.1, 0.004]]))
    shown = marked("<b> dog a", weighed, 0, "en")
    assert "&lt;<mark class='for'" in shown
    assert "title='b: +25 points'>b</mark>&gt;" in shown
    assert "<mark class='against'" in shown
    assert "title='dog: -10 points'>dog</mark> a</span>" in shown
