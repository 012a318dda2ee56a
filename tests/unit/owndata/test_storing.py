"""Kept whole or not at all, found again, a family like the others, and gone when it is removed."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from metaplay.config import ConfigError, defaults, parse, revise
from metaplay.owndata.about import about, names
from metaplay.owndata.examining import Found, examine
from metaplay.owndata.storing import checked, images, keep, remove, texts
from metaplay.registry import ALGORITHMS, BUILT_IN, FAMILIES, able
from metaplay.tasks.own import OwnImages
from metaplay.tasks.text import TextFamily
from metaplay.text import UserError
from tests.unit.owndata.making import by_class, image, packed

CPU = torch.device("cpu")


@pytest.fixture
def found(tmp_path: Path) -> Found:
    """Twelve classes; the first has two images more than the others."""
    files = by_class("abcdefghijkl", 5) | {"a/x.png": image(1000), "a/y.png": image(1003)}
    return examine(packed(tmp_path / "set.zip", files), "set.zip")


def test_what_is_kept_is_found_again_and_removed(found: Found, own: Path):
    assert names() == []
    assert keep("  flowers ", found) == "flowers"
    assert names() == ["flowers"]
    assert about("flowers") == found.about
    assert found.images is not None
    np.testing.assert_array_equal(images("flowers"), found.images)
    assert sorted(path.name for path in (own / "flowers").iterdir()) == ["about.json", "images.npz"]
    remove("flowers")
    assert list(own.iterdir()) == []
    with pytest.raises(UserError, match=r"^flowers: there is no such set of your own here"):
        remove("flowers")


def test_sentences_are_kept_too(tmp_path: Path):
    lines = [f'"{word} {number}, 好",{word}' for word in "uvwxyz" for number in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *lines]), encoding="gb18030")
    found = examine(tmp_path / "t.csv", "t.csv")
    keep("我的话", found)
    assert texts("我的话") == found.texts
    assert found.texts[1][2] == "v 2, 好"


@pytest.mark.parametrize("name", ["", ".hidden", "../up", "a/b", "a b", "x" * 41, "-a", "own:a", "a\0"])
def test_a_name_that_could_lead_elsewhere_is_refused(found: Found, own: Path, name: str):
    with pytest.raises(UserError, match="a name has 1 to 40 letters"):
        keep(name, found)
    assert not own.exists()
    assert about(name) is None


def test_a_name_is_taken_once(found: Found):
    keep("flowers", found)
    with pytest.raises(UserError, match="there is a set of that name already"):
        checked("flowers")


def test_a_write_that_fails_half_way_leaves_nothing(tmp_path: Path, own: Path, found: Found):
    """A limit on the size of files makes a real write fail in the middle, as a full disk does."""
    limited = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))\n"
        "from pathlib import Path\n"
        "from metaplay.cli import main\n"
        f"sys.exit(main(['data', 'add', 'flowers', {str(tmp_path / 'set.zip')!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"The folder {own} cannot be written (File too large)")
    assert list(own.iterdir()) == []


def test_a_data_root_that_cannot_be_written_is_said_in_a_sentence(found: Found, own: Path):
    own.parent.mkdir()
    own.write_text("a file, so nothing can be made below it")
    with pytest.raises(UserError, match=r"cannot be written .*set METAPLAY_DATA"):
        keep("flowers", found)


def test_what_is_damaged_or_of_another_version_is_not_listed(found: Found, own: Path):
    keep("flowers", found)
    for content in (b"", b"{}", b"[1]", b'{"version": 2}', b"\xff"):
        (own / "flowers" / "about.json").write_bytes(content)
        assert names() == []


def test_no_pickle_is_read(found: Found, own: Path):
    keep("flowers", found)
    np.savez(own / "flowers" / "images.npz", images=np.array([{"a": 1}], dtype=object))
    with pytest.raises(UserError):
        images("flowers")


def test_it_is_a_family_for_as_long_as_it_is_here(found: Found):
    assert list(FAMILIES) == list(BUILT_IN)
    keep("flowers", found)
    assert list(FAMILIES) == [*BUILT_IN, "own:flowers"]
    assert len(FAMILIES) == len(BUILT_IN) + 1
    family = FAMILIES["own:flowers"]
    assert (family.label, family.classes, family.per_class) == ("flowers", {"train": 4, "val": 4, "test": 4}, 5)
    config = defaults("maml", "own:flowers")
    remove("flowers")
    assert list(FAMILIES) == list(BUILT_IN)
    assert parse(config.model_dump()) == config  # what ran on it can still be looked at
    with pytest.raises(UserError, match="there is no such set of your own here"):
        OwnImages(config, CPU)
    with pytest.raises(ConfigError, match="there is none of that name"):
        defaults("maml", "own:../flowers")


def test_too_many_ways_and_shots_are_refused_with_the_numbers(found: Found):
    keep("flowers", found)
    usual = defaults("maml", "own:flowers")
    assert (usual.way, usual.shot, usual.query) == (4, 1, 3)
    with pytest.raises(ConfigError, match=r"^way = 5 is more than the 4 classes that own:flowers holds out"):
        revise(usual, {"way": 5})
    with pytest.raises(ConfigError, match=r"^shot \+ query = 6 is more than the 5 "):
        revise(usual, {"shot": 3})


@pytest.mark.parametrize("each", [2, 3, 30])
def test_every_algorithm_has_defaults_that_fit_the_smallest_set(tmp_path: Path, each: int):
    keep("small", examine(packed(tmp_path / "s.zip", by_class("abcdef", each)), "s.zip"))
    for algorithm in ALGORITHMS:
        if able(algorithm, "own:small"):
            assert defaults(algorithm, "own:small").way == 2


def test_episodes_draw_from_all_images_of_each_class_and_from_no_other_split(found: Found):
    keep("flowers", found)
    assert found.images is not None
    config = revise(defaults("maml", "own:flowers"), {"way": 2, "shot": 1, "query": 4})
    family = OwnImages(config, CPU)
    where = {content.tobytes(): number for number, content in enumerate(found.images)}
    owners = [place for place, one in enumerate(found.about.classes) for _ in range(one.count)]
    seen: dict[str, set[int]] = {}
    for split in ("train", "val", "test"):
        drawn = family.sample(split, 200, 1, 4, torch.Generator().manual_seed(0))
        assert drawn.classes is not None
        assert drawn.support_x.shape == (200, 2, 1, 28, 28)
        both = torch.cat((drawn.support_x.unflatten(1, (2, 1)), drawn.query_x.unflatten(1, (2, 4))), 2)
        for task in range(200):
            for label in range(2):
                numbers = [where[x.mul(255).round().byte().numpy().tobytes()] for x in both[task, label]]
                assert len(set(numbers)) == 5
                (member,) = {owners[number] for number in numbers}
                assert found.about.classes[member].split == split
                name = family.class_names(split, drawn.classes[task])[label]
                assert name == found.about.classes[member].name
                seen.setdefault(split, set()).update(numbers)
    expected = {
        split: {i for i, owner in enumerate(owners) if found.about.classes[owner].split == split} for split in seen
    }
    assert seen == expected


def test_sentences_are_trained_on_in_the_splits_that_were_settled(tmp_path: Path):
    lines = [f"{word} {number} is what I say,{word}" for word in "uvwxyz" for number in range(6)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *lines]))
    found = examine(tmp_path / "t.csv", "t.csv")
    keep("words", found)
    family = TextFamily(defaults("maml", "own:words"), CPU)
    settled = {one.name: one.split for one in found.about.classes}
    for split in ("train", "val", "test"):
        drawn = family.sample(split, 20, 1, 3, torch.Generator().manual_seed(0))
        assert drawn.classes is not None
        assert drawn.query_numbers is not None
        for task in range(20):
            names = family.class_names(split, drawn.classes[task])
            assert {settled[name] for name in names} == {split}
            said = family.sentences(drawn.query_numbers[task])
            assert [sentence[0] for sentence in said] == [name for name in names for _ in range(3)]
    remove("words")
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *(line.replace("say", "sing") for line in lines)]))
    keep("words", examine(tmp_path / "t.csv", "t.csv"))
    assert TextFamily(defaults("maml", "own:words"), CPU).split_digest != family.split_digest


def test_colour_and_size_are_those_that_were_kept(tmp_path: Path):
    found = examine(packed(tmp_path / "s.zip", by_class("abcdef", 6)), "s.zip", 32, 3)
    keep("colour", found)
    family = OwnImages(revise(defaults("maml", "own:colour"), {"rotations": True}), CPU)
    drawn = family.sample("train", 3, 1, 3, torch.Generator().manual_seed(0))
    assert family.input_shape == (3, 32, 32)
    assert drawn.query_x.shape == (3, 6, 3, 32, 32)


def test_another_set_of_the_same_name_is_another_set(tmp_path: Path):
    digests = []
    for start in (0, 3):
        files = {f"{name}/{n}.png": image(11 * n + 50 * i + start) for i, name in enumerate("abcdef") for n in range(4)}
        keep("same", examine(packed(tmp_path / "s.zip", files), "s.zip"))
        digests.append(OwnImages(defaults("maml", "own:same"), CPU).split_digest)
        remove("same")
    assert digests[0] != digests[1]
