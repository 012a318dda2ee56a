"""What was measured of one contender on one workload, and the CSV file that keeps it."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

ENOUGH = 1e-8
"""Relative error of a float64 meta-gradient up to which two are taken as the same."""


@dataclass
class Row:
    """Seconds of a meta-step, the least and the median of `steps`; `first` with all that is done but once (compilation).

    `error` is the relative error of the float64 meta-gradient against metaplay's (None: it is metaplay's); `memory` in bytes;
    `flops` of a meta-step, and `peak`, the most that a large matrix product reached in the same minutes, a second.
    `problem` says why there are no figures. `measured` says when, of which commit and by which command.
    """

    workload: str
    contender: str
    threads: int
    version: str = ""
    error: float | None = None
    first: float | None = None
    least: float | None = None
    median: float | None = None
    steps: int = 0
    memory: int | None = None
    flops: int = 0
    peak: float | None = None
    problem: str = ""
    measured: str = ""

    @property
    def agrees(self) -> bool:
        """Whether its meta-gradient is metaplay's."""
        return self.error is None or self.error <= ENOUGH

    @property
    def share(self) -> float | None:
        """Of the peak of matrix products, reached by the quickest meta-step."""
        return self.flops / self.least / self.peak if self.least and self.peak and self.flops else None


_NUMBERS = {"threads": int, "steps": int, "memory": int, "flops": int}
_TEXTS = ("workload", "contender", "version", "problem", "measured")


def save(path: Path, rows: Iterable[Row]) -> None:
    """Write rows as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [field.name for field in fields(Row)], lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def load(path: Path) -> list[Row]:
    """Rows that `save` wrote; none where there is no such file."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        return [Row(**{name: _parsed(name, text) for name, text in line.items()}) for line in csv.DictReader(file)]


def _parsed(name: str, text: str) -> Any:
    if name in _TEXTS:
        return text
    return _NUMBERS.get(name, float)(text) if text else None


def merged(kept: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """The new rows, and those kept of workloads that were not measured again."""
    fresh = list(new)
    again = {row.workload for row in fresh}
    return [row for row in kept if row.workload not in again] + fresh
