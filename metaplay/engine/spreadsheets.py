"""A run's figures as CSV text, for spreadsheets and other programs. No torch."""

import csv
import io
from collections.abc import Iterable

from metaplay.history import PROGRESS, History


def results(history: History) -> str:
    """A row for every evaluation and inner step: mean over the tasks, with its 95 % interval."""
    head = ("meta_step", "split", "metric", "tasks", "transductive", "inner_step", "mean", "ci95")
    return _text(
        head,
        (
            (found.step, found.split, found.metric, found.tasks, found.transductive, step, mean, ci95)
            for found in history.evaluated
            for step, (mean, ci95) in enumerate(zip(found.mean, found.ci95, strict=True))
        ),
    )


def training(history: History) -> str:
    """A row for every meta-step: losses and accuracies before and after adaptation, as in the event log."""
    columns = [name for name in PROGRESS if history.progress[name]]
    return _text(columns, zip(*(history.progress[name] for name in columns), strict=True))


def probes(history: History) -> str:
    """A row for every probe and inner step: the held-out tasks that were watched during training."""
    head = ("meta_step", "inner_step", "tasks", "loss", "loss_ci95", "accuracy", "accuracy_ci95")
    return _text(
        head,
        (
            (probe.step, step, probe.tasks, probe.loss[i], probe.loss_ci95[i], *_accuracy(probe.accuracy, i), *_accuracy(probe.accuracy_ci95, i))
            for probe in history.probes
            for i, step in enumerate(probe.inner_steps)
        ),
    )  # fmt: skip


def _accuracy(values: list[float], place: int) -> tuple[float | str]:
    return (values[place] if values else "",)


def _text(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()
