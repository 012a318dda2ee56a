"""Whether runs train in this machine's memory, and no more of it for a process than is free. No torch."""

import platform
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from metaplay.host import free_memory
from metaplay.settings import settings

_GPU, _STATUS = Path("/dev/nvidia0"), Path("/proc/self/status")


def trains_here() -> bool:
    """Whether runs train in this machine's own memory: on its processor, as far as can be told without asking the workers."""
    if settings().scheduler or settings().device in ("cuda", "mps"):
        return False
    apple = platform.system() == "Darwin" and platform.machine() == "arm64"
    return settings().device == "cpu" or not (_GPU.exists() or apple)


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
