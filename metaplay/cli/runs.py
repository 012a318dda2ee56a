"""`runs`: what is kept, what came of it, going on with it, and removing it. Also what `train` does once a run is made."""

import json
import math
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from metaplay.cli.follow import follow
from metaplay.cli.options import AsJson, RunName, RunsFolder, store_at
from metaplay.cli.report import print_figures, result, say
from metaplay.config import summary
from metaplay.engine import going
from metaplay.engine.control import order
from metaplay.engine.store import RunStore
from metaplay.events import StateChanged
from metaplay.text import Text, UserError

app = typer.Typer(help="List, show, resume and delete runs.", no_args_is_help=True)
_EXIT_CODES = {"finished": 0, "stopped": 130}


@app.command("list")
def list_runs(runs: RunsFolder = None, as_json: AsJson = False) -> None:
    """List the runs that are kept, newest first."""
    store = store_at(runs)
    rows = [(run, store.config(run), store.state(run)) for run in store.list()]
    if as_json:
        print(json.dumps([{"run": run, "status": _state(store, run), "steps": state.step} for run, _, state in rows]))
        return
    if not rows:
        print(f"No runs in {store.root} yet.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("run", "state", "algorithm", "tasks", "steps", "seconds"):
        table.add_column(name, justify="right" if name in ("steps", "seconds") else "left", no_wrap=True)
    for run, config, state in rows:
        steps = f"{state.step:,} of {config.steps:,}"
        table.add_row(run, _state(store, run), config.algorithm, config.family, steps, f"{state.seconds:.1f}")
    Console().print(table)


@app.command()
def show(run: RunName, runs: RunsFolder = None, as_json: AsJson = False) -> None:
    """Show one run: its configuration, how far it came, and its figures."""
    store = store_at(runs)
    config, history = store.config(run), store.history(run)
    values = {**result(run, history), "status": _state(store, run)}
    if as_json:
        print(json.dumps({**values, "config": summary(config)}))
        return
    steps = f"{history.step:,} of {config.steps:,}"
    rows = {**summary(config), **values, "steps": steps, "folder": store.path(run), "reason": history.reason}
    for name, value in rows.items():
        if name != "evaluated" and value not in ("", None):
            print(f"{name:17} {value}")
    if history.evaluated:
        print_figures(history.evaluated[-1])


@app.command()
def resume(
    run: RunName,
    seconds: Annotated[
        float, typer.Option(min=0.1, show_default=False, help="End training after so many seconds in all.")
    ] = math.inf,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> int:
    """Go on with a run that was stopped, failed or interrupted, from its checkpoint."""
    store = store_at(runs)
    state = _state(store, run)
    if state == "finished":
        raise UserError(
            Text("Run {run} is finished: there is nothing to resume.", "训练 {run} 已完成：无需恢复。").fill(run=run)
        )
    take_up(store, run)
    return carry_out(store, run, seconds, as_json)


@app.command()
def delete(run: RunName, runs: RunsFolder = None) -> None:
    """Delete a run: its log, its checkpoint, everything."""
    store_at(runs).delete(run)
    print(f"Deleted {run}.")


def take_up(store: RunStore, run: str) -> None:
    """Make a run ready to go on from its checkpoint. Raises UserError while a process trains it."""
    if going.alive(store.root, run):
        raise UserError(
            Text("Run {run} is going already, in another process.", "训练 {run} 正在另一个进程中进行。").fill(run=run)
        )
    order(store, run, "resume")
    store.append(run, StateChanged(state="queued"))


def carry_out(store: RunStore, run: str, seconds: float, as_json: bool) -> int:
    """Train a run here and now, and tell what came of it; returns the exit code."""
    say(f"Run {run} in {store.root}")
    history = follow(store, run, seconds)
    status = history.state
    if as_json:
        print(json.dumps(result(run, history)))
    elif history.evaluated:
        print_figures(history.evaluated[-1])
    outcome = f"{status.capitalize()} at step {history.step:,}, after {history.seconds:.1f} s of training."
    say(f"{outcome} {history.reason}".strip())
    if status != "finished":
        say(f"To go on: python -m metaplay runs resume {run} --runs {store.root}")
    return _EXIT_CODES.get(status, 1)


def _state(store: RunStore, run: str) -> str:
    """Its state; a run whose process is gone without a word is interrupted."""
    state = store.state(run).state
    held = state in ("preparing", "running", "paused")
    return "interrupted" if held and not going.alive(store.root, run) else state
