"""What can go wrong with a data set, each as one sentence that says what to do."""

import errno
from pathlib import Path

from metaplay.text import Text, UserError


def missing(name: str, files: str, folder: Path, reason: object) -> UserError:
    """The files are not there and could not be downloaded."""
    return UserError(
        Text(
            "{name}: {files} not found in {folder} and not downloaded ({reason}): run `python -m metaplay data prepare {name}`"
            " with a network, or put the files there, or set METAPLAY_DATA to the data root that has them.",
            "{name}：在 {folder} 中找不到 {files}，也无法下载（{reason}）：请联网运行 `python -m metaplay data prepare {name}`，"
            "或把文件放到该处，或将 METAPLAY_DATA 设为含有这些文件的数据目录。",
        ).fill(name=name, files=files, folder=folder, reason=reason)
    )


def lacking(name: str, package: str) -> UserError:
    """A package that is not among metaplay's own is needed to read the files."""
    return UserError(
        Text(
            "{name}: its files are read with {package}, which is not installed: run `python -m pip install {package}`, then try again.",
            "{name}：读取其文件需要 {package}，但尚未安装：请运行 `python -m pip install {package}` 后重试。",
        ).fill(name=name, package=package)
    )


def broken(name: str, path: Path, reason: object) -> UserError:
    """A file is there but is not what it should be."""
    return UserError(
        Text(
            "{name}: {path} is broken ({reason}): delete it and run `python -m metaplay data prepare {name}` with a network,"
            " or put a sound copy in its place.",
            "{name}：{path} 已损坏（{reason}）：请删除它并联网运行 `python -m metaplay data prepare {name}`，或换上完好的文件。",
        ).fill(name=name, path=path, reason=reason)
    )


def unwritable(name: str, cache: Path, error: OSError) -> UserError:
    """The cache cannot be written, most often because the disk is full."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return UserError(
            Text(
                "{name}: the disk of {cache} is full: free some space there, or set METAPLAY_CACHE to a folder on another disk.",
                "{name}：{cache} 所在磁盘已满：请腾出空间，或将 METAPLAY_CACHE 设为其他磁盘上的文件夹。",
            ).fill(name=name, cache=cache)
        )
    return UserError(
        Text(
            "{name}: cannot be prepared in {cache} ({reason}): set METAPLAY_CACHE to a folder that can be written.",
            "{name}：无法在 {cache} 中准备（{reason}）：请将 METAPLAY_CACHE 设为可写的文件夹。",
        ).fill(name=name, cache=cache, reason=error.strerror or error)
    )
