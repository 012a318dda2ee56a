"""What was measured, as Markdown: a table a workload, one of scaling, one of the whole training loop."""

from collections.abc import Sequence

from benchmarks.peers.workloads import PEAK, WHOLE
from metaplay.measured import GOAL, LABELS, RACE, REFERENCE, SCALED, TITLES, Row, overhead
from metaplay.measured import scaling as scaled

HEADER = (
    "contender",
    "least ms",
    "median ms (meta-steps)",
    "times metaplay",
    "first meta-step s",
    "memory MB",
    "times metaplay's memory",
    "share of peak",
    "meta-gradient in float64",
)
_INTRODUCTION = """\
Written by `python -m benchmarks.peers`; no figure is typed by hand.

A meta-step is the meta-gradient of one given meta-batch, in float32, and the outer update. Each contender has a process of its own; within a
workload they take turns. *Times metaplay*: how many times metaplay's least. *First meta-step*: with all that is done but once, compilation
above all. *Memory*: how much the process grew at most beyond what it held before its first meta-step. *Share of peak*: operations of the
matrix products, counted on paper, a second, against the best 2048 x 2048 matrix product of the same run on as many threads,
measured in turn with the contenders. Torch peers that loop over tasks hold the graph of one task at a time, and use torch's own batch
normalisation; under vmap that gives wrong second derivatives, so there it is written out."""
_LEVEL = 1.1
"""Memory that grows by no more than this counts as level."""


def to_markdown(device: str, versions: Sequence[str], rows: Sequence[Row]) -> str:
    """The whole report."""
    by_workload: dict[str, list[Row]] = {}
    for row in rows:
        by_workload.setdefault(row.workload, []).append(row)
    parts = [f"# metaplay and its peers on {device}", _INTRODUCTION]
    parts += [f"Versions: {', '.join(versions)}."] if versions else []
    parts += [section(name, by_workload[name]) for name in sorted(by_workload) if name.startswith(PEAK)]
    parts += [section(name, by_workload[name]) for name in (*TITLES, *WHOLE, RACE) if name in by_workload]
    parts += scaling(rows)
    return "\n\n".join(parts) + "\n"


def section(name: str, rows: Sequence[Row]) -> str:
    """A workload's part of the report."""
    if name in WHOLE:
        return _whole(name, rows)
    if name == RACE:
        return _race(rows)
    if name.startswith(PEAK):
        return "\n\n".join(_peak(row) for row in rows)
    if name not in TITLES:
        return _scaled(name, list(rows))
    ours = next((row for row in rows if row.contender == REFERENCE), None)
    table = _table(HEADER, [_cells(row, ours) for row in rows])
    return f"## {name}: {TITLES[name].en}\n\n{table}\n\n{_measured(rows)}"


def scaling(rows: Sequence[Row]) -> list[str]:
    """A table for each quantity that metaplay's cost was measured against, and what it says."""
    parts = []
    for name in SCALED:
        if found := scaled(list(rows), name):
            cells = [
                [str(value), _ms(row.least), _ms((row.least or 0) / value), _megabytes(row.memory), _percent(row.share)]
                for value, row in found.items()
            ]
            table = _table((name, "least ms", f"ms / {name}", "memory MB", "share of peak"), cells)
            said = _growth(name, found)
            parts.append(f"## metaplay's cost against {name}\n\n{table}\n\n{said}{_measured(list(found.values()))}")
    return parts


def _scaled(name: str, rows: list[Row]) -> str:
    told = [row.problem if row.least is None else f"{_ms(row.least)} ms, {_megabytes(row.memory)} MB" for row in rows]
    return f"{name}: {', '.join(told)}"


def _growth(name: str, found: dict[int, Row]) -> str:
    """Whether time grows in step, and where memory bends: the value from which on it is level."""
    (first, low), (last, high) = next(iter(found.items())), list(found.items())[-1]
    if first == last or not (low.least and high.least and low.memory and high.memory):
        return ""
    level = next(value for value, row in found.items() if high.memory <= _LEVEL * (row.memory or 0))
    bend = f", level from {level} on" if level != last else ""
    return (
        f"From {first} to {last} ({last / first:g} times): {high.least / low.least:.3g} times the time, "
        f"{high.memory / low.memory:.3g} times the memory{bend}. "
    )


def _peak(row: Row) -> str:
    told = f"{row.peak / 1e9:.0f} GFLOP/s" if row.peak else f"not measured: {row.problem}"
    return f"Matrix products of 2048 x 2048 in float32, threads {row.threads}: {told}."


def _race(rows: Sequence[Row]) -> str:
    ours = next((row.reached for row in rows if row.contender == REFERENCE), None)
    cells = [
        [
            LABELS[row.contender].en,
            f"{row.reached:.1f}" if row.reached else row.problem,
            str(row.steps),
            f"{row.reached / ours:.2f}" if row.reached and ours else "",
        ]
        for row in rows
    ]
    table = _table(("contender", "seconds of training", "meta-steps", "times metaplay"), cells)
    title = f"## {RACE}: training until {GOAL:.0%} of validation tasks' queries are right"
    told = (
        "MAML on strokes, 5-way 1-shot, as the preset strokes-5w1s-maml: the same start, tasks and outer settings for all, "
        "in turn, judged by the same 100 validation tasks after every 25 meta-steps (not counted)."
    )
    return f"{title}\n\n{told}\n\n{table}\n\n{_measured(rows)}"


def _cells(row: Row, ours: Row | None) -> list[str]:
    name = LABELS[row.contender].en
    if row.least is None or row.median is None:
        return [name, *[""] * (len(HEADER) - 2), f"not measured: {row.problem}"]
    return [
        name,
        _ms(row.least),
        f"{_ms(row.median)} ({row.steps})",
        f"{row.least / ours.least:.2f}" if ours and ours.least else "",
        f"{row.first:.2f}",
        _megabytes(row.memory),
        f"{row.memory / ours.memory:.2f}" if ours and ours.memory and row.memory else "",
        _percent(row.share),
        _gradient(row),
    ]


def _gradient(row: Row) -> str:
    if row.error is None:
        return "what the others are compared with" if row.contender == REFERENCE else ""
    return f"{'equal' if row.agrees else '**DIFFERS**'}: {row.error:.0e}"


def _whole(name: str, rows: Sequence[Row]) -> str:
    title = f"## {name}: the whole training loop of the preset {WHOLE[name]}"
    share = overhead(list(rows), name)
    if share is None:
        return f"{title}\n\nNot measured: {rows[0].problem}. {_measured(rows)}"
    table = _table(
        ("part", "least ms a meta-step", "median ms"),
        [[row.contender, _ms(row.least), _ms(row.median)] for row in rows],
    )
    told = f"What makes it live (events, probes, checkpoints) takes {share:.1%} of the time of a live run."
    return f"{title}\n\n{table}\n\n{told} {_measured(rows)}"


def _measured(rows: Sequence[Row]) -> str:
    row = rows[0]
    busy = f", load before {row.load}" if row.load else ""
    told = f" {row.date}{busy}, metaplay at commit {row.commit}: `{row.command}`" if row.command else ""
    return f"Threads: {row.threads}.{told}"


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
