"""A table as Markdown."""

import math
from collections.abc import Mapping

from metaplay.presets import PRESETS
from metaplay.registry import FAMILIES
from metaplay.reproduce import words
from metaplay.reproduce.results import Result, Results
from metaplay.reproduce.tables import Row, Table

_INTRODUCTION = """\
Written by `python -m metaplay reproduce {name}`; no figure is typed by hand.

*Ours* is the mean after the last inner step, with its 95 % interval over the test tasks, of one run with one seed; no checkpoints
are averaged. {beside} *Steps* are
those done of the row's full length; *training* is the time of the meta-steps alone."""
_SCOPE = """\
A query is rejected, as of none of the task's intents, where the largest probability (of TF-IDF: the largest cosine) is below a
threshold, which was chosen on validation tasks. *Rejected* is the share of the out-of-scope queries that were; *kept* that of the
others that were not, and told right; *AUROC* how often one of the latter has a higher score than one of the former."""
_ACTS = """\
Figures are returns, sums of rewards of a trajectory: more is better. *Oracle* is the return of one who is told the task, where it is
known."""
_PAPER = '*Paper* is as published; "not verified": there is no such figure, or we have not read it in its source.'
_FLOOR = "The floor beside it learns nothing and is measured on the same tasks."


def to_markdown(name: str, table: Table, results: Results, standing: Mapping[str, str]) -> str:
    """All rows, and below them which result of which paper each is after and what differs."""
    introduction = _INTRODUCTION.format(name=name, beside=_FLOOR if table.floor else _PAPER)
    lines = [
        f"# {table.title}",
        "",
        introduction,
        "",
        *([_SCOPE, ""] if table.scope else []),
        *([_ACTS, ""] if table.acts else []),
    ]
    rows = [_cells(name, table, row, results, standing) for row in table.rows]
    lines += [_line(list(rows[0])), _line(["---"] * len(rows[0])), *(_line(list(row.values())) for row in rows)]
    after = _after(table)
    return "\n".join([*lines, "", *(["What the rows are after:", "", *after, ""] if after else [])])


def _cells(name: str, table: Table, row: Row, results: Results, standing: Mapping[str, str]) -> dict[str, str]:
    result, config = results.get(row.name), row.config()
    regression = words.task(config).endswith("points")
    beside = {"paper": f"{row.paper.figure} ({row.paper.source})" if row.paper else "not verified"}
    if table.floor:
        beside = {table.floor: _figure(result, result.floor or 0, result.floor_ci95 or 0) if result else ""}
    cells = {
        "row": row.label,
        **({"tasks of": FAMILIES[config.family].label} if table.floor else {}),
        "task": result.task if result else words.task(config),
        **beside,
        **(_acted(result) if table.acts else {}),
        "ours": _figure(result, result.mean, result.ci95) if result else standing[row.name],
    }
    if regression:
        cells["ours after 1 step"] = _figure(result, result.mean_1, result.ci95_1) if result else ""
    if table.scope:
        cells |= _rejected(result, table.floor)
    if table.paired:
        cells[f"minus {table.rows[0].label}, task by task"] = _difference(result, results.get(table.rows[0].name))
    return {
        **cells,
        "protocol": result.protocol if result else words.protocol(_as_tested(row), row.on),
        "steps": _steps(result) if result else "",
        "training": _duration(result.seconds) if result else "",
        "device": result.device if result else "",
        "commit": result.commit if result else "",
        "command": f"`{result.command if result else f'python -m metaplay reproduce {name} --only {row.name}'}`",
    }


def _acted(result: Result | None) -> dict[str, str]:
    """The oracle's return, ours before and after one step."""
    shown = {"oracle": ("oracle", "oracle_ci95"), "ours before": ("before", "before_ci95")}
    shown["ours after 1 step"] = ("mean_1", "ci95_1")
    cells = {}
    for label, names in shown.items():
        mean, ci95 = (getattr(result, name, None) for name in names)
        cells[label] = f"{mean:.2f} ± {ci95:.2f}" if mean is not None and ci95 is not None else ""
    return cells


def _rejected(result: Result | None, floor: str) -> dict[str, str]:
    """What became of out-of-scope queries."""
    cells = {}
    for who, prefix in (("ours", ""), (floor, "floor_")):
        for label, name in (("rejected", "rejected"), ("kept", "kept"), ("AUROC", "auroc")):
            mean, ci95 = (getattr(result, f"{prefix}{name}{part}", None) for part in ("", "_ci95"))
            shown = f"{100 * mean:.2f} ± {100 * ci95:.2f} %" if mean is not None and ci95 is not None else ""
            cells[f"{label}, {who}"] = shown
    return cells


def _steps(result: Result) -> str:
    return f"{result.steps:,} of {result.of_steps:,}" if result.of_steps else "no meta-training"


def _as_tested(row: Row):
    config = row.config()
    return config if row.transductive is None else config.model_copy(update={"transductive": row.transductive})


def _figure(result: Result, mean: float, ci95: float) -> str:
    if not math.isfinite(mean):
        return "diverged"
    if result.metric == "accuracy":
        return f"{100 * mean:.2f} ± {100 * ci95:.2f} %"
    digits = 2 if result.metric == "return" else 3
    return f"{mean:.{digits}f} ± {ci95:.{digits}f}"


def _difference(result: Result | None, first: Result | None) -> str:
    """In percentage points; nothing where it was measured against another run than the one that now stands in the first row."""
    if not result or not first or result.difference is None or result.against != first.state:
        return ""
    return f"{100 * result.difference:+.2f} ± {100 * (result.difference_ci95 or 0):.2f}"


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.1f} min"


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _after(table: Table) -> list[str]:
    """A line for each distinct text, with the labels of its rows."""
    texts: dict[str, list[str]] = {}
    for row in table.rows:
        after = PRESETS[row.preset].after
        labels = texts.setdefault(after.en if after else "", [])
        if row.label not in labels:
            labels.append(row.label)
    return [f"- {', '.join(labels)}: {text}" for text, labels in texts.items() if text]
