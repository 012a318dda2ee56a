"""What was measured, as Markdown: a table a workload, one of scaling, one of the whole training loop."""

from collections.abc import Sequence

from benchmarks.peers.contenders import LABELS, REFERENCE
from benchmarks.peers.results import Row
from benchmarks.peers.workloads import SCALED, WHOLE, WORKLOADS

HEADER = (
    "contender",
    "least ms",
    "median ms (meta-steps)",
    "times metaplay",
    "first meta-step s",
    "memory MB",
    "share of peak",
    "meta-gradient in float64",
)
_INTRODUCTION = """\
Written by `python -m benchmarks.peers`; no figure is typed by hand.

A meta-step is the meta-gradient of one given meta-batch, in float32, and the outer update. Each contender has a process of its own; within a
workload they take turns. *Times metaplay*: how many times metaplay's least. *First meta-step*: with all that is done but once, compilation
above all. *Memory*: how much the process grew at most beyond what it held before its first meta-step. *Share of peak*: operations of the
matrix products, counted on paper, a second, against a 2048 x 2048 matrix product measured in turn with the contenders. Torch peers that
loop over tasks hold the graph of one task at a time, and use torch's own batch normalisation; under vmap that gives wrong second
derivatives, so there it is written out."""


def to_markdown(device: str, versions: Sequence[str], rows: Sequence[Row]) -> str:
    """The whole report."""
    by_workload: dict[str, list[Row]] = {}
    for row in rows:
        by_workload.setdefault(row.workload, []).append(row)
    parts = [f"# metaplay and its peers on {device}", _INTRODUCTION]
    parts += [f"Versions: {', '.join(versions)}."] if versions else []
    parts += [
        section(name, by_workload[name]) for name in WORKLOADS if name in by_workload and not name.startswith("scaling")
    ]
    parts += [section(name, by_workload[name]) for name in WHOLE if name in by_workload]
    parts += scaling(by_workload)
    return "\n\n".join(parts) + "\n"


def section(name: str, rows: Sequence[Row]) -> str:
    """A workload's table."""
    if name in WHOLE:
        return _whole(name, rows)
    ours = next((row.least for row in rows if row.contender == REFERENCE), None)
    table = _table(HEADER, [_cells(row, ours) for row in rows])
    return f"## {name}: {WORKLOADS[name].title}\n\n{table}\n\n{_measured(rows)}"


def scaling(by_workload: dict[str, list[Row]]) -> list[str]:
    """A table for each quantity that metaplay's cost was measured against."""
    parts = []
    for name, values in SCALED.items():
        found = {value: by_workload[key][0] for value in values if (key := f"scaling-{name}-{value}") in by_workload}
        if found:
            table = _table((name, "least ms", f"ms / {name}", "memory MB", "share of peak"), _scaled(found))
            parts.append(f"## metaplay's cost against {name}\n\n{table}\n\n{_measured(list(found.values()))}")
    return parts


def _scaled(found: dict[int, Row]) -> list[list[str]]:
    return [
        [str(value), row.problem]
        if row.least is None
        else [str(value), _ms(row.least), _ms(row.least / value), _megabytes(row.memory), _percent(row.share)]
        for value, row in found.items()
    ]


def _cells(row: Row, ours: float | None) -> list[str]:
    name = LABELS.get(row.contender, row.contender)
    if row.least is None or row.median is None:
        return [name, *[""] * (len(HEADER) - 2), f"not measured: {row.problem}"]
    return [
        name,
        _ms(row.least),
        f"{_ms(row.median)} ({row.steps})",
        f"{row.least / ours:.2f}" if ours else "",
        f"{row.first:.2f}",
        _megabytes(row.memory),
        _percent(row.share),
        _gradient(row),
    ]


def _gradient(row: Row) -> str:
    if row.error is None:
        return "what the others are compared with" if row.contender == REFERENCE else ""
    return f"{'equal' if row.agrees else '**DIFFERS**'}: {row.error:.0e}"


def _whole(name: str, rows: Sequence[Row]) -> str:
    title = f"## {name}: the whole training loop of the preset {WHOLE[name]}"
    least = {row.contender: row.least for row in rows if row.least}
    bare, live = least.get("bare loop"), least.get("live run")
    if not bare or not live:
        return f"{title}\n\nNot measured: {rows[0].problem}. {_measured(rows)}"
    table = _table(
        ("part", "least ms a meta-step", "median ms"),
        [[row.contender, _ms(row.least), _ms(row.median)] for row in rows],
    )
    told = f"What makes it live (events, probes, checkpoints) takes {1 - bare / live:.1%} of the time of a live run."
    return f"{title}\n\n{table}\n\n{told} {_measured(rows)}"


def _measured(rows: Sequence[Row]) -> str:
    return f"Threads: {rows[0].threads}. {rows[0].measured}".strip()


def _ms(seconds: float | None) -> str:
    if seconds is None:
        return ""
    return f"{1000 * seconds:.3g}" if seconds < 0.1 else f"{1000 * seconds:.0f}"


def _megabytes(count: int | None) -> str:
    return "" if count is None else f"{count / 1e6:.0f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{share:.0%}"


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, ["---"] * len(header), *rows))
