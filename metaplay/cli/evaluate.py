"""`evaluate`: a kept run on held-out tasks."""

import json

from metaplay.cli.options import AsJson, Manner, RunName, RunsFolder, SplitName, TaskCount, split_of, store_at
from metaplay.cli.report import figures, print_figures


def evaluate(
    run: RunName,
    tasks: TaskCount = 600,
    split: SplitName = "test",
    transductive: Manner = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Evaluate a run's checkpoint on held-out tasks, class by class. Changes nothing in the run."""
    asked = split_of(split)
    store = store_at(runs)
    store.path(run)

    from metaplay.engine.checkpoint import kept
    from metaplay.training import evaluate_snapshot

    found = evaluate_snapshot(*kept(store, run), tasks, asked, transductive)
    if as_json:
        print(json.dumps({"run": run, "evaluated": figures(found)}))
    else:
        print_figures(found)
