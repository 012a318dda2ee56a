"""How much memory is free on this machine, and no more than that for a process. No torch."""

import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

from metaplay.settings import settings

_GROUP, _GPU, _STATUS = Path("/sys/fs/cgroup"), Path("/dev/nvidia0"), Path("/proc/self/status")


def trains_here() -> bool:
    """Whether runs train in this machine's own memory: on its processor, as far as can be told without asking the workers."""
    if settings().scheduler or settings().device in ("cuda", "mps"):
        return False
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return settings().device == "cpu" or not (_GPU.exists() or apple)


def free_memory() -> int:
    """Bytes that processes can still take: what the machine has free or, in a container with a limit of its own, what that
    leaves, if it is less."""
    machine = psutil.virtual_memory().available
    limit, used = (_read(_GROUP / name) for name in ("memory.max", "memory.current"))
    if limit is None or used is None:
        return machine
    return min(machine, max(0, limit - used + _given_back()))


def _given_back() -> int:
    """Bytes of the container's that are copies of files, which the system drops as soon as a process needs the room."""
    found = re.findall(r"^(?:in)?active_file (\d+)$", (_GROUP / "memory.stat").read_text(), re.MULTILINE)
    return sum(map(int, found))


@contextmanager
def within_memory() -> Iterator[None]:
    """Meanwhile the system refuses this process what was not free when this began: what needs more fails, and can be told of,
    where else the system would kill the whole process. On Linux, and where runs train in this machine's own memory. A limit
    that is there already stays."""
    if not trains_here() or not _STATUS.exists():
        yield
        return
    import resource

    unlimited = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
    if resource.getrlimit(resource.RLIMIT_DATA) != unlimited:
        yield
        return
    resource.setrlimit(resource.RLIMIT_DATA, (_held() + free_memory(), resource.RLIM_INFINITY))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, unlimited)


def _held() -> int:
    """Bytes of data that this process has been promised so far, which are what its limit counts."""
    found = re.search(r"^VmData:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


def _read(file: Path) -> int | None:
    """The number in a file; None where there is none (no such file, or the word max)."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
