"""`compare`: kept runs on the same held-out tasks, task by task."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metaplay.cli.options import AsJson, Manner, RunsFolder, SplitName, TaskCount, split_of, store_at
from metaplay.cli.report import STEP_ZERO, finite, manner, measure, told
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Text, UserError

if TYPE_CHECKING:
    from metaplay.training.paired import Compared

_MOST = 6


def compare(
    names: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Two to six runs; `runs list` names them.")],
    tasks: TaskCount = 600,
    split: SplitName = "test",
    transductive: Manner = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> None:
    """Compare runs on the same held-out tasks, and tell each one's difference to the first, task by task."""
    asked = split_of(split)
    if not 2 <= len(set(names)) == len(names) <= _MOST:
        raise UserError(Text("Name two to six different runs to compare.", "请给出两到六个不同的训练进行比较。"))
    store = store_at(runs)
    for name in names:
        store.path(name)

    from metaplay.engine.checkpoint import kept
    from metaplay.training import compare_snapshots
    from metaplay.training.evaluate import is_transductive
    from metaplay.training.kept import in_manner

    found = {name: kept(store, name) for name in names}
    rows = compare_snapshots(found, tasks, asked, transductive)
    about = [
        {
            "run": name,
            "algorithm": config.algorithm,
            "step": snapshot.step,
            "transductive": is_transductive(in_manner(config, transductive)),
        }
        for name, (config, snapshot) in found.items()
    ]
    metric = FAMILIES[next(iter(found.values()))[0].family].metric
    if as_json:
        lists = [{key: finite(values) for key, values in asdict(row).items()} for row in rows]
        print(json.dumps({"split": asked, "metric": metric, "tasks": tasks, "runs": about, "rows": lists}))
    else:
        _print(about, rows, metric, f"{tasks} {asked} tasks, the same for every run")


def _print(about: list[dict[str, Any]], rows: "list[Compared]", metric: str, title: str) -> None:
    accuracy = metric == "accuracy"
    for number, item in enumerate(about, 1):
        judged = manner(accuracy, item["transductive"])
        print(f"{number}  {item['run']}  {ALGORITHMS[item['algorithm']].label}, step {item['step']:,}{judged}")
    table = Table(title=title, title_justify="left")
    for name in ("inner steps", "run", measure(metric), "minus run 1, task by task"):
        table.add_column(name, justify="right")
    for row in rows:
        for i, step in enumerate(row.steps):
            difference = told(row.difference[i], row.difference_ci95[i], accuracy, sign="+") if i else ""
            table.add_row(
                STEP_ZERO if step == 0 else str(step),
                str(i + 1),
                told(row.mean[i], row.ci95[i], accuracy),
                difference,
                end_section=i + 1 == len(about),
            )
    Console().print(table)
