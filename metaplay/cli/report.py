"""What a run came to: one JSON object for programs, a table for people."""

import math
import sys
from typing import Any

from rich.console import Console
from rich.table import Table

from metaplay.config import applicable
from metaplay.events import Evaluated
from metaplay.history import History

_FIGURES = ("split", "metric", "tasks", "transductive", "mean", "ci95")
_PER_STEP = ("mean", "ci95")


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
    """An evaluation as the JSON output has it; `mean` and `ci95` are per inner step, from step 0, None where it diverged."""
    lists = {name: [value if math.isfinite(value) else None for value in getattr(found, name)] for name in _PER_STEP}
    return {**found.model_dump(include=set(_FIGURES)), **lists}


def print_figures(found: Evaluated) -> None:
    """An evaluation as a table on stdout: a row for each inner step."""
    accuracy = found.metric == "accuracy"
    manner = "" if not accuracy else ", transductive" if found.transductive else ", each query alone"
    table = Table(title=f"{found.tasks} {found.split} tasks{manner}", title_justify="left")
    table.add_column("inner steps", justify="right")
    table.add_column("correct" if accuracy else "mean squared error", justify="right")
    table.add_column("95 % interval", justify="right")
    for step, (mean, ci95) in enumerate(zip(found.mean, found.ci95, strict=True)):
        row = (f"{mean:.2%}", f"± {ci95:.2%}") if accuracy else (f"{mean:.4g}", f"± {ci95:.2g}")
        table.add_row(str(step), *row)
    Console().print(table)
