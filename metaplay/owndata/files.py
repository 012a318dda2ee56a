"""The files of a folder or a ZIP that a person brought, within the settings' limits. Nothing is unpacked to disk."""

import os
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path, PurePosixPath
from typing import BinaryIO, NamedTuple
from zipfile import ZipFile, ZipInfo

from metaplay import zips
from metaplay.settings import settings
from metaplay.text import Text, UserError

MB = 1_000_000
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".zst")
_JUNK = ("__MACOSX", "Thumbs.db", "desktop.ini")
"""What systems add by themselves; so are names that begin with a dot."""
_LONGEST_ENTRY = 512
"""Bytes of a line of a ZIP's table of contents, in the mean, at most."""
_UTF8 = 0x800
"""The flag of a ZIP's entry whose name is in UTF-8."""

_TOO_LARGE = Text(
    "The file has {size:.0f} MB, and at most {limit:,} MB are taken: leave some out, or raise METAPLAY_IMPORT_MB.",
    "文件有 {size:.0f} MB，上限为 {limit:,} MB：请减少内容，或提高 METAPLAY_IMPORT_MB。",
)
_EXPANDS = Text(
    "Unpacked, it would have {size:,.0f} MB, and at most {limit:,} MB are taken: leave some out, or raise METAPLAY_IMPORT_UNPACKED_MB.",
    "解压后将有 {size:,.0f} MB，上限为 {limit:,} MB：请减少内容，或提高 METAPLAY_IMPORT_UNPACKED_MB。",
)
_TOO_MANY = Text(
    "It holds more than {limit:,} files: leave some out, or raise METAPLAY_IMPORT_FILES.",
    "其中的文件超过 {limit:,} 个：请减少内容，或提高 METAPLAY_IMPORT_FILES。",
)
_NO_ZIP = Text(
    "This is not a whole ZIP: make it anew, or download it again if it broke off.",
    "这不是完整的 ZIP 文件：请重新打包；若下载中断，请重新下载。",
)
_LOCKED = Text(
    "{name} is locked with a password or packed in an unusual way: make a plain ZIP without a password.",
    "{name} 设有密码或采用不常见的压缩方式：请制作不加密的普通 ZIP。",
)
_OUTSIDE = Text(
    "{name} leads out of the ZIP: such a file is not opened. Make a ZIP of a folder with a folder for each class.",
    "{name} 指向 ZIP 之外：这样的文件不会被打开。请打包一个文件夹，其中每个类别一个子文件夹。",
)
_LINK = Text(
    "{name} is a symbolic link, and none is followed: put the file itself in its place.",
    "{name} 是符号链接，不会被跟随：请换成文件本身。",
)
_NESTED = Text(
    "{name} is an archive in an archive or folder: unpack it first, and leave it out.",
    "{name} 是嵌套的压缩包：请先解压，并去掉它本身。",
)
_NOTHING = Text("{path}: there is no such file or folder.", "{path}：没有这个文件或文件夹。")


class File(NamedTuple):
    """A file: its path below the top, with slashes, and its content, which `read` gives. It raises one of zips.BROKEN."""

    path: str
    read: Callable[[], bytes]


@contextmanager
def opened(source: Path | BinaryIO) -> Iterator[list[File]]:
    """All files of a folder or a ZIP but those that systems add, in the order of their names, for as long as it is open.

    Raises UserError for what is too large, too many, locked, leads elsewhere, or is an archive itself.
    """
    if isinstance(source, Path):
        if source.is_dir():
            yield _of_folder(source)
            return
        check_size(source)
        with source.open("rb") as file, opened(file) as files:
            yield files
        return
    _check_zip(source)
    try:
        archive = ZipFile(source)
    except zips.BROKEN as error:
        raise UserError(_NO_ZIP) from error
    with archive:
        yield _of_zip(archive)


