"""Which families a run can be tested on: what its network takes, in tasks of as many classes and examples."""

from typing import Any

import pytest

from metaplay.config import ConfigError, defaults, revise
from metaplay.config.across import across, fits
from metaplay.registry import FAMILIES

REFUSALS: list[tuple[str, dict[str, Any], str, str]] = [
    ("strokes", {}, "cats", "family = cats: there is none of that name; choose one of sinusoid,"),
    (
        "strokes",
        {},
        "sinusoid",
        "A run on Strokes cannot be tested on Sinusoid: its network takes grey images, and those are",
    ),
    (
        "strokes",
        {},
        "cifar10",
        "A run on Strokes cannot be tested on CIFAR-10: its network takes grey images, and those are",
    ),
    (
        "everyday",
        {},
        "strokes",
        "A run on Everyday sentences cannot be tested on Strokes: its network takes sentences, and",
    ),
    ("strokes", {"way": 12}, "mnist", "A 12-way run cannot be tested on MNIST, which has 10 classes in all."),
    (
        "mnist",
        {"shot": 19},
        "strokes",
        "A run with 29 examples of each class in a task (shot + query) cannot be tested on Strokes, which has 20.",
    ),
]


@pytest.mark.parametrize(("family", "changes", "other", "words"), REFUSALS, ids=[row[3][:40] for row in REFUSALS])
def test_what_a_run_cannot_take_is_refused_in_one_sentence(
    family: str, changes: dict[str, Any], other: str, words: str
):
    config = revise(defaults("maml", family), changes)
    with pytest.raises(ConfigError) as error:
        across(config, other)
    assert str(error.value).startswith(words)
    assert not fits(config, other)


def test_its_own_tasks_stay_as_they_are_and_others_are_dealt_plainly():
    config = revise(defaults("maml", "omniglot"), {"protocol": "vinyals", "way": 20})
    assert across(config, "omniglot") == config
    other = across(config, "emnist")
    assert (other.family, other.protocol, other.hold_out, other.way) == ("emnist", "plain", "classes", 20)


def test_classes_that_are_fixed_in_training_are_drawn_anew():
    config = revise(defaults("joint", "mnist"), {"hold_out": "images", "way": 10})
    assert across(config, "kmnist").hold_out == "classes"


def test_grey_images_fit_grey_and_sentences_fit_sentences():
    config = defaults("maml", "strokes")
    grey = {"strokes", "omniglot", "mnist", "fashion-mnist", "kmnist", "emnist"}
    assert {name for name in FAMILIES if not name.startswith("own:") and fits(config, name)} == grey
    text = {name for name, family in FAMILIES.items() if family.text and not name.startswith("own:")}
    assert {name for name in text if fits(defaults("maml", "everyday"), name)} == text
