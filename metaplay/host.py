"""What this machine lets metaplay have: the cores and the memory, within the limits of its control groups and its affinity.

Containers, systemd and hosts of Streamlit apps set such limits (versions 1 and 2 of control groups); what the machine itself has
tells nothing there. A group is held by the limits of all groups above it too.
"""

import os
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import psutil

_GROUPS, _MINE = Path("/sys/fs/cgroup"), Path("/proc/self/cgroup")
_MEMORY = (
    ("memory.max", "memory.current", "(?:in)?active_file"),
    ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_(?:in)?active_file"),
)
"""The files of a group's limit and of what is used, and in its statistics the copies of files; of version 2 and of version 1."""
_LITTLE = 3_000_000_000
IDLE = 600_000_000
"""Bytes that the processes of the playground take together on a small host while nobody trains, at most (benchmarks/idle.py)."""


@cache
def small() -> bool:
    """Whether this is a small host, of one core or with less than 3 GB: it trains one run at a time and takes smaller files."""
    return cores() == 1 or memory() < _LITTLE


def cores() -> int:
    """Whole cores that this process may keep busy; one at least."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, int(min([there, *filter(None, map(_quota, _levels("cpu")))])))


def memory() -> int:
    """Bytes of memory that all processes of this host may take together."""
    limits = (_number(level / name) for level in _levels("memory") for name, *_ in _MEMORY)
    return min([psutil.virtual_memory().total, *(limit for limit in limits if limit is not None)])


def free_memory() -> int:
    """Bytes that processes can still take: copies of files count as free, as the system drops them for whoever needs room."""
    return min([psutil.virtual_memory().available, *_left()])


def room() -> int:
    """Bytes that a run may take on this host beside the idle playground."""
    return max(0, memory() - IDLE)


def _left() -> Iterator[int]:
    """What the limit of each of this process's groups leaves."""
    for level in _levels("memory"):
        for most, now, copies in _MEMORY:
            limit, used = _number(level / most), _number(level / now)
            if limit is not None and used is not None:
                given_back = re.findall(rf"^{copies} (\d+)$", _text(level / "memory.stat"), re.MULTILINE)
                yield max(0, limit - used + sum(map(int, given_back)))


def _quota(level: Path) -> float | None:
    """Cores that a group may use; None where it says no limit."""
    both = re.match(r"(\d+) (\d+)", _text(level / "cpu.max"))
    quota, period = both.groups() if both else (_text(level / f"cpu.cfs_{name}_us") for name in ("quota", "period"))
    return int(quota) / int(period) if quota.strip().isdigit() else None


def _levels(controller: str) -> Iterator[Path]:
    """The folders of this process's group and of those above it. In a container its own group may stand as the uppermost one."""
    for line in _text(_MINE).splitlines() or ["0::/"]:
        _, names, path = line.split(":", 2)
        if controller in names.split(",") or not names:
            top = _GROUPS / controller if names else _GROUPS
            group = top / path.lstrip("/")
            yield from (level for level in (group, *group.parents) if level.is_relative_to(top))


def _number(file: Path) -> int | None:
    """The number in a file; None where there is none (no such file, or the word max)."""
    found = _text(file).strip()
    return int(found) if found.isdigit() else None


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
