"""torchvision's sets through the adapter: tiny files in the sets' own formats, and what is the same for ever about each set."""

import gzip
import hashlib
import io
import pickle
import struct
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.io import savemat
from torch import Generator
from torchvision import datasets

from metaplay.config import defaults, revise
from metaplay.registry.vision import VISION
from metaplay.tasks import cifar_fs
from metaplay.tasks.cache import image_set, prepare, status
from metaplay.tasks.images import ImageFamily
from metaplay.tasks.vision import SOURCES
from metaplay.text import UserError

CIFAR100 = sorted(name for part in cifar_fs.CLASSES.values() for name in part.split())
Pixels = NDArray[np.uint8]
OFFLINE = "http://127.0.0.1:9/"
SIZES = {"train": 4, "test": 2}
"""Images of each class in a tiny set, and one more of the first class in training."""

DIGESTS = {
    "mnist": "5159782c7899",
    "fashion-mnist": "5159782c7899",
    "kmnist": "5159782c7899",
    "emnist": "c82f50d6bb98",
    "cifar10": "5159782c7899",
    "cifar100": "5180cd92d550",
    "svhn": "5159782c7899",
}
"""What each set's split hashes to: a change here would make old runs and new ones incomparable."""


def made(classes: int, count: int, shape: tuple[int, ...], seed: int) -> tuple[Pixels, list[int]]:
    """Images in a mixed order of classes, of which the first has one more, and their labels."""
    rng = np.random.default_rng(seed)
    labels = rng.permutation([*list(range(classes)) * count, 0]).tolist()
    return rng.integers(0, 256, (len(labels), *shape), np.uint8), labels


def expected(parts: list[tuple[Pixels, list[int]]], classes: int) -> Pixels:
    """[classes, n, ...]: the first 4 images of each class for training and the first 2 for test."""
    rows = [
        [[image for image, label in zip(*part, strict=True) if label == c][:count] for c in range(classes)]
        for part, count in zip(parts, SIZES.values(), strict=True)
    ]
    return np.concatenate(rows, 1)


def idx(values: Pixels) -> bytes:
    """An array in the IDX format, compressed."""
    head = struct.pack(f">BBBB{values.ndim}I", 0, 0, 8, values.ndim, *values.shape)
    return gzip.compress(head + values.tobytes())


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


def drawn(classes: int, shape: tuple[int, ...]) -> list[tuple[Pixels, list[int]]]:
    return [made(classes, count, shape, seed) for seed, count in enumerate(SIZES.values())]


@pytest.mark.parametrize(("name", "dataset"), [("fashion-mnist", "FashionMNIST"), ("kmnist", "KMNIST")])
def test_sets_of_idx_files(name: str, dataset: str, fresh: Path, monkeypatch: pytest.MonkeyPatch):
    parts = drawn(10, (28, 28))
    raw = fresh / "data" / dataset / "raw"
    raw.mkdir(parents=True)
    resources = []
    for prefix, (images, labels) in zip(("train", "t10k"), parts, strict=True):
        for kind, values in (("images-idx3", images), ("labels-idx1", np.array(labels, np.uint8))):
            file, content = f"{prefix}-{kind}-ubyte.gz", idx(values)
            (raw / file).write_bytes(content)
            resources.append((file, md5(content)))
    monkeypatch.setattr(getattr(datasets, dataset), "resources", resources)
    assert (status(name).state, status(name).where) == ("found", raw)
    images = prepare(name)
    assert np.array_equal(images.pixels, expected(parts, 10))
    assert images.names == getattr(datasets, dataset).classes
    assert sorted(raw.iterdir()) == sorted(raw / file for file, _ in resources)
    assert [path.name for path in (fresh / "cache").iterdir()] == [f"{name}-28px-v1.npz"]


