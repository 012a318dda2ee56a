"""MNIST (LeCun et al. 1998): handwritten digits, through torchvision."""

import errno
import shutil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from metaplay.settings import settings
from metaplay.tasks.cache import Images, ImageSet, Progress
from metaplay.tasks.problems import broken, missing
from metaplay.tasks.splitting import in_order

DIGITS = 10
FILES = tuple(f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1"))


def _build(work: Path, progress: Progress) -> Images:
    """As many images of every digit as the rarest has: first those of the training file, then those of the test file.

    torchvision gets a data root of its own inside `work`, so that it unpacks there; what it downloads is kept in the real one.
    """
    from torchvision.datasets import MNIST

    from metaplay.tasks.fetch import keep, patience

    raw = work / "MNIST" / "raw"
    there = _copy_found(raw)
    progress(0.2)
    try:
        with patience():
            parts = [MNIST(work, train=train, download=True) for train in (True, False)]
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        files = ", ".join(file for file in FILES if file not in there)
        raise missing("mnist", files, _folder(), str(error).splitlines()[-1]) from error
    for file in FILES:
        if file not in there:
            keep(raw / file, _folder())
    progress(0.6)
    pixels = [_by_digit(part.data.numpy(), part.targets.numpy()) for part in parts]
    return Images(np.concatenate(pixels, 1), [str(digit) for digit in range(DIGITS)])


def _folder() -> Path:
    return settings().data / "MNIST" / "raw"


def _found() -> Path | None:
    return _folder() if all((_folder() / file).is_file() for file in FILES) else None


def _copy_found(raw: Path) -> list[str]:
    """Copy the files of the data root to `raw`, and say which there were. Raises UserError if one is broken."""
    from torchvision.datasets import MNIST
    from torchvision.datasets.utils import check_integrity

    raw.mkdir(parents=True)
    there = [(file, md5) for file, md5 in MNIST.resources if (_folder() / file).is_file()]
    for file, md5 in there:
        try:
            sound = check_integrity(_folder() / file, md5)
        except OSError as error:
            raise broken("mnist", _folder() / file, error.strerror) from error
        if not sound:
            raise broken("mnist", _folder() / file, "its MD5 sum is not the published one")
        shutil.copyfile(_folder() / file, raw / file)
    return [file for file, _ in there]


def _by_digit(images: NDArray[np.uint8], labels: NDArray[np.int64]) -> NDArray[np.uint8]:
    """[10, n, H, W]: the first n images of every digit, n being the count of the rarest."""
    fewest = int(np.bincount(labels, minlength=DIGITS).min())
    return np.stack([images[labels == digit][:fewest] for digit in range(DIGITS)])


IMAGES = ImageSet(1, _build, in_order, _found)
