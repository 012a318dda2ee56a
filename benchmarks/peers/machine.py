"""The machine that is measured on, and the versions of what is."""

import os
import platform
import re
from collections.abc import Iterable
from pathlib import Path

from benchmarks.peers.contenders import GEMM
from benchmarks.peers.process import Process
from metaplay.measured import LABELS, Row


def device_name(device: str) -> str:
    """The processor with its cores, or the GPU, as a person calls it."""
    if device == "cuda":
        with Process(GEMM, 1, device) as process:
            return str(process.ask("device_name")["name"])
    return f"{_processor()}, {os.cpu_count()} cores"


def slug(name: str) -> str:
    """A name for files."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    found = re.search(r"^model name\s*: (.+)$", info.read_text(), re.MULTILINE) if info.exists() else None
    return found[1] if found else platform.processor() or platform.machine()


def busy() -> str:
    """How busy the machine is with other things, where the system tells."""
    return f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"


def versions(rows: Iterable[Row]) -> list[str]:
    """Of Python and of each contender, as last measured."""
    found = {LABELS[row.contender].en: row.version for row in rows if row.version and row.contender in LABELS}
    return [f"Python {platform.python_version()}", *(f"{name} {version}" for name, version in found.items())]
