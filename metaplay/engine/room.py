"""How much memory is free on this machine. No torch."""

import platform
from pathlib import Path

import psutil

from metaplay.settings import settings

_GROUP, _GPU = Path("/sys/fs/cgroup"), Path("/dev/nvidia0")


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
    return min(machine, max(0, limit - used))


def _read(file: Path) -> int | None:
    """The number in a file; None where there is none (no such file, or the word max)."""
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return None
