"""What a person's file holds, all of it read and judged before anything is kept."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaplay import zips
from metaplay.owndata import files, pictures, tables
from metaplay.owndata.about import About, Class, Kind
from metaplay.owndata.splits import LEAST, deal
from metaplay.settings import settings
from metaplay.text import Text, UserError, printable

SIDE, SIDES = 28, (16, 128)
"""Height and width of the images that are kept, usually, and at least and most."""
FEWEST = 2
"""Examples of a class, at least: one to adapt from and one to be tested on."""
_SPLIT_FOLDERS = {"train", "training", "val", "valid", "validation", "test", "testing"}
_LONGEST_CLASS = 100

_NO_IMAGE = Text("no PNG, JPEG or WebP image", "不是 PNG、JPEG 或 WebP 图像")
_NO_CLASS = Text("not in a folder of a class", "不在任何类别的文件夹中")
_BROKEN = Text("cannot be read, or breaks off", "无法读取，或内容不完整")
_TWIN = Text("the same as {other}", "与 {other} 相同")
_ALONE = Text("a class with fewer than {least} examples ({count})", "类别样本不足 {least} 个（{count} 个）")
_LINE = Text("line {line}", "第 {line} 行")
_FEW_CLASSES = Text(
    "{classes} classes have {least} or more examples, and at least {needed} are needed: training, validation and test each take two of"
    " their own. {hint}",
    "至少有 {least} 个样本的类别只有 {classes} 个，需要不少于 {needed} 个：训练、验证和测试各需两个不同的类别。{hint}",
)
_HINT = {
    "images": Text("Put the images of each class in a folder of its own.", "请把每个类别的图像放在各自的文件夹中。"),
    "text": Text("Each line has a text and its label.", "每行应有一条文本及其标签。"),
}
_SMALLER = Text(
    "{count:,} images of this size would take {size:,.0f} MB, and at most {limit:,} MB are kept: choose a smaller size.",
    "{count:,} 张这种尺寸的图像将占 {size:,.0f} MB，上限为 {limit:,} MB：请选择较小的尺寸。",
)
_SHORTER = Text(
    "{count:,} vectors of {dims:,} numbers would take {size:,.0f} MB, and at most {limit:,} MB are kept: bring shorter vectors or fewer lines.",
    "{count:,} 个 {dims:,} 维向量将占 {size:,.0f} MB，上限为 {limit:,} MB：请使用更短的向量或减少行数。",
)
_PIXELS_A_BYTE = 4
"""Pixels that the images may have together for each byte of what a file may hold: reading them takes a second for a hundred million."""
_TOGETHER = Text(
    "The images have together more than {limit:,} million pixels: make them smaller, or leave some out.",
    "这些图像合计超过 {limit:,} 百万像素：请缩小图像或减少数量。",
)
_KIND = Text(
    "{name}: bring a folder or a ZIP of images, or a CSV, TSV or JSONL file of texts and labels.",
    "{name}：请提供图像文件夹或 ZIP，或含文本和标签的 CSV、TSV、JSONL 文件。",
)

Progress = Callable[[float], None]
"""Told how far it is, from 0 to 1."""
Images = NDArray[np.uint8]


class LeftOut(NamedTuple):
    """A file, line or class that is not taken, and why."""

    name: Text
    reason: Text


@dataclass(frozen=True)
class Found:
    """What would be kept: `about` it, and its examples class by class, as `images` [n, channels, side, side] or as `texts`, with
    their `vectors` [n, dims] where they came with some; and what is left out. `encoding` is that of a table."""

    about: About
    images: Images | None = None
    texts: list[list[str]] = field(default_factory=list)
    vectors: tables.Vector | None = None
    left: list[LeftOut] = field(default_factory=list)
    encoding: str = ""


def examine(
    source: Path | BinaryIO, name: str, side: int = SIDE, channels: int = 1, progress: Progress = lambda done: None
) -> Found:
    """Read all of a folder, ZIP or table; `name` is the file's, which tells its kind.

    Raises UserError for a file that is refused as a whole, or has too few classes; single files and lines that cannot be taken
    are left out, and named.
    """
    suffix = PurePosixPath(name).suffix.lower()
    if suffix in tables.SUFFIXES and not (isinstance(source, Path) and source.is_dir()):
        return _table(source, suffix)
    if suffix == ".zip" or (isinstance(source, Path) and source.is_dir()):
        return _pictures(source, side, channels, progress)
    if isinstance(source, Path):
        files.check_size(source)  # it may be that there is none
    raise UserError(_KIND.fill(name=name))


def _pictures(source: Path | BinaryIO, side: int, channels: int, progress: Progress) -> Found:
    left: list[LeftOut] = []
    kept: dict[str, dict[bytes, tuple[str, Images]]] = {}
    read = _within(partial(pictures.pixels, side=side, channels=channels, limit=settings().import_megapixels))
    with files.opened(source) as found:
        classes = _classes(found, left)
        total = sum(map(len, classes.values()))
        _check_room(total, side * side * channels, _SMALLER)
        done = 0
        for label, members in classes.items():
            own = kept.setdefault(label, {})
            for file in members:
                _take(file, own, read, left)
                done += 1
                progress(done / total)
    about = _about("images", {label: len(own) for label, own in kept.items()}, left, side, channels)
    images = [image for one in about.classes for _, image in kept[one.name].values()]
    return Found(about, images=np.stack(images), left=left)


def _within(read: Callable[[str, bytes], Images]) -> Callable[[str, bytes], Images]:
    """`read`, for as many pixels as all images may have together."""
    limit = _PIXELS_A_BYTE * settings().import_unpacked_mb
    done = 0

    def reading(name: str, content: bytes) -> Images:
        nonlocal done
        done += pictures.area(content)
        if done > limit * files.MB:
            raise UserError(_TOGETHER.fill(limit=limit))
        return read(name, content)

    return reading


def _take(
    file: files.File, own: dict[bytes, tuple[str, Images]], read: Callable[..., Images], left: list[LeftOut]
) -> None:
    """Add an image to those of its class, by its pixels, unless it cannot be read or is there already."""
    try:
        image = read(file.path, file.read())
    except (pictures.Unreadable, *zips.BROKEN):
        left.append(_left(file.path, _BROKEN))
        return
    key = image.tobytes()
    if key in own:
        left.append(_left(file.path, _TWIN.fill(other=own[key][0])))
    else:
        own[key] = file.path, image


def _classes(found: Sequence[files.File], left: list[LeftOut]) -> dict[str, list[files.File]]:
    """The image files of each class: its name is its folder's path below all that they have in common."""
    places: dict[tuple[str, ...], list[files.File]] = {}
    for file in found:
        path = PurePosixPath(file.path)
        if path.suffix.lower() not in pictures.SUFFIXES:
            left.append(_left(file.path, _NO_IMAGE))
        elif not path.parent.parts:
            left.append(_left(file.path, _NO_CLASS))
        else:
            places.setdefault(path.parent.parts, []).append(file)
    classes: dict[str, list[files.File]] = {}
    for parts, own in zip(_bare(list(places)), places.values(), strict=True):
        classes.setdefault(printable("/".join(parts))[-_LONGEST_CLASS:], []).extend(own)
    return classes