def test_emnist_is_turned_upright(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    parts = drawn(47, (28, 28))
    raw = fresh / "data" / "EMNIST" / "raw"
    raw.mkdir(parents=True)
    with zipfile.ZipFile(raw / "gzip.zip", "w") as archive:
        for part, (images, labels) in zip(SIZES, parts, strict=True):
            archive.writestr(f"gzip/emnist-balanced-{part}-images-idx3-ubyte.gz", idx(images))
            archive.writestr(f"gzip/emnist-balanced-{part}-labels-idx1-ubyte.gz", idx(np.array(labels, np.uint8)))
    monkeypatch.setattr(datasets.EMNIST, "md5", md5((raw / "gzip.zip").read_bytes()))
    images = prepare("emnist")
    assert np.array_equal(images.pixels, expected(parts, 47).swapaxes(-1, -2))
    assert "".join(images.names) == "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"


def cifar(fresh: Path, monkeypatch: pytest.MonkeyPatch, dataset: str, names: list[str], fine: bool) -> Pixels:
    """A tiny CIFAR archive in the data root; the images that are in it, by class."""
    known = getattr(datasets, dataset)
    parts = drawn(len(names), (32, 32, 3))
    files = {
        file: pickle.dumps(
            {"data": images.transpose(0, 3, 1, 2).reshape(len(images), -1), "fine_labels" if fine else "labels": labels}
        )
        for file, (images, labels) in zip(("train", "test"), parts, strict=True)
    }
    files["meta"] = pickle.dumps({known.meta["key"]: names})
    with tarfile.open(fresh / "data" / known.filename, "w:gz") as archive:
        for file, content in files.items():
            entry = tarfile.TarInfo(f"{known.base_folder}/{file}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    monkeypatch.setattr(known, "tgz_md5", md5((fresh / "data" / known.filename).read_bytes()))
    monkeypatch.setattr(known, "train_list", [["train", md5(files["train"])]])
    monkeypatch.setattr(known, "test_list", [["test", md5(files["test"])]])
    monkeypatch.setattr(known, "meta", {**known.meta, "filename": "meta", "md5": md5(files["meta"])})
    return expected(parts, len(names))


def test_colour_images_are_kept_as_negatives_and_sampled_in_colour(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    names = [f"thing {i}" for i in range(10)]
    original = cifar(fresh, monkeypatch, "CIFAR10", names, fine=False)
    images = prepare("cifar10")
    assert images.pixels.shape == (10, 6, 3, 32, 32)
    assert np.array_equal(255 - images.pixels.transpose(0, 1, 3, 4, 2), original)
    config = revise(defaults("maml", "cifar10"), {"query": 3, "rotations": True})
    family = ImageFamily(config, torch.device("cpu"))
    episodes = family.sample("train", 4, 1, 3, Generator().manual_seed(1))
    assert episodes.query_x.shape == (4, 6, 3, 32, 32)
    assert episodes.classes is not None
    turns, characters = episodes.classes[0, 0] // 6, episodes.classes[0, 0] % 6
    upright = (episodes.support_x[0, 0] * 255).round().byte().rot90(-int(turns), (-2, -1))
    assert any(torch.equal(upright, torch.from_numpy(image)) for image in images.pixels[characters])


def test_cifar100_is_dealt_as_cifar_fs_does(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    cifar(fresh, monkeypatch, "CIFAR100", CIFAR100, fine=True)
    family = ImageFamily(revise(defaults("protonet", "cifar100"), {"query": 2}), torch.device("cpu"))
    assert family.class_counts == {"train": 64, "val": 16, "test": 20}
    assert " ".join(family.class_names("test", torch.arange(20))) == cifar_fs.CLASSES["test"]


def test_a_pickle_is_never_opened_before_its_sum_is_checked(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    class Trap:
        def __reduce__(self):
            return Path.touch, (fresh / "sprung",)

    cifar(fresh, monkeypatch, "CIFAR10", ["a", "b"], fine=False)
    trap, known = pickle.dumps(Trap()), datasets.CIFAR10
    file = fresh / "data" / known.filename
    with tarfile.open(file, "w:gz") as archive:
        for name in ("train", "test", "meta"):
            entry = tarfile.TarInfo(f"{known.base_folder}/{name}")
            entry.size = len(trap)
            archive.addfile(entry, io.BytesIO(trap))
    with pytest.raises(UserError, match=f"^cifar10: {file} is broken .its MD5 sum is not the published one"):
        prepare("cifar10")
    monkeypatch.setattr(known, "tgz_md5", md5(file.read_bytes()))  # and were the archive's own right
    with pytest.raises(UserError, match=f"^cifar10: {file} is broken"):
        prepare("cifar10")
    assert not (fresh / "sprung").exists()
    assert not list((fresh / "cache").iterdir())


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize(("name", "dataset", "address"), [("emnist", "EMNIST", "url"), ("cifar100", "CIFAR100", "url")])
def test_missing_files_are_named_with_what_to_do(
    name: str, dataset: str, address: str, monkeypatch: pytest.MonkeyPatch
):
    known = getattr(datasets, dataset)
    monkeypatch.setattr(known, address, OFFLINE + getattr(known, address).rpartition("/")[2])
    assert status(name).state == "download"
    with pytest.raises(UserError) as error:
        prepare(name)
    file = getattr(known, address).rpartition("/")[2]
    assert str(error.value).startswith(f"{name}: {file} not found in ")
    assert f"python -m metaplay data prepare {name}" in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.usefixtures("fresh")
def test_what_a_set_needs_beside_is_said(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metaplay.tasks.vision.find_spec", lambda package: None)
    with pytest.raises(
        UserError, match=r"^svhn: its files are read with scipy, which is not installed: run `python -m"
    ):
        prepare("svhn")


def test_house_numbers(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    parts, known = drawn(10, (32, 32, 3)), datasets.SVHN
    rows = {}
    for part, (images, labels) in zip(SIZES, parts, strict=True):
        file = fresh / "data" / f"{part}_32x32.mat"
        savemat(file, {"X": images.transpose(1, 2, 3, 0), "y": np.array([[label or 10] for label in labels])})
        rows[part] = [OFFLINE, file.name, md5(file.read_bytes())]
    monkeypatch.setattr(known, "split_list", rows)
    images = prepare("svhn")
    assert np.array_equal(255 - images.pixels.transpose(0, 1, 3, 4, 2), expected(parts, 10))
    assert images.names == list("0123456789")


@pytest.mark.parametrize("name", SOURCES)
def test_the_files_are_those_that_torchvision_checks(name: str):
    source = SOURCES[name]
    sums = source.sums(getattr(datasets, source.dataset))
    assert all(len(sums[file]) == 32 for file in source.files)


@pytest.mark.parametrize("name", SOURCES)
def test_every_class_is_in_one_split_for_ever(name: str):
    family = VISION[name]
    names = {"emnist": datasets.EMNIST.classes_split_dict["balanced"], "cifar100": CIFAR100}.get(
        name, list("0123456789")
    )
    found = image_set(name).split(names, family.classes)
    assert {split: len(numbers) for split, numbers in found.items()} == dict(family.classes)
    assert sorted(number for numbers in found.values() for number in numbers) == list(range(len(names)))
    assert hashlib.sha256(repr(found).encode()).hexdigest()[:12] == DIGESTS[name]
