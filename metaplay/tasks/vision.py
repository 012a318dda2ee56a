"""The sets of images that torchvision has: one adapter, and a line for each set in SETS.

torchvision downloads, checks and reads the files; what it reads is put into one array, once. It is imported only for that.
"""

import errno
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from metaplay.settings import settings
from metaplay.tasks import cifar_fs
from metaplay.tasks.cache import Images, ImageSet, Progress
from metaplay.tasks.problems import broken, lacking, missing
from metaplay.tasks.splitting import by_name, in_order

Sums = Mapping[str, str]
"""The MD5 sum of each file, by its path below the data root."""
Split = Callable[[Sequence[str], Mapping[str, int]], Mapping[str, list[int]]]
"""Which classes, by number, are in which split: of these names, so many of each."""

_BY_FLAG: tuple[Mapping[str, Any], ...] = ({"train": True}, {"train": False})
_DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Source:
    """A set as torchvision has it.

    `dataset` is its class there, made with each of `parts` in turn: first what is for training, then what is for test. `files`
    lie below the data root, and `sums` gives their published MD5 sums. `names` are those of the classes where torchvision's do
    not suit. `split` deals them out, the same for ever: ten classes in their order. `lying`: images are kept transposed; `needs`: a
    package that torchvision reads them with.
    """

    dataset: str
    files: tuple[str, ...]
    sums: Callable[[Any], Sums]
    parts: Sequence[Mapping[str, Any]] = _BY_FLAG
    names: tuple[str, ...] = ()
    split: Split = in_order
    lying: bool = False
    needs: str = ""


def _like_mnist(dataset: str, names: tuple[str, ...] = ()) -> Source:
    folder = f"{dataset}/raw"
    files = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]
    return Source(
        dataset,
        tuple(f"{folder}/{file}" for file in files),
        lambda known: {f"{folder}/{file}": md5 for file, md5 in known.resources},
        names=names,
    )


def _like_cifar(dataset: str, file: str, split: Split = in_order) -> Source:
    # The archive holds pickles. Nothing here opens them: torchvision does, and only those whose own MD5 sums are the published ones.
    return Source(dataset, (file,), lambda known: {file: known.tgz_md5}, split=split)


_EMNIST = Source(
    "EMNIST",
    ("EMNIST/raw/gzip.zip",),
    lambda known: {"EMNIST/raw/gzip.zip": known.md5},
    [{"split": "balanced", **part} for part in _BY_FLAG],
    split=partial(by_name, salt="emnist"),
    lying=True,
)
_SVHN = Source(
    "SVHN",
    ("train_32x32.mat", "test_32x32.mat"),
    lambda known: {file: md5 for _, file, md5 in known.split_list.values()},
    [{"split": "train"}, {"split": "test"}],
    _DIGITS,
    needs="scipy",
)


def _build(name: str, source: Source, work: Path, progress: Progress) -> Images:
    """As many images of every class as the rarest has: first of those for training, then of those for test.

    torchvision gets a data root of its own, `work`, so that it unpacks there; what it downloads is kept in the real one.
    """
    if source.needs and not find_spec(source.needs):
        raise lacking(name, source.needs)
    parts = _parts(name, source, work, progress)
    names = source.names or tuple(parts[0].classes)
    pixels = []
    for place, part in enumerate(parts, 1):
        pixels.append(_by_class(part, len(names), source.lying))
        progress(0.5 + 0.5 * place / len(parts))
    return Images(np.concatenate(pixels, 1), list(names))


def _found(source: Source) -> Path | None:
    data = settings().data
    return (data / source.files[0]).parent if all((data / file).is_file() for file in source.files) else None


def _parts(name: str, source: Source, work: Path, progress: Progress) -> list[Any]:
    """torchvision's own data sets. Raises UserError if their files are broken, or neither there nor to be had."""
    from torchvision import datasets

    from metaplay.tasks.fetch import keep, patience

    dataset, data = getattr(datasets, source.dataset), settings().data
    there = _copy_found(name, source, source.sums(dataset), work)
    progress(0.2)
    try:
        with patience():
            parts = [dataset(work, download=True, **part) for part in source.parts]
    except (OSError, RuntimeError) as error:
        if isinstance(error, OSError) and error.errno == errno.ENOSPC:
            raise
        lacks, reason = [data / file for file in source.files if file not in there], str(error).splitlines()[-1]
        if not lacks:
            raise broken(name, data / source.files[0], reason) from error
        raise missing(name, ", ".join(file.name for file in lacks), lacks[0].parent, reason) from error
    for file in source.files:
        if file not in there:
            keep(work / file, (data / file).parent)
    progress(0.5)
    return parts


def _copy_found(name: str, source: Source, sums: Sums, work: Path) -> list[str]:
    """Copy those of the files that the data root has to `work`, and say which. Raises UserError if one is broken."""
    from torchvision.datasets.utils import check_integrity

    there = [file for file in source.files if (settings().data / file).is_file()]
    for file in there:
        origin, copy = settings().data / file, work / file
        try:
            sound = check_integrity(origin, sums[file])
        except OSError as error:
            raise broken(name, origin, error.strerror) from error
        if not sound:
            raise broken(name, origin, "its MD5 sum is not the published one")
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(origin, copy)
    return there


def _by_class(part: Any, classes: int, lying: bool) -> NDArray[np.uint8]:
    """[classes, n, (3,) H, W]: the first n images of every class, n being the count of the rarest."""
    found: list[list[NDArray[np.uint8]]] = [[] for _ in range(classes)]
    for image, label in (part[i] for i in range(len(part))):
        found[int(label)].append(_ink(np.asarray(image), lying))
    fewest = min(map(len, found))
    return np.stack([np.stack(images[:fewest]) for images in found])


def _ink(image: NDArray[np.uint8], lying: bool) -> NDArray[np.uint8]:
    """[H, W] with ink 255 on 0, as grey sets come; or of a photograph [H, W, 3] the negative, [3, H, W], as of anybody's."""
    if image.ndim == 3:
        return np.ascontiguousarray(255 - image.transpose(2, 0, 1))
    return np.ascontiguousarray(image.T) if lying else image


SOURCES: dict[str, Source] = {
    "mnist": _like_mnist("MNIST", _DIGITS),
    "fashion-mnist": _like_mnist("FashionMNIST"),
    "kmnist": _like_mnist("KMNIST"),
    "emnist": _EMNIST,
    "cifar10": _like_cifar("CIFAR10", "cifar-10-python.tar.gz"),
    "cifar100": _like_cifar("CIFAR100", "cifar-100-python.tar.gz", cifar_fs.split),
    "svhn": _SVHN,
}
"""The sets, as torchvision has them."""

SETS = {
    name: ImageSet(1, partial(_build, name, source), source.split, partial(_found, source))
    for name, source in SOURCES.items()
}
"""How each set comes about."""