def check_size(file: Path | BinaryIO) -> None:
    """Raises UserError if there is no such file, or it is too large to be taken. Leaves an open one at its start."""
    if isinstance(file, Path):
        if not file.is_file():
            raise UserError(_NOTHING.fill(path=file))
        size = file.stat().st_size
    else:
        size = file.seek(0, 2)
        file.seek(0)
    if size > settings().import_mb * MB:
        raise UserError(_TOO_LARGE.fill(size=size / MB, limit=settings().import_mb))


def _check_zip(file: BinaryIO) -> None:
    check_size(file)
    try:
        length = zips.directory_length(file)
    except zips.BROKEN as error:
        raise UserError(_NO_ZIP) from error
    if length > settings().import_files * _LONGEST_ENTRY:
        raise UserError(_TOO_MANY.fill(limit=settings().import_files))


def _of_zip(archive: ZipFile) -> list[File]:
    entries = [entry for entry in archive.infolist() if not entry.filename.endswith("/")]
    _check_amount([entry.file_size for entry in entries])
    encoding = _encoding(entries)
    found = []
    for entry in entries:
        name = _name(entry, encoding)
        if _leads_out(name):
            raise UserError(_OUTSIDE.fill(name=_short(name)))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise UserError(_LINK.fill(name=_short(name)))
        if not zips.plain(entry):
            raise UserError(_LOCKED.fill(name=_short(name)))
        found.append(File(name, partial(zips.read, archive, entry)))
    return _wanted(found)


def _encoding(entries: Sequence[ZipInfo]) -> str:
    """The encoding of the names that are not said to be in UTF-8: old programs do not say which it is. Those of Chinese systems
    write GB 18030; zipfile takes it for the first PC's code page."""
    names = b"/".join(name for entry in entries if (name := _as_packed(entry)) is not None)
    for encoding in ("utf-8", "gb18030"):
        try:
            names.decode(encoding)
        except UnicodeError:
            continue
        return encoding
    return "cp437"


def _as_packed(entry: ZipInfo) -> bytes | None:
    """The bytes of a name of unknown encoding; None where it is known, by its flag or, in newer zipfiles, by an extra field."""
    try:
        return None if entry.flag_bits & _UTF8 else entry.filename.encode("cp437")
    except UnicodeError:
        return None


def _name(entry: ZipInfo, encoding: str) -> str:
    packed = _as_packed(entry)
    name = entry.filename if packed is None else packed.decode(encoding)
    return name.replace("\\", "/")  # which some programs write


def _leads_out(name: str) -> bool:
    parts = name.split("/")
    return not parts[0] or ":" in parts[0] or ".." in parts


def _of_folder(folder: Path) -> list[File]:
    found, sizes, most = [], [], settings().import_files
    for place, folders, names in os.walk(folder):
        for name in (*folders, *names):
            path = Path(place, name)
            shown = path.relative_to(folder).as_posix()
            if path.is_symlink():
                raise UserError(_LINK.fill(name=_short(shown)))
            if path.is_file():
                found.append(File(shown, path.read_bytes))
                sizes.append(path.stat().st_size)
        if len(found) > most:
            break
    _check_amount(sizes)
    return _wanted(found)


def _check_amount(sizes: Sequence[int]) -> None:
    limits = settings()
    if len(sizes) > limits.import_files:
        raise UserError(_TOO_MANY.fill(limit=limits.import_files))
    if sum(sizes) > limits.import_unpacked_mb * MB:
        raise UserError(_EXPANDS.fill(size=sum(sizes) / MB, limit=limits.import_unpacked_mb))


def _wanted(files: list[File]) -> list[File]:
    """Without what systems add. Raises UserError for an archive among them."""
    kept = [file for file in files if not any(part in _JUNK or part.startswith(".") for part in file.path.split("/"))]
    for file in kept:
        if PurePosixPath(file.path).suffix.lower() in ARCHIVES:
            raise UserError(_NESTED.fill(name=_short(file.path)))
    return sorted(kept, key=lambda file: file.path)


def _short(name: str) -> str:
    """A name that fits a sentence."""
    return name if len(name) <= 120 else f"{name[:80]}…{name[-39:]}"
