"""`evaluate`: a kept run on held-out tasks."""

import json
from typing import Annotated

import typer

from metaplay.cli.options import AsJson, Manner, RunName, RunsFolder, SplitName, TaskCount, split_of, store_at
from metaplay.cli.report import figures, print_figures
from metaplay.registry import FAMILIES


def evaluate(
    run: RunName,
    tasks: TaskCount = 600,
    split: SplitName = "test",
    transductive: Manner = None,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="FAMILY", help="Adapt to and test on the tasks of this family, not the run's own."
        ),
    ] = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a run's checkpoint on held-out tasks, class by class. Changes nothing in the run.

    With --on, of another family: of its split, or of all its classes where the split has too few, as none was trained on.
    """
    asked = split_of(split)
    store = store_at(runs)
    store.path(run)

    from metaplay.engine.checkpoint import kept
    from metaplay.training import evaluate_across

    config, snapshot = kept(store, run)
    family = on or config.family
    found = evaluate_across((config, snapshot), family, tasks, asked, transductive)
    if as_json:
        where = {"on": family, "classes": found.classes} if on else {}
        print(json.dumps({"run": run, **where, "evaluated": figures(found.evaluated)}))
        return
    if found.classes and on:
        which = "all its" if found.undivided else f"its {asked}"
        print(
            f"Trained on {FAMILIES[config.family].label}, tested on {FAMILIES[family].label}: tasks of {which} classes"
        )
    print_figures(found.evaluated)
