"""How a server is: its engine writes it into a small file beside the runs every few seconds. No torch.

<root>/.servers/<host>-<pid>.json    there while a server with an engine lives
"""

import json
import logging
import os
import platform
import shutil
import socket
import threading
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from metaplay import __version__, host
from metaplay.engine.store import write_whole

_EVERY = 5.0
FRESH = 20.0
"""Seconds without a word after which a server counts as gone."""
logger = logging.getLogger(__name__)
_PACKAGES = ("torch", "streamlit", "distributed")


class Teller:
    """Writes a server's health until it is closed; `asked` gives what its engine knows."""

    def __init__(self, root: Path, asked: Callable[[], dict[str, Any]]):
        self._root, self._asked, self._began = root, asked, time.time()
        self._file = _folder(root) / f"{socket.gethostname()}-{os.getpid()}.json"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._tell, name="health", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """The server ends."""
        self._end.set()
        self._thread.join(timeout=1.0)
        self._file.unlink(missing_ok=True)

    def _tell(self) -> None:
        while not self._end.is_set():
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                told = {"up": round(time.time() - self._began), **self._asked(), **machine(self._root)}
                write_whole(self._file, json.dumps(told).encode(), settled=False)
            except (
                Exception
            ) as error:  # a full disk, or whatever Dask raises while it falls apart: the next word may be better
                logger.warning("The server's health could not be told: %s", type(error).__name__)
            self._end.wait(_EVERY)


def machine(root: Path) -> dict[str, Any]:
    """What this machine has: versions, cores, and bytes of memory and of disk."""
    return {
        "versions": {"metaplay": __version__, "python": platform.python_version()}
        | {name: version(name) for name in _PACKAGES},
        "cores": host.cores(),
        "small_host": host.small(),
        "memory": host.memory(),
        "memory_free": host.free_memory(),
        "disk_free": shutil.disk_usage(root).free,
    }


def servers(root: Path) -> list[dict[str, Any]]:
    """What each server of the runs at `root` last said of itself, with `age`, the seconds since then; one that died is forgotten."""
    found = []
    for file in sorted(_folder(root).glob("*.json")):
        try:
            age = time.time() - file.stat().st_mtime
            if age < FRESH:
                found.append({"server": file.stem, "age": round(age, 1), **json.loads(file.read_bytes())})
            else:
                file.unlink(missing_ok=True)
        except FileNotFoundError:
            continue  # it ended just now
    return found


def _folder(root: Path) -> Path:
    return root / ".servers"
