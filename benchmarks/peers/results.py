"""Keeping what was measured as CSV, workload by workload."""

import csv
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path

from metaplay.measured import NAMES, Row


def save(path: Path, rows: Iterable[Row]) -> None:
    """Write rows so that `metaplay.measured.load` reads them."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, NAMES, lineterminator="\n")
        writer.writeheader()
        writer.writerows(asdict(row) for row in rows)


def merged(kept: Iterable[Row], new: Iterable[Row]) -> list[Row]:
    """The new rows, and those kept of workloads that were not measured again."""
    fresh = list(new)
    again = {row.workload for row in fresh}
    return [row for row in kept if row.workload not in again] + fresh
