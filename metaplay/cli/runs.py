"""`runs`: what is kept, what came of it, going on with it, taking it elsewhere. Also what `train` does once a run is made."""

import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metaplay.cli.follow import follow
from metaplay.cli.options import AsJson, RunName, RunsFolder, language, store_at
from metaplay.cli.report import print_figures, result, say
from metaplay.config import summary
from metaplay.engine import bundle, going, labels, turns
from metaplay.engine.control import order
from metaplay.engine.listing import Listed, Listing, standing
from metaplay.engine.store import RunStore, writing
from metaplay.engine.turns import Place
from metaplay.events import StateChanged
from metaplay.text import Text, UserError, duration

app = typer.Typer(help="List, show, resume, delete, pin, export and import runs.", no_args_is_help=True)
EXIT_CODES = {"finished": 0, "stopped": 130}


@app.command("list")
def list_runs(runs: RunsFolder = None, as_json: AsJson = False) -> None:
    """List the runs that are kept, newest first."""
    store = store_at(runs)
    rows = Listing(store).rows()
    waiting = _waiting(store, {row.run: row.state.state for row in rows})
    if as_json:
        print(json.dumps([_summary(row, waiting) for row in rows]))
        return
    if not rows:
        print(f"No runs in {store.root} yet.")
        return
    table = Table(box=None, pad_edge=False)
    for name in ("run", "state", "algorithm", "tasks", "steps", "seconds"):
        table.add_column(name, justify="right" if name in ("steps", "seconds") else "left", no_wrap=True)
    for row in rows:
        config, state = row.config, row.state
        steps = f"{state.step:,} of {config.steps:,}"
        standing_at = ", ".join(filter(None, (state.state, _waits(waiting.get(row.run)))))
        table.add_row(row.run, standing_at, config.algorithm, config.family, steps, f"{state.seconds:.1f}")
    Console().print(table)


@app.command()
def show(run: RunName, runs: RunsFolder = None, as_json: AsJson = False) -> None:
    """Show one run: its configuration, how far it came, and its figures."""
    store = store_at(runs)
    config, history = store.config(run), store.history(run)
    state = standing(store, run).state
    values = {**result(run, history), "status": state}
    if as_json:
        print(json.dumps({**values, "config": summary(config)}))
        return
    steps = f"{history.step:,} of {config.steps:,}"
    rows = {**summary(config), **values, "steps": steps, "folder": store.path(run), "reason": history.reason}
    rows["queue"] = _waits(_waiting(store, {run: state}).get(run))
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
    if standing(store, run).state == "finished":
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


@app.command()
def pin(
    run: RunName,
    off: Annotated[bool, typer.Option("--off", help="Let it go with the others again.")] = False,
    runs: RunsFolder = None,
) -> None:
    """Keep a visitor's run (METAPLAY_VISITORS=many) where there is no room for all."""
    store = store_at(runs)
    labels.write(store, run, replace(labels.read(store, run), pinned=not off))
    print(f"{'Unpinned' if off else 'Pinned'} {run}.")


@app.command("export")
def export_run(
    run: RunName,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="The file to write, else metaplay-RUN.zip.")
    ] = None,
    runs: RunsFolder = None,
) -> None:
    """Write a run into one file (ZIP): settings, event log, checkpoint, CSV tables and a page of figures."""
    from metaplay.charts.report import report

    store = store_at(runs)
    page = report(store.history(run), language(), run)
    path = file or Path(bundle.file_name(run))
    with writing(path.parent), path.open("wb") as target:
        bundle.pack(store, run, target, page)
    print(f"Wrote {path} ({path.stat().st_size / 1e6:.1f} MB).")


@app.command("import")
def import_run(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False, help="A file of `runs export`.")],
    runs: RunsFolder = None,
) -> None:
    """Open a file that `runs export`, or the Runs page, made elsewhere: its run is kept here under a new name."""
    with file.open("rb") as source:
        print(f"Opened as {bundle.unpack(store_at(runs), source)}.")


def _waiting(store: RunStore, states: Mapping[str, str]) -> dict[str, Place]:
    """How those of the runs wait that do, as the server that they wait for says."""
    told = turns.told(store.root)
    queued = [run for run, state in states.items() if state == "queued" and run in told]
    return {run: told[run] for run in queued if going.alive(store.root, run)}


def _waits(place: Place | None) -> str:
    """The place in the queue, and when the run begins; empty for one that does not wait."""
    if place is None:
        return ""
    begins = "" if place.seconds is None else f", begins in about {duration(place.seconds, 'en')}"
    return f"number {place.place}{begins}"


def _summary(row: Listed, waiting: Mapping[str, Place]) -> dict[str, Any]:
    found: dict[str, Any] = {"run": row.run, "status": row.state.state, "steps": row.state.step}
    if place := waiting.get(row.run):
        found |= {"place": place.place, "begins_in": place.seconds}
    return found


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
    (history,) = follow(store, [run], seconds)
    status = history.state
    if as_json:
        print(json.dumps(result(run, history)))
    elif history.evaluated:
        print_figures(history.evaluated[-1])
    outcome = f"{status.capitalize()} at step {history.step:,}, after {history.seconds:.1f} s of training."
    say(f"{outcome} {history.reason}".strip())
    if status != "finished":
        say(f"To go on: python -m metaplay runs resume {run} --runs {store.root}")
    return EXIT_CODES.get(status, 1)
