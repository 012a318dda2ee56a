"""The most memory that a process has held since a moment."""

import re
import resource
import sys
from contextlib import suppress
from pathlib import Path

_STATUS, _CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


class Watch:
    """From its making on. On Linux, what was held before and given back does not count; elsewhere it hides as much growth."""

    def __init__(self) -> None:
        with suppress(OSError):
            _CLEAR.write_text("5")
        self._before = _most()

    def grown(self) -> int:
        """Bytes by which the largest resident size since then is above that at the start."""
        return _most() - self._before


def _most() -> int:
    """The largest resident size in bytes. Linux: not getrusage's, in which a new process inherits that of its parent."""
    if _STATUS.exists():
        found = re.search(r"^VmHWM:\s+(\d+) kB$", _STATUS.read_text(), re.MULTILINE)
        assert found
        return int(found[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
