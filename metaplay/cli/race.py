"""`race`: presets trained in turn on the same tasks, and compared task by task."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from metaplay.charts.runners import Runner, Standing, runners, standings
from metaplay.cli.follow import follow
from metaplay.cli.options import AsJson, Changes, RunsFolder, pairs, store_at
from metaplay.cli.report import measure, result, say, told
from metaplay.cli.runs import EXIT_CODES
from metaplay.config import RunConfig
from metaplay.engine import racing
from metaplay.presets import preset
from metaplay.registry import ALGORITHMS, FAMILIES


def race(
    names: Annotated[list[str], typer.Argument(metavar="PRESET PRESET...", help="Two to six presets of one family.")],
    changes: Changes = None,
    steps: Annotated[int | None, typer.Option(help="Meta-steps in the whole run of each.")] = None,
    seed: Annotated[int | None, typer.Option(help="Of the tasks that all of them meet.")] = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> int:
    """Train presets in turn, a meta-step each, on the same tasks: those of the first that meta-trains. Then compare them."""
    presets = [preset(name).config for name in names]
    values = racing.shared(_model(presets)) | pairs(changes)
    values |= {key: value for key, value in (("steps", steps), ("seed", seed)) if value is not None}
    store = store_at(runs)
    made = racing.create(store, racing.levelled(presets, values))
    say(f"Race {made.name} in {store.root}")
    histories = follow(store, made.members)
    field = runners([store.config(run) for run in made.members], histories, "en")
    found = standings(field)
    if as_json:
        rows = [_row(*item) for item in zip(made.members, field, found, strict=True)]
        print(json.dumps({"race": made.name, "runs": rows}))
    else:
        _print(field, found)
    worst = max((history.state for history in histories), key=lambda state: EXIT_CODES.get(state, 1))
    return EXIT_CODES.get(worst, 1)


def _model(presets: list[RunConfig]) -> RunConfig:
    return next((config for config in presets if ALGORITHMS[config.algorithm].meta_trains), presets[0])


def _row(run: str, runner: Runner, standing: Standing | None) -> dict[str, object]:
    """A run as `train` tells it, with what it cost and its difference to the first, None without a test."""
    final = standing if standing and standing.final else None
    return {
        **result(run, runner.history),
        "name": runner.name,
        "gradients": runner.gradients(runner.history.step),
        "difference": final and final.difference,
        "difference_ci95": final and final.difference_ci95,
    }


def _print(field: list[Runner], found: list[Standing | None]) -> None:
    first, known = field[0], next((standing for standing in found if standing), None)
    tested = (
        f"{known.tasks} {'test' if known.final else 'probe'} tasks, the same for every run" if known else "not tested"
    )
    table = Table(title=tested, title_justify="left")
    metric = FAMILIES[first.config.family].metric
    for name in (
        "run",
        measure("cost" if metric == "return" else metric),
        f"minus {first.name}",
        "seconds",
        "gradients",
    ):
        table.add_column(name, justify="left" if name == "run" else "right")
    for runner, standing in zip(field, found, strict=True):
        mean = told(standing.mean, standing.ci95, runner.classifies) if standing else ""
        other = standing if runner is not first else None
        difference = told(other.difference, other.difference_ci95, runner.classifies, sign="+") if other else ""
        spent = (f"{runner.history.seconds:.1f}", f"{runner.gradients(runner.history.step):,}")
        table.add_row(runner.name, mean, difference, *spent)
    Console().print(table)
