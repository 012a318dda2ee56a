"""What the playground takes while nobody trains, and how soon it answers its first visitor. Two tables in Markdown.

    python -m benchmarks.idle

Starts a server as `play.py` does, visits it at once, and waits until its worker is warm. In a container, a systemd scope or under
`taskset` it finds the limits that are set there, as the playground itself does. Memory is each process's proportional share (PSS):
what several processes have in common counts once. For Linux.
"""

import asyncio
import re
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil

from benchmarks.visitor import Visitor
from tests.browser.conftest import Server, serving

_LOOK = 3.0
_LOOKS = 4
"""So many looks, `_LOOK` seconds apart, find the same memory in the same processes: then nothing starts any more."""
_STILL = 2e6
_PARTS = {
    "streamlit": "pages",
    "Scheduler": "scheduler",
    "Nanny": "keeper",
    "resource_tracker": "keeper's tracker",
    "multiprocessing": "worker",
}
"""Words in the command lines of the processes, the most telling first."""


def main() -> None:
    with TemporaryDirectory() as runs:
        began = time.monotonic()
        with serving(Path(runs), workers=None) as server:
            served = time.monotonic() - began
            drawn, taken = asyncio.run(_visited(server, began))
    print("| from cold | seconds |\n|---|---|")
    print(f"| the server answers | {served:.1f} |\n| the first page is drawn | {drawn:.1f} |\n")
    print("| process | MB |\n|---|---|")
    for name, size in taken:
        print(f"| {name} | {size / 1e6:.0f} |")
    print(f"| all | {sum(size for _, size in taken) / 1e6:.0f} |")


async def _visited(server: Server, began: float) -> tuple[float, list[tuple[str, int]]]:
    """Seconds until the first visitor had the page, and what all processes take once the worker is warm, with that page open."""
    process = psutil.Process(server.process.pid)
    async with Visitor(server.url) as visitor:
        await visitor.until(lambda page: page.drawn, 120, "the first page")
        drawn = time.monotonic() - began
        await _settle(process)
        return drawn, _memory(process)


def _tree(server: psutil.Process) -> list[psutil.Process]:
    return [server, *server.children(recursive=True)]


async def _settle(server: psutil.Process, seconds: float = 300) -> None:
    """Wait until the engine is there and its worker is warm: until no process takes more memory."""
    end = time.monotonic() + seconds
    seen: list[dict[str, int]] = []
    while time.monotonic() < end:
        seen = [*seen, {f"{name} {place}": size for place, (name, size) in enumerate(_memory(server))}][-_LOOKS:]
        still = all(now.keys() == seen[0].keys() and _apart(now, seen[0]) < _STILL for now in seen)
        if still and len(seen) == _LOOKS and any("worker " in name for name in seen[0]):
            return
        await asyncio.sleep(_LOOK)
    raise TimeoutError(f"not at rest after {seconds:.0f} s")


def _apart(now: dict[str, int], before: dict[str, int]) -> int:
    return abs(sum(now.values()) - sum(before.values()))


def _memory(server: psutil.Process) -> list[tuple[str, int]]:
    """Each process and its bytes."""
    return [(_name(process), _share(process.pid)) for process in _tree(server)]


def _name(process: psutil.Process) -> str:
    line = " ".join(process.cmdline())
    return next((name for part, name in _PARTS.items() if part in line), line[:60])


def _share(pid: int) -> int:
    found = re.search(r"^Pss:\s+(\d+) kB$", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    return int(found[1]) * 1024 if found else 0


if __name__ == "__main__":
    main()
