"""What a run came to: one JSON object for programs, a table for people."""

import math
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from metaplay.config import applicable
from metaplay.events import Evaluated, Rejection
from metaplay.history import History

_FIGURES = ("split", "metric", "tasks", "transductive", "mean", "ci95")
_PER_STEP = ("mean", "ci95")
_PER_CLASS = ("per_class", "confused")
_HARDEST = 5
_MEASURES = {"accuracy": "correct", "mse": "mean squared error", "return": "return", "cost": "minus the return"}
STEP_ZERO = "before adapting"
"""What the row of inner step 0 is called."""


def say(text: str) -> None:
    """A sentence on stderr: stdout is for results."""
    print(text, file=sys.stderr, flush=True)


def result(run: str, history: History) -> dict[str, Any]:
    """The run in a few values. `tasks_per_second` is the mean over its training time; `evaluated` is None before its test."""
    config, seconds = history.config, history.seconds
    tasks = config.meta_batch * history.step if config and "meta_batch" in applicable(config) else 0
    return {
        "run": run,
        "status": history.state,
        "device": history.started.device if history.started else None,
        "steps": history.step,
        "seconds": round(seconds, 6),
        "tasks_per_second": round(tasks / seconds, 1) if seconds else 0.0,
        "evaluated": figures(history.evaluated[-1]) if history.evaluated else None,
    }


def figures(found: Evaluated) -> dict[str, Any]:
    """An evaluation as the JSON output has it; `mean` and `ci95` are per inner step, from step 0, None where it diverged.

    `floor` (nearest centroid by TF-IDF: mean, ci95), `oracle` (one who is told the task: mean, ci95), `rejection` (of out-of-scope
    queries: the run's, and TF-IDF's), `per_class` and `confused` only where the evaluation has them.
    """
    lists = {name: finite(getattr(found, name)) for name in _PER_STEP}
    classes = found.model_dump(include=set(_PER_CLASS)) if found.per_class else {}
    beside = {"floor": found.floor, "oracle": found.oracle}
    floor = {name: list(figure) for name, figure in beside.items() if figure}
    asked = dict(zip(("run", "tfidf"), found.rejection or (), strict=False))
    rejection = {"rejection": {name: one.model_dump() for name, one in asked.items()}} if asked else {}
    return {**found.model_dump(include=set(_FIGURES)), **lists, **floor, **rejection, **classes}


def print_figures(found: Evaluated) -> None:
    """An evaluation as a table on stdout, a row for each inner step, and the classes that were the hardest."""
    accuracy = found.metric == "accuracy"
    table = Table(
        title=f"{found.tasks} {found.split} tasks{manner(accuracy, found.transductive)}", title_justify="left"
    )
    table.add_column("inner steps", justify="right")
    table.add_column(measure(found.metric), justify="right")
    for step, (mean, ci95) in enumerate(zip(found.mean, found.ci95, strict=True)):
        table.add_row(str(step) if step else STEP_ZERO, told(mean, ci95, accuracy))
    if found.floor:
        table.add_row("TF-IDF", told(*found.floor, accuracy))
    if found.oracle:
        table.add_row("told the task", told(*found.oracle, accuracy))
    Console().print(table)
    if found.rejection:
        _print_rejection(*found.rejection)
    if found.per_class:
        _print_classes(found)


def finite(values: list[float]) -> list[float | None]:
    """The values for JSON, None where they diverged."""
    return [value if math.isfinite(value) else None for value in values]


def manner(accuracy: bool, transductive: bool) -> str:
    """How queries were judged, to stand after what is told."""
    return "" if not accuracy else ", transductive" if transductive else ", each query alone"


def measure(metric: str) -> str:
    """What the figures of a table are."""
    return f"{_MEASURES[metric]} ± 95 % interval"


def told(mean: float, ci95: float, accuracy: bool, sign: str = "") -> str:
    """A mean with its 95 % interval; `sign` "+" is for differences, which are in percentage points for accuracies."""
    if not accuracy:
        return f"{mean:{sign}.4g} ± {ci95:.2g}"
    return f"{100 * mean:+.2f} ± {100 * ci95:.2f} points" if sign else f"{mean:.2%} ± {ci95:.2%}"


def _print_rejection(ours: Rejection, floor: Rejection) -> None:
    """What comes of saying "none of these" below a threshold, beside the same for the floor."""
    table = Table(title="Out-of-scope queries, by a threshold chosen on validation tasks", title_justify="left")
    table.add_column("")
    for column in ("threshold", "rejected", "others kept, right", "AUROC"):
        table.add_column(column, justify="right")
    for name, found in (("this run", ours), ("TF-IDF", floor)):
        shares = [f"{mean:.1%} ± {ci95:.1%}" for mean, ci95 in (found.rejected, found.kept)]
        table.add_row(name, f"{found.threshold:.3f}", *shares, f"{found.auroc[0]:.3f} ± {found.auroc[1]:.3f}")
    Console().print(table)


def _print_classes(found: Evaluated) -> None:
    worst = sorted(found.per_class.items(), key=lambda item: item[1][0])[:_HARDEST]
    print("Least often right, of its queries:")
    for name, (accuracy, queries) in worst:
        print(f"  {accuracy:7.2%} of {queries:<5} {name}")
    if found.confused:
        print("Most often confused:")
    for truth, predicted, count in found.confused[:_HARDEST]:
        print(f"  {count:4} times   {truth} taken for {predicted}")
