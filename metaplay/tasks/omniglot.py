"""Omniglot (Lake et al. 2015): 1,623 characters of 50 alphabets, 20 drawings of each; MIT licence."""

import errno
import io
import re
import struct
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from metaplay.settings import settings
from metaplay.tasks.cache import SIDE, Images, ImageSet, Progress
from metaplay.tasks.problems import broken, missing
from metaplay.tasks.splitting import by_name

PARTS = {"images_background": 964, "images_evaluation": 659}
"""The two parts that the authors publish, and their numbers of characters. Both are pooled, as few-shot learning does."""

DRAWINGS = 20
ORIGINAL = (105, 105)
LARGEST = 100_000
"""Bytes that no drawing comes near; a larger file is something else."""

_DRAWING = re.compile(r"(?:^|/)([^/]+)/character(\d\d)/(\d{4}_\d\d)\.png$")
_UNREADABLE = (OSError, ValueError, SyntaxError, EOFError, RuntimeError, struct.error, zlib.error, zipfile.BadZipFile)

Read = Callable[[], bytes]


def _build(work: Path, progress: Progress) -> Images:
    """Read both parts, from their ZIPs or unpacked folders, wherever they are; download those that are not there."""
    pixels, names, total = [], [], sum(PARTS.values())
    for part, characters in PARTS.items():
        source = _source(part) or _download(part, work)
        try:
            with _files(source) as files:
                for name, drawings in _characters(files, characters):
                    pixels.append(np.stack([_image(read()) for read in drawings]))
                    names.append(name)
                    progress(len(names) / total)
        except _UNREADABLE as error:
            raise broken("omniglot", source, error) from error
    return Images(np.stack(pixels), names)


def _folder() -> Path:
    return settings().data / "omniglot-py"


def _source(part: str) -> Path | None:
    """The part's ZIP or, unpacked, its folder."""
    for path in (_folder() / f"{part}.zip", _folder() / part):
        if path.exists():
            return path
    return None


def _found() -> Path | None:
    return _folder() if all(_source(part) for part in PARTS) else None


def _download(part: str, work: Path) -> Path:
    from torchvision.datasets import Omniglot
    from torchvision.datasets.utils import download_url

    from metaplay.tasks.fetch import keep, patience

    file = f"{part}.zip"
    try:
        with patience():
            download_url(f"{Omniglot.download_url_prefix}/{file}", work, file, Omniglot.zips_md5[part])
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        raise missing("omniglot", file, _folder(), error) from error
    keep(work / file, _folder())
    return work / file


def _characters(files: Iterable[tuple[str, Read]], expected: int) -> Iterator[tuple[str, list[Read]]]:
    """Name and drawings of each character, in alphabetical order. Raises ValueError if any is missing."""
    found: dict[str, dict[str, Read]] = defaultdict(dict)
    for path, read in files:
        if match := _DRAWING.search(path):
            found[f"{match[1].replace('_', ' ')} {match[2]}"][match[3]] = read
    if len(found) != expected or any(len(drawings) != DRAWINGS for drawings in found.values()):
        drawings = sum(map(len, found.values()))
        raise ValueError(
            f"{len(found)} characters and {drawings} drawings instead of {expected} and {expected * DRAWINGS}"
        )
    for name, drawings in sorted(found.items()):
        yield name, [read for _, read in sorted(drawings.items())]


@contextmanager
def _files(source: Path) -> Iterator[Iterable[tuple[str, Read]]]:
    """Every file of a ZIP or a folder. Nothing is unpacked to disk, so names in a ZIP cannot lead anywhere."""
    if source.is_dir():
        yield ((path.relative_to(source.parent).as_posix(), path.read_bytes) for path in source.rglob("*.png"))
        return
    with zipfile.ZipFile(source) as archive:
        small = (info for info in archive.infolist() if info.file_size <= LARGEST)
        yield ((info.filename, partial(archive.read, info)) for info in small)


def _image(png: bytes) -> NDArray[np.uint8]:
    """A drawing, made small (antialiased, with Lanczos' filter as in Finn et al. 2017) and inverted: ink is 255."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        if image.size != ORIGINAL:
            raise ValueError(f"a drawing of {image.size} pixels instead of {ORIGINAL}")
        small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return 255 - np.asarray(small)


def _split(names: Sequence[str], sizes: Mapping[str, int]) -> dict[str, list[int]]:
    """By a hash of the names, as the papers' own lists are not at hand. The last in its order are for test, so that protocols
    of as many test characters have the same ones."""
    return by_name(names, sizes, "omniglot")


IMAGES = ImageSet(1, _build, _split, _found)