def _bare(places: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """Folders without what all have in front of their classes, and without the splits of somebody else."""
    # What the first and the last have in common, all have.
    folders = [parts[:-1] for parts in places]
    ends = list(zip(min(folders, default=()), max(folders, default=()), strict=False))
    common = next((place for place, (one, other) in enumerate(ends) if one != other), len(ends))
    places = [parts[common:] for parts in places]
    if all(len(parts) > 1 and parts[0].casefold() in _SPLIT_FOLDERS for parts in places):
        places = [parts[1:] for parts in places]
    return places


def _check_room(count: int, each: int, refused: Text, **more: int) -> None:
    """So many examples of so many bytes each must fit within the limit of what is kept."""
    limit = settings().import_unpacked_mb
    if count * each > limit * files.MB:
        raise UserError(refused.fill(count=count, size=count * each / files.MB, limit=limit, **more))


def _table(source: Path | BinaryIO, suffix: str) -> Found:
    files.check_size(source)
    content = source.read_bytes() if isinstance(source, Path) else source.read()
    rows, wrong, encoding = tables.rows(content, suffix)
    left = [LeftOut(_LINE.fill(line=line), reason) for line, reason in wrong]
    kept: dict[str, dict[str, tables.Row]] = {}
    for row in rows:
        own = kept.setdefault(row.label, {})
        if (first := own.setdefault(row.text, row)) is not row:
            twin = _LINE.fill(line=first.line)
            left.append(LeftOut(_LINE.fill(line=row.line), _TWIN.fill(other=twin)))
    dims = 0 if not rows or rows[0].vector is None else len(rows[0].vector)
    _check_room(len(rows), 4 * dims, _SHORTER, dims=dims)
    about = _about("text", {label: len(own) for label, own in kept.items()}, left, dims=dims)
    members = [kept[one.name] for one in about.classes]
    vectors = [row.vector for own in members for row in own.values() if row.vector is not None]
    return Found(
        about,
        texts=[list(own) for own in members],
        vectors=np.stack(vectors) if vectors else None,
        left=left,
        encoding=encoding,
    )


def _about(
    kind: Kind, counts: dict[str, int], left: list[LeftOut], side: int = 0, channels: int = 0, dims: int = 0
) -> About:
    """The classes that have enough examples, each in its split."""
    enough = {label: count for label, count in sorted(counts.items()) if count >= FEWEST}
    left.extend(
        _left(label, _ALONE.fill(least=FEWEST, count=count)) for label, count in counts.items() if count < FEWEST
    )
    if len(enough) < LEAST:
        raise UserError(_FEW_CLASSES.fill(classes=len(enough), least=FEWEST, needed=LEAST, hint=_HINT[kind]))
    splits = deal(enough)
    classes = tuple(Class(label, count, splits[label]) for label, count in enough.items())
    return About(kind, classes, side, channels, dims)


def _left(name: str, reason: Text) -> LeftOut:
    shown = printable(name)
    return LeftOut(Text(shown, shown), reason)
