"""Which runs are going, and where: a small file a run, kept fresh by the process that trains it. No torch.

It tells a run that goes on from one whose process died, and how many runs share this machine's cores. While a run waits in a
queue, the file is that of the engine whose queue it is.
"""

import contextlib
import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import psutil

BEAT = 1.0
"""Seconds between two signs of life."""
_SILENCE = 15.0
"""Seconds without a sign of life after which a run on another machine counts as dead."""


class Pulse:
    """Signs of life of a run while this process trains it: `with Pulse(root, run) as pulse`.

    `sharing` is the number of runs that train on this machine now, this one included; runs that one thread trains in turn
    count as one. `training(False)` takes it out while paused.
    """

    def __init__(self, root: Path, run: str):
        self._folder, self._file = _folder(root), _folder(root) / run
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"pulse-{run}", daemon=True)
        self.sharing = 1

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        self.training(True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()
        self._file.unlink(missing_ok=True)

    def training(self, on: bool) -> None:
        """Say whether the run takes its share of the cores."""
        _sign(self._file, on)
        self._count()

    def _beat(self) -> None:
        while not self._end.wait(BEAT):
            os.utime(self._file)
            self._count()

    def _count(self) -> None:
        host = socket.gethostname()
        here = [sign for sign, fresh in _signs(self._folder) if sign["host"] == host and _lives(sign, fresh)]
        self.sharing = max(1, len({(sign["pid"], sign.get("thread")) for sign in here if sign["training"]}))


def claim(root: Path, run: str) -> None:
    """Say that the run waits in a queue of this process; the process that trains it will say so in its turn."""
    _folder(root).mkdir(parents=True, exist_ok=True)
    _sign(_folder(root) / run, False)


def refresh(root: Path, run: str) -> None:
    """A sign of life for a run that waits."""
    with contextlib.suppress(FileNotFoundError):
        os.utime(_folder(root) / run)


def release(root: Path, run: str) -> None:
    """The run no longer waits here."""
    (_folder(root) / run).unlink(missing_ok=True)


def alive(root: Path, run: str) -> bool:
    """Whether a process is training the run, holds it paused, or has it in its queue."""
    return any(_lives(*found) for found in _signs(_folder(root), run))


def _sign(file: Path, training: bool) -> None:
    me = {
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "born": _born(os.getpid()),
        "thread": threading.get_ident(),
        "training": training,
    }
    part = file.with_name(f".{file.name}")
    part.write_text(json.dumps(me))
    part.replace(file)


def _folder(root: Path) -> Path:
    return root / ".going"


def _signs(folder: Path, run: str = "[!.]*") -> Iterator[tuple[dict[str, Any], float]]:
    """What the processes of the runs (of one run) say of themselves, and when they last did."""
    for file in folder.glob(run):
        try:
            yield json.loads(file.read_bytes()), file.stat().st_mtime
        except FileNotFoundError:
            continue  # it ended just now


def _lives(sign: dict[str, Any], fresh: float) -> bool:
    if sign["host"] != socket.gethostname():
        return time.time() - fresh < _SILENCE
    # The time of birth tells the process from a later one that was given the same number.
    return abs(_born(sign["pid"]) - sign["born"]) < 2


def _born(pid: int) -> float:
    """When a process was started; 0 if it is gone."""
    try:
        process = psutil.Process(pid)
        return 0.0 if process.status() == psutil.STATUS_ZOMBIE else process.create_time()
    except psutil.NoSuchProcess:
        return 0.0
