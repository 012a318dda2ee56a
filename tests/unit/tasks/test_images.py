"""Episodes of images, against a naive reading of the array: what is drawn, how often, and never from the wrong split."""

from functools import cache
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Generator

from metaplay.config import defaults, revise
from metaplay.episodes import Episodes, Split
from metaplay.registry import FAMILIES
from metaplay.tasks.cache import image_set, prepare
from metaplay.tasks.images import ImageFamily, distinct, turned

CPU = torch.device("cpu")
SPLITS: tuple[Split, ...] = ("train", "val", "test")
seeds = st.integers(0, 2**31 - 1)


@cache
def family_of(**changes: Any) -> ImageFamily:
    return ImageFamily(revise(defaults("maml", "strokes"), changes), CPU)


def sample(family: ImageFamily, split: Split, tasks: int, shot: int, query: int, seed: int) -> Episodes:
    return family.sample(split, tasks, shot, query, Generator().manual_seed(seed))


def drawings(family: ImageFamily, split: Split, episodes: Episodes, task: int) -> list[list[int]]:
    """For each label of a task the numbers of its drawings, support first, each found by its pixels in the prepared array.

    Fails if an image is not a drawing of the class that `classes` names (turned as it says).
    """
    pixels, way = family.pixels.numpy(), family.outputs
    assert episodes.classes is not None
    found = []
    for label in range(way):
        number = int(episodes.classes[task, label])
        members = family.members[split]
        turn, member = divmod(number, len(members))
        known = {np.rot90(image, turn).tobytes(): i for i, image in enumerate(pixels[members[member]])}
        images = []
        for x, y in ((episodes.support_x, episodes.support_y), (episodes.query_x, episodes.query_y)):
            each = x.shape[1] // way
            rows = slice(label * each, (label + 1) * each)
            assert (y[task, rows] == label).all()
            images.extend((x[task, rows, 0] * 255).round().byte().numpy())
        found.append([known[np.ascontiguousarray(image).tobytes()] for image in images])
    return found


@settings(max_examples=40, deadline=None)
@given(
    seed=seeds,
    split=st.sampled_from(SPLITS),
    way=st.integers(2, 20),
    shot=st.integers(1, 10),
    query=st.integers(1, 10),
    rotations=st.booleans(),
)
def test_episodes_are_what_they_say(seed: int, split: Split, way: int, shot: int, query: int, rotations: bool):
    family = family_of(way=way, shot=shot, query=query, rotations=rotations)
    episodes = sample(family, split, 2, shot, query, seed)
    assert episodes.support_x.shape == (2, way * shot, 1, 28, 28)
    assert episodes.query_x.shape == (2, way * query, 1, 28, 28)
    assert episodes.support_x.dtype == episodes.query_x.dtype == torch.float32
    assert episodes.classes is not None
    for task in range(2):
        characters = episodes.classes[task] % len(family.members[split])
        assert len(set(characters.tolist())) == way  # so no two turns of one character either
        for numbers in drawings(family, split, episodes, task):
            assert len(set(numbers)) == shot + query  # all different: support and query share none
    if split != "train" or not rotations:
        assert (episodes.classes < family.class_counts[split]).all()


@settings(max_examples=20, deadline=None)
@given(seed=seeds, split=st.sampled_from(SPLITS), way=st.integers(2, 10))
def test_with_images_held_out_labels_are_fixed_and_splits_share_no_drawing(seed: int, split: Split, way: int):
    family = family_of(way=way, hold_out="images")
    episodes = sample(family, split, 2, 1, 5, seed)
    assert episodes.classes is not None
    assert episodes.classes.tolist() == [list(range(way))] * 2
    sizes = FAMILIES["strokes"].images
    start = {"train": 0, "val": sizes["train"], "test": sizes["train"] + sizes["val"]}[split]
    for numbers in drawings(family, split, episodes, 0):
        assert len(set(numbers)) == 6
        assert set(numbers) <= set(range(start, start + sizes[split]))
    assert family.train_classes == way
    assert family.class_counts == dict.fromkeys(SPLITS, way)


@pytest.mark.parametrize("rotations", [False, True])
def test_the_same_generator_state_gives_the_same_stream(rotations: bool):
    family = family_of(rotations=rotations)
    one, other = Generator().manual_seed(3), Generator().manual_seed(3)
    first = family.sample("train", 4, 1, 5, one)
    for again in (first, family.sample("train", 4, 1, 5, one)):
        twin = family.sample("train", 4, 1, 5, other)
        assert torch.equal(again.support_x, twin.support_x)
        assert torch.equal(again.query_x, twin.query_x)
    assert not torch.equal(first.support_x, sample(family, "train", 4, 1, 5, 4).support_x)


