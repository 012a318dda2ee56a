"""What no input may do, whatever is in it: write outside of the stores, load code, start a program, take memory or time without end."""

import os
import re
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from metaplay.text import Text, UserError

SECONDS = 60
"""A single input takes no longer; the slowest that is known takes three on a slow machine."""
MEGABYTES = 1500
"""Memory that a single input may take on top of what the process has."""
LONGEST = 2500
"""Characters of a sentence that names what was wrong and what is allowed instead."""
_FORBIDDEN = ("pickle.find_class", "subprocess.Popen", "os.system", "os.exec", "os.posix_spawn")
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_MOVING = ("os.mkdir", "os.rename", "os.link", "os.symlink", "os.remove", "os.rmdir", "os.truncate", "os.chmod")
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_ours = ("/dev/null", "__pycache__", f"{os.sep}.hypothesis{os.sep}")
"""What Python, and hypothesis, write by themselves."""


@dataclass
class _Seen:
    stores: tuple[str, ...] = ()
    wrong: list[str] = field(default_factory=list)
    on: bool = False


_seen = _Seen()
_installed = False


def install() -> None:
    """Have Python tell of every file that is opened and every program that is started; it cannot be taken back."""
    global _installed  # noqa: PLW0603
    if not _installed:
        _installed = True
        sys.addaudithook(_hook)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _seen.on:
        return
    if event in _FORBIDDEN:
        _seen.wrong.append(f"{event} {arguments!r:.200}")
    elif event == "open" and isinstance(arguments[2], int) and arguments[2] & _WRITING:
        _note(event, arguments[0])
    elif event in _MOVING:
        for path in arguments[: 2 if event in ("os.rename", "os.link", "os.symlink") else 1]:
            _note(event, path)


def _note(event: str, path: object) -> None:
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a file that is open already
    where = os.path.abspath(os.fsdecode(path))
    if not where.startswith(_seen.stores) and not any(part in where for part in _ours):
        _seen.wrong.append(f"{event} {where}")


@contextmanager
def folder(root: Path) -> Iterator[Path]:
    """An empty folder for one input, as no input may meet what another left."""
    made = Path(tempfile.mkdtemp(dir=root))
    try:
        yield made
    finally:
        shutil.rmtree(made)


@contextmanager
def guarded(*stores: Path) -> Iterator[None]:
    """What runs in here writes below `stores` only, loads and starts nothing, and ends within SECONDS and MEGABYTES."""
    with watched(*stores), _bounded():
        yield


@contextmanager
def watched(*stores: Path) -> Iterator[None]:
    """What runs in here writes below `stores` only, and loads and starts nothing."""
    _seen.stores, _seen.wrong, _seen.on = tuple(str(store.resolve()) for store in stores) or ("\0",), [], True
    try:
        yield
    finally:
        _seen.on = False
    assert not _seen.wrong, _seen.wrong


@contextmanager
def _bounded() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"not done after {SECONDS} s")

    import resource  # not on Windows, where these tests are not run

    before = resource.getrlimit(resource.RLIMIT_AS)
    most = psutil.Process().memory_info().vms + MEGABYTES * 2**20
    handler = signal.signal(signal.SIGALRM, late)
    began = time.monotonic()
    timer = signal.setitimer(signal.ITIMER_REAL, SECONDS)
    resource.setrlimit(resource.RLIMIT_AS, (most, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
        left = max(0.001, timer[0] - (time.monotonic() - began)) if timer[0] else 0
        signal.signal(signal.SIGALRM, handler)
        signal.setitimer(signal.ITIMER_REAL, left)


def is_clear(error: UserError) -> bool:
    """Fails unless the error is one sentence in both languages, for people, that nothing of the input can disfigure."""
    assert isinstance(error.text, Text)
    for said in error.text:
        assert said.strip()
        assert len(said) <= LONGEST, said
        assert not _UNSEEN.search(said), said
        assert "Traceback" not in said
        assert "Error:" not in said, said
    return True
