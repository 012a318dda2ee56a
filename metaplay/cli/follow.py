"""Trains runs in this process and shows how they go. A run is as one of the pages: same folder, log and checkpoints."""

import math
import os
import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Thread

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TaskProgressColumn, TextColumn, TimeRemainingColumn

from metaplay.cli.report import say
from metaplay.config import RunConfig, applicable
from metaplay.engine.control import order
from metaplay.engine.store import RunStore
from metaplay.history import History

LOOK_EVERY = 0.1


def follow(store: RunStore, runs: Sequence[str], seconds: float = math.inf) -> list[History]:
    """Train the runs, several in turn, until they end, or for `seconds` of training each; Ctrl-C (or SIGTERM) stops them with
    a checkpoint.

    The training has a thread of its own and is asked to stop in the same way as from a page, so that a signal never
    breaks into the middle of a step.
    """
    histories, offsets = [History() for _ in runs], [0 for _ in runs]
    job = Thread(target=_train, args=(store, runs, seconds), name="train", daemon=True)
    with _stopping(store, runs), _bar() as bar:
        shown = [bar.add_task("Starting", total=None, note="") for _ in runs]
        job.start()
        try:
            going = True
            while going:
                job.join(LOOK_EVERY)
                going = job.is_alive()
                for place, run in enumerate(runs):
                    events, offsets[place] = store.tail(run, offsets[place])
                    _show(bar, shown[place], histories[place].add(events), seconds)
        finally:
            if job.is_alive():
                _stop(store, runs)
                job.join()
    return histories


def _train(store: RunStore, runs: Sequence[str], seconds: float) -> None:
    from metaplay.engine.worker import run_together

    run_together(str(store.root), runs, seconds)


def _stop(store: RunStore, runs: Sequence[str]) -> None:
    for run in runs:
        order(store, run, "stop")


@contextmanager
def _stopping(store: RunStore, runs: Sequence[str]) -> Iterator[None]:
    """Meanwhile, the first signal asks the runs to stop; a second one ends the process at once."""

    def stop(*_: object) -> None:
        for number in before:
            signal.signal(number, lambda *_: os._exit(130))  # no waiting for the thread that trains
        say("Stopping after this step, with a checkpoint ...")
        _stop(store, runs)

    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for number in before:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _bar() -> Progress:
    """On stderr, and only where a person watches it."""
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[note]}"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )


def _show(bar: Progress, shown: TaskID, history: History, limit: float) -> None:
    """How far the run is: its data set, then its steps (or its seconds, if they will end it first), then the test."""
    config = history.config
    if history.state == "preparing":
        bar.update(shown, description="Preparing the data", total=1, completed=history.prepared)
    elif config and (done := _done(history, config, limit)) < 1:
        bar.update(shown, description="Training", total=1, completed=done, note=_note(history, config))
    elif config:
        bar.update(shown, description="Testing", total=1, completed=1, note=f"{config.eval_tasks} tasks")


def _done(history: History, config: RunConfig, limit: float) -> float:
    if "steps" not in applicable(config):
        return 1.0
    return max(history.step / config.steps, history.seconds / limit)


def _note(history: History, config: RunConfig) -> str:
    text = f"step {history.step:,} of {config.steps:,}"
    if history.step:
        before, after = history.progress["loss_before"][-1], history.progress["loss_after"][-1]
        text += f" · loss {before:.3g} → {after:.3g} · {history.tasks_per_second:,.0f} tasks/s"
    return text