def test_labels_classes_and_drawings_are_drawn_evenly():
    family = family_of(way=5)
    episodes = sample(family, "val", 4000, 1, 5, 0)
    assert episodes.classes is not None
    counts = torch.stack([episodes.classes[:, label].bincount(minlength=100) for label in range(5)])
    assert (
        counts - 40
    ).abs().max() < 6 * 40**0.5  # 4,000 tasks over 100 classes: each about 40 times under every label
    which = torch.tensor([drawings(family, "val", episodes, task)[0] for task in range(400)])
    first = which[:, 0].bincount(minlength=20)  # the support drawing
    assert (first - 20).abs().max() < 6 * 20**0.5


def test_every_turn_of_a_training_class_is_a_class_of_its_own():
    family = family_of(rotations=True)
    episodes = sample(family, "train", 2000, 1, 1, 0)
    assert episodes.classes is not None
    assert family.train_classes == 3200
    turns = (episodes.classes // 800).flatten().bincount(minlength=4)
    assert (turns - 2500).abs().max() < 250
    names = family.class_names("train", torch.tensor([5, 805, 1605, 2405]))
    assert names == [names[0], f"{names[0]} 90°", f"{names[0]} 180°", f"{names[0]} 270°"]


@pytest.mark.parametrize("name", ["strokes"])
def test_splits_are_disjoint_fixed_and_as_the_registry_says(name: str):
    check_splits(name)


@pytest.mark.usefixtures("data_root")
@pytest.mark.parametrize("name", ["mnist", "omniglot"])
def test_splits_of_real_sets_are_disjoint_fixed_and_as_the_registry_says(name: str):
    check_splits(name)


def check_splits(name: str) -> None:
    images, entry = prepare(name), FAMILIES[name]
    assert images.pixels.shape == (sum(entry.classes.values()), entry.per_class, 28, 28)
    assert images.pixels.dtype == np.uint8
    assert len(set(images.names)) == len(images.names) == len(images.pixels)
    split = image_set(name).split(images.names, entry.classes)
    assert {key: len(members) for key, members in split.items()} == dict(entry.classes)
    assert sorted(number for members in split.values() for number in members) == list(range(len(images.names)))
    assert ImageFamily(defaults("maml", name), CPU).split_digest == DIGESTS[name]


DIGESTS = {"strokes": "fbd318c811a1", "omniglot": "91c07c3df308", "mnist": "c7373db89ff5"}
"""Splits never change, on no machine and in no version: figures would not be comparable."""


def test_the_family_holds_the_prepared_set():
    np.testing.assert_array_equal(family_of().pixels.numpy(), prepare("strokes").pixels)


def test_strokes_are_split_by_alphabet():
    family = family_of()
    scripts = [{family.names[number].rsplit(" ", 1)[0] for number in family.members[split]} for split in SPLITS]
    assert [len(script) for script in scripts] == [40, 5, 15]
    assert len(set.union(*scripts)) == 60


def test_the_digest_tells_how_things_were_held_out():
    assert family_of().split_digest != family_of(hold_out="images").split_digest


def test_names_are_those_of_the_split():
    family = family_of()
    assert family.class_names("test", torch.tensor([0, 299])) == [family.names[i] for i in (900, 1199)]


@settings(max_examples=60, deadline=None)
@given(seed=seeds, of=st.integers(1, 7000), data=st.data())
def test_distinct_numbers_are_distinct_and_in_range(seed: int, of: int, data: st.DataObject):
    count = data.draw(st.integers(1, min(of, 30)))
    found = distinct(count, of, (3, 2), Generator().manual_seed(seed))
    assert found.shape == (3, 2, count)
    assert int(found.min()) >= 0
    assert int(found.max()) < of
    assert all(len(set(row)) == count for row in found.flatten(0, 1).tolist())


def test_every_ordered_choice_of_distinct_numbers_is_as_likely():
    found = distinct(3, 5, (60_000,), Generator().manual_seed(0))
    counts = (found @ torch.tensor([25, 5, 1])).bincount(minlength=125)
    counts = counts[counts > 0]
    assert len(counts) == 60  # 5 * 4 * 3 ordered choices
    assert (counts - 1000).abs().max() < 5 * 1000**0.5


def test_more_distinct_numbers_than_there_are_is_an_error():
    with pytest.raises(ValueError, match="6 different numbers were asked for out of 5"):
        distinct(6, 5, (1,), Generator())


def test_turning_agrees_with_numpy():
    images = torch.arange(4 * 9).view(4, 3, 3)
    result = turned(images, torch.arange(4)).numpy()
    for turn in range(4):
        np.testing.assert_array_equal(result[turn], np.rot90(images[turn].numpy(), turn))
