"""Keeping what was found, whole or not at all; reading it again; removing it."""

import errno
import json
import os
import shutil
import tempfile
import time
import unicodedata
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from metaplay.owndata.about import NAME, PREFIX, about, root
from metaplay.owndata.examining import Found
from metaplay.text import Text, UserError

_ABANDONED = 3600
"""Seconds after which a folder that an import or a removal works in has lost whoever made it: writing takes far less."""
_WORK = (".adding-", ".removing-")
_NAME = Text(
    "{name}: a name has 1 to 40 letters, digits, hyphens and underscores, and begins with a letter or a digit.",
    "{name}：名称由 1 到 40 个文字、数字、连字符或下划线组成，并以文字或数字开头。",
)
_TAKEN = Text(
    "{name}: there is a set of that name already; choose another name, or remove it first.",
    "{name}：已有同名的数据集；请换一个名称，或先删除它。",
)
_GONE = Text(
    "{name}: there is no such set of your own here; `data list` names those that are here, `data add` adds it again.",
    "{name}：这里没有这个自有数据集；`data list` 列出现有的，`data add` 可重新添加。",
)
_FULL = Text("The disk of {folder} is full: free some space there.", "{folder} 所在磁盘已满：请腾出空间。")
_UNWRITABLE = Text(
    "The folder {folder} cannot be written ({reason}): set METAPLAY_DATA to one that can.",
    "无法写入文件夹 {folder}（{reason}）：请将 METAPLAY_DATA 设为可写的文件夹。",
)


def checked(name: str) -> str:
    """A name for a new set, in the form in which it is kept. Raises UserError for one that cannot be or is taken."""
    name = unicodedata.normalize("NFC", name.strip())
    if not NAME.fullmatch(name):
        raise UserError(_NAME.fill(name=name[:80]))
    if (root() / name).exists():
        raise UserError(_TAKEN.fill(name=name))
    return name


def keep(name: str, found: Found, files: Mapping[str, bytes] | None = None) -> str:
    """Keep a set under this name, which is returned as it is kept. Raises UserError, and leaves nothing, where that fails.

    `files` are what else is in its folder: name -> content.
    """
    name = checked(name)
    tidy()
    with _writing():
        root().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_WORK[0], dir=root(), ignore_cleanup_errors=True) as work:
            folder = Path(work, "set")
            folder.mkdir()
            for file, content in (files or {}).items():
                _write_bytes(folder / file, content)
            _write(folder, found)
            folder.rename(root() / name)
    return name


def _write(folder: Path, found: Found) -> None:
    if found.images is not None:
        with (folder / "images.npz").open("wb") as stream:
            np.savez(stream, images=found.images)
            os.fsync(stream.fileno())
    else:
        _write_bytes(folder / "texts.json", json.dumps(found.texts, ensure_ascii=False, indent=0).encode())
    if found.vectors is not None:
        with (folder / "vectors.npy").open("wb") as stream:
            np.save(stream, found.vectors, allow_pickle=False)
            os.fsync(stream.fileno())
    _write_bytes(folder / "about.json", found.about.to_json())


def _write_bytes(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        os.fsync(stream.fileno())


def remove(name: str) -> None:
    """Remove a set. Runs that learnt from it keep their history, but cannot go on. Raises UserError if it is not here."""
    if about(name) is None:
        raise UserError(_GONE.fill(name=name))
    with _writing(), tempfile.TemporaryDirectory(prefix=_WORK[1], dir=root(), ignore_cleanup_errors=True) as work:
        (root() / name).rename(Path(work, "set"))


def images(name: str) -> NDArray[np.uint8]:
    """The images of a set [n, channels, side, side], class by class. Raises UserError if they are not here, or damaged."""
    try:
        with np.load(root() / _known(name) / "images.npz", allow_pickle=False) as stored:
            return stored["images"]
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise UserError(_GONE.fill(name=name)) from error


def texts(name: str) -> list[list[str]]:
    """The sentences of a set, class by class. Raises UserError if they are not here, or damaged."""
    try:
        return json.loads((root() / _known(name) / "texts.json").read_bytes())
    except (OSError, ValueError) as error:
        raise UserError(_GONE.fill(name=name)) from error


def vectors(name: str) -> NDArray[np.float32]:
    """The vectors of a set's sentences [n, dims], class by class. Raises UserError if they are not here, or damaged."""
    try:
        return np.load(root() / _known(name) / "vectors.npy", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise UserError(_GONE.fill(name=name)) from error


def tidy() -> None:
    """Delete what imports and removals that were killed have left behind; nothing that one may still be at."""
    try:
        left = [item for item in root().iterdir() if item.name.startswith(_WORK)]
    except OSError:
        return
    for folder in left:
        try:
            abandoned = time.time() - folder.lstat().st_mtime > _ABANDONED
        except OSError:  # gone meanwhile
            continue
        if abandoned:
            shutil.rmtree(folder, ignore_errors=True)  # which follows no link


def _known(name: str) -> str:
    name = name.removeprefix(PREFIX)
    if about(name) is None:
        raise UserError(_GONE.fill(name=name))
    return name


@contextmanager
def _writing() -> Iterator[None]:
    """Turn the disk errors that a person can mend into a UserError."""
    try:
        yield
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        said = _FULL if full else _UNWRITABLE
        raise UserError(said.fill(folder=root(), reason=error.strerror or error)) from error
