"""Image sets: prepared once into one compact array each, kept in the cache. No torch: pages and the CLI read this too."""

import os
import shutil
import tempfile
import time
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from math import prod
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaplay.registry import BUILT_IN, FAMILIES
from metaplay.settings import settings
from metaplay.tasks.problems import unwritable
from metaplay.text import Text

SIDE = 28
"""Height and width of a character, in pixels."""

Progress = Callable[[float], None]
"""Told how far a preparation is, from 0 to 1."""


class Images(NamedTuple):
    """A set: `pixels` uint8 [classes, images per class, *shape], ink 255 on background 0, and a name for each class; the shape is
    the family's, [H, W] where that has one channel."""

    pixels: NDArray[np.uint8]
    names: list[str]


@dataclass(frozen=True)
class ImageSet:
    """How a set comes about; `metaplay.tasks.NAME` has one as `IMAGES`, or `metaplay.tasks.vision` has it.

    `version` is raised whenever `build` would give other pixels or names. `build(work, progress)` may use the empty folder
    `work` and raises UserError if files are missing or broken. `found` is where the set's files lie in the data root, None if
    they don't. `split(names, sizes)` says which classes, by number, are for training, validation and test: so many of each.
    """

    version: int
    build: Callable[[Path, Progress], Images]
    split: Callable[[Sequence[str], Mapping[str, int]], Mapping[str, list[int]]]
    found: Callable[[], Path | None] = lambda: None


@dataclass(frozen=True)
class Status:
    """Whether a set can be used at once: `ready` (prepared), `found` (its files are in the data root), `made` (drawn here when
    first needed) or `download` (needs a network). `size` is that of the prepared set in bytes, `text` says it in words."""

    state: Literal["ready", "found", "made", "download"]
    classes: int
    size: int
    where: Path
    text: Text


NAMES = tuple(name for name, family in BUILT_IN.items() if family.pictures)
"""The families that need a set of images."""

_WORDS = {
    "ready": Text("ready", "已就绪"),
    "found": Text("found in the data root, prepared when first used", "已在数据目录中找到，首次使用时准备"),
    "made": Text("made on this machine when first used", "首次使用时在本机生成"),
    "download": Text("downloaded when first used, with a network", "首次使用时联网下载"),
}


def image_set(name: str) -> ImageSet:
    """How the set `name` comes about."""
    sets: Mapping[str, ImageSet] = import_module("metaplay.tasks.vision").SETS
    return sets[name] if name in sets else import_module(f"metaplay.tasks.{name}").IMAGES


def prepared(name: str) -> bool:
    """Whether the set is in the cache."""
    return _file(name).is_file()


def status(name: str) -> Status:
    """How the set is to be had. Quick; touches no network."""
    family, file = FAMILIES[name], _file(name)
    classes = sum(family.classes.values())
    size = file.stat().st_size if file.is_file() else classes * family.per_class * prod(family.shape)
    source = image_set(name).found()
    if file.is_file():
        state, where = "ready", file
    elif source:
        state, where = "found", source
    else:
        state, where = ("download", settings().data) if family.downloads else ("made", file)
    return Status(state, classes, size, where, _WORDS[state])


def prepare(name: str, progress: Progress | None = None) -> Images:
    """The set, from the cache if it is there; else prepared now, which takes seconds, and kept.

    Several processes may do this at once: each works in a folder of its own, and the finished file takes its place in one
    move. Raises UserError for missing or broken files and for a cache that cannot be written; nothing half-written stays.
    """
    progress = progress or (lambda done: None)
    file = _file(name)
    images = _read(file)
    if images is None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _sweep(file.parent)
            with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=file.parent) as work:
                images = image_set(name).build(Path(work), progress)
                _write(Path(work, file.name), images)
                os.replace(Path(work, file.name), file)
        except OSError as error:
            raise unwritable(name, file.parent, error) from error
    progress(1.0)
    return images


def _file(name: str) -> Path:
    return settings().cache / f"{name}-{FAMILIES[name].shape[-1]}px-v{image_set(name).version}.npz"


def _sweep(cache: Path) -> None:
    """Remove what killed processes left behind: working folders that are a day old."""
    for folder in cache.glob(".*-*"):
        if time.time() - folder.stat().st_mtime > 86_400:
            shutil.rmtree(folder, ignore_errors=True)


def _write(file: Path, images: Images) -> None:
    with file.open("wb") as stream:
        np.savez(stream, pixels=images.pixels, names=np.array(images.names))
        stream.flush()
        os.fsync(stream.fileno())


def _read(file: Path) -> Images | None:
    """None if the file is not there, or is damaged: then it is made again."""
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as stored:
            return Images(stored["pixels"], stored["names"].tolist())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
