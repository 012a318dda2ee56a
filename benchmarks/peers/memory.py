"""The most memory that a process has held since a moment."""

import resource
import sys
from contextlib import suppress
from pathlib import Path

_UNIT = 1 if sys.platform == "darwin" else 1024


class Watch:
    """From its making on. Where the system can be told to (Linux), what was held before and given back does not count."""

    def __init__(self) -> None:
        with suppress(OSError):
            Path("/proc/self/clear_refs").write_text("5")
        self._before = _most()

    def grown(self) -> int:
        """Bytes by which the largest resident size since then is above that at the start."""
        return _most() - self._before


def _most() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _UNIT
