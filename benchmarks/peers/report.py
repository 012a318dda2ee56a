"""What was measured, as text."""

from collections.abc import Sequence

from benchmarks.peers.contenders import LABELS
from benchmarks.peers.results import ENOUGH, Row
from benchmarks.peers.workloads import Workload

HEADER = (
    "contender",
    "least ms",
    "median ms",
    "times metaplay",
    "first step s",
    "memory MB",
    "share of peak",
    "gradient",
)


def lines(workload: Workload, rows: Sequence[Row]) -> list[str]:
    """A table in Markdown: the contenders on one workload."""
    ours = next((row.least for row in rows if row.contender == "metaplay"), None)
    title = f"### {workload.name}: {workload.title}"
    body = [_line(_cells(row, ours)) for row in rows]
    return [title, "", _line(HEADER), _line(["---"] * len(HEADER)), *body, ""]


def _cells(row: Row, ours: float | None) -> list[str]:
    name = LABELS.get(row.contender, row.contender)
    if row.least is None or row.median is None:
        return [name, *[""] * (len(HEADER) - 2), f"not measured: {row.problem}"]
    return [
        name,
        _milliseconds(row.least),
        f"{_milliseconds(row.median)} ({row.steps})",
        f"{row.least / ours:.2f}" if ours else "",
        f"{row.first:.2f}",
        f"{row.memory / 1e6:.0f}" if row.memory is not None else "",
        f"{row.share:.0%}" if row.share else "",
        _gradient(row),
    ]


def _gradient(row: Row) -> str:
    if row.contender == "metaplay":
        return "the reference"
    assert row.error is not None
    return f"{'equal' if row.error <= ENOUGH else 'DIFFERS'}: {row.error:.0e}"


def _milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.3g}" if seconds < 0.1 else f"{1000 * seconds:.0f}"


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
