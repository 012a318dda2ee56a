"""Omniglot's protocols by name: which characters are where, what is turned, and what counts as a class."""

from functools import cache
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from metaplay.config import defaults, revise
from metaplay.episodes import Episodes, Split
from metaplay.registry import FAMILIES
from metaplay.tasks.cache import prepare
from metaplay.tasks.images import ImageFamily

from .test_images import CPU, SPLITS, drawings, sample

pytestmark = pytest.mark.usefixtures("data_root")

DIGESTS = {
    "plain": "91c07c3df308",
    "finn": "91c07c3df308",
    "antoniou": "a83f5f50383f",
    "nichol": "a83f5f50383f",
    "vinyals": "d980b1ab2189",
}
"""Which character is in which split: for ever."""

COUNTS = {
    "plain": (1100, 100, 423, 1100),
    "finn": (1100, 100, 423, 4400),
    "antoniou": (1150, 50, 423, 1150),
    "nichol": (4600, 50, 423, 4600),
    "vinyals": (4112, 688, 1692, 4112),
}
"""Classes that episodes draw from in each split, and the training classes with their turns."""

TURNED = {
    "plain": (),
    "finn": SPLITS,
    "antoniou": (),
    "nichol": ("train",),
    "vinyals": SPLITS,
}
MEETING = {"nichol": ("train",), "vinyals": SPLITS}
"""Splits in which two turns of one character may be two classes of an episode."""


@cache
def family_of(protocol: str, **changes: Any) -> ImageFamily:
    return ImageFamily(revise(defaults("maml", "omniglot"), {"protocol": protocol, **changes}), CPU)


def apart(family: ImageFamily, split: Split, episodes: Episodes) -> tuple[Tensor, Tensor]:
    """Turn and character of each class, [T, way] each."""
    assert episodes.classes is not None
    characters = len(family.members[split])
    return episodes.classes // characters, episodes.classes % characters


def repeated(numbers: Tensor) -> Tensor:
    """For each row whether it has a number twice."""
    ordered = numbers.sort(-1).values
    return (ordered[:, 1:] == ordered[:, :-1]).any(-1)


@pytest.mark.parametrize("name", FAMILIES["omniglot"].protocols)
def test_a_character_is_in_one_split_and_the_split_is_fixed(name: str):
    family = family_of(name)
    members = [number for split in SPLITS for number in family.members[split]]
    assert sorted(members) == list(range(1623))
    assert family.split_digest == DIGESTS[name]
    assert (*(family.class_counts[split] for split in SPLITS), family.train_classes) == COUNTS[name]


def test_the_test_characters_are_those_of_every_protocol():
    assert all(
        family_of(name).members["test"] == family_of("plain").members["test"] for name in FAMILIES["omniglot"].protocols
    )


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", FAMILIES["omniglot"].protocols)
def test_what_is_turned_and_what_may_meet(name: str, split: Split):
    family = family_of(name, way=20)
    episodes = sample(family, split, 300, 1, 1, 0)
    turns, characters = apart(family, split, episodes)
    if split in TURNED[name]:
        counts = turns.flatten().bincount(minlength=4)
        assert (counts - 1500).abs().max() < 6 * 1500**0.5  # 6,000 classes, a quarter of them each way
    else:
        assert not turns.any()
    assert repeated(characters).any() == (split in MEETING.get(name, ()))
    assert episodes.classes is not None
    assert not repeated(episodes.classes).any()  # but never the same turn twice


@pytest.mark.parametrize("split", SPLITS)
@pytest.mark.parametrize("name", FAMILIES["omniglot"].protocols)
def test_images_are_turned_as_their_class_says(name: str, split: Split):
    family = family_of(name, way=20)
    episodes = sample(family, split, 2, 2, 3, 1)
    for task in range(2):
        assert all(len(set(numbers)) == 5 for numbers in drawings(family, split, episodes, task))


def test_two_turns_of_a_character_are_two_classes_with_labels_of_their_own():
    family = family_of("vinyals", way=20)
    episodes = sample(family, "test", 200, 1, 1, 0)
    turns, characters = apart(family, "test", episodes)
    task = int(repeated(characters).nonzero()[0])
    twice = characters[task].mode().values
    one, other = (characters[task] == twice).nonzero().flatten().tolist()[:2]
    assert turns[task, one] != turns[task, other]
    assert episodes.support_y[task].tolist() == list(range(20))
    assert episodes.classes is not None
    names = family.class_names("test", episodes.classes[task])
    assert len(set(names)) == 20
    character = prepare("omniglot").names[family.members["test"][int(twice)]]
    wanted = [character + (f" {90 * int(turns[task, label])}°" if turns[task, label] else "") for label in (one, other)]
    assert [names[one], names[other]] == wanted


def test_rotations_of_the_plain_protocol_turn_training_classes_only():
    family = family_of("plain", rotations=True)
    assert family.split_digest == DIGESTS["plain"]
    assert family.train_classes == 4400
    assert family.class_counts["train"] == 1100
    for split in SPLITS:
        turns, characters = apart(family, split, sample(family, split, 300, 1, 1, 0))
        assert turns.any() == (split == "train")
        assert not repeated(characters).any()


@pytest.mark.parametrize("name", FAMILIES["omniglot"].protocols)
def test_training_may_have_more_ways_than_the_test(name: str):
    family = family_of(name, way=5)
    rng = Generator().manual_seed(0)
    episodes = family.sample("train", 2, 1, 3, rng, 60)
    assert episodes.support_x.shape == (2, 60, 1, 28, 28)
    assert episodes.query_y[0].tolist() == torch.arange(60).repeat_interleave(3).tolist()
    assert episodes.classes is not None
    assert not repeated(episodes.classes).any()
    assert family.sample("val", 2, 1, 3, rng).support_x.shape[1] == 5
    again = family.sample("train", 2, 1, 3, Generator().manual_seed(0), 60)
    assert torch.equal(again.query_x, episodes.query_x)
