"""What the processes of a server take: its own, the scheduler, the worker keepers (nannies) and the workers."""

from contextlib import suppress
from dataclasses import dataclass

import psutil

MEGABYTE = 2**20
ROLES = {"distributed.Scheduler": "scheduler", "distributed.Nanny": "nanny", "spawn_main": "worker"}
"""What the command line of a process holds -> what it is."""


@dataclass(frozen=True)
class Taken:
    """What a process takes: resident memory in MB, open files and sockets, threads."""

    role: str
    pid: int
    memory: float
    files: int
    threads: int


def role(process: psutil.Process) -> str:
    """What a child of a server is: scheduler, nanny, worker, or other. Raises psutil.Error where it is gone."""
    words = " ".join(process.cmdline())
    return next((name for part, name in ROLES.items() if part in words), "other")


def children(server: int, wanted: str = "") -> list[psutil.Process]:
    """The processes below a server that are still there, or those of one role."""
    found = []
    with suppress(psutil.NoSuchProcess):
        for process in psutil.Process(server).children(recursive=True):
            with suppress(psutil.Error):
                if not wanted or role(process) == wanted:
                    found.append(process)
    return found


def taken(server: int) -> list[Taken]:
    """What each process of a server takes now."""
    found = []
    for process in [psutil.Process(server), *children(server)]:
        with suppress(psutil.Error):
            name = "server" if process.pid == server else role(process)
            memory = process.memory_info().rss / MEGABYTE
            found.append(Taken(name, process.pid, memory, process.num_fds(), process.num_threads()))
    return found


def memory(server: int) -> dict[str, float]:
    """The memory in MB of the processes of each role together."""
    found: dict[str, float] = {}
    for one in taken(server):
        found[one.role] = found.get(one.role, 0.0) + one.memory
    return found
