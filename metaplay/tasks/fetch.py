"""Files from the network into the data root. Imports torchvision, which is slow: only used while a set is prepared."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PATIENCE = 20.0
"""Seconds without an answer after which a download is given up (a hall without a network must not wait for minutes)."""


@contextmanager
def patience() -> Iterator[None]:
    """Within, connections that do not answer fail after PATIENCE seconds."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(PATIENCE)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def keep(file: Path, folder: Path) -> None:
    """Put a copy of a downloaded file into the data root, whole or not at all; a data root that cannot be written stays as it is."""
    part = folder / f".{file.name}.part"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, part)
        part.replace(folder / file.name)
    except OSError:
        with suppress(OSError):
            part.unlink()
