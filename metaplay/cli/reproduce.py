"""`reproduce`: the papers' tables, a row after another, each a normal run in the store."""

import math
from pathlib import Path
from typing import Annotated

import typer

from metaplay.cli.options import RunsFolder, store_at
from metaplay.cli.report import say
from metaplay.cli.runs import carry_out, take_up
from metaplay.config import RunConfig
from metaplay.engine.store import RunStore, write_whole
from metaplay.reproduce.markdown import to_markdown
from metaplay.reproduce.measure import found, measured, standing
from metaplay.reproduce.results import from_csv, to_csv
from metaplay.reproduce.tables import TABLES, chosen, table_named
from metaplay.text import Text, UserError

_STOPPED = 130


def reproduce(
    name: Annotated[str, typer.Argument(metavar="TABLE", help=f"One of {', '.join(TABLES)}.")],
    budget: Annotated[
        float, typer.Option(min=0.001, show_default=False, help="Minutes of training a row, then it ends.")
    ] = math.inf,
    steps: Annotated[
        int | None,
        typer.Option(min=1, show_default=False, help="Length of a row instead of its full one; schedules follow it."),
    ] = None,
    only: Annotated[
        list[str] | None, typer.Option(metavar="ROW", help="Only this row, or rows such as '5w1s-*'; may be repeated.")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="The seed of the runs, instead of the presets'.")] = None,
    runs: RunsFolder = None,
    out: Annotated[Path, typer.Option(help="Folder of the tables.")] = Path("results"),
) -> int:
    """Run a paper's table, row by row, and write it as OUT/TABLE.md and .csv after every row.

    A row that was run before with enough training is taken as it is, an unfinished one goes on. Ctrl-C stops with what is there
    written.
    """
    table, store = table_named(name), store_at(runs)
    rows = chosen(table, only or [])
    configs = {row.name: row.config(seed, steps) for row in table.rows}
    _make(out)
    results = from_csv(out / f"{name}.csv")
    worst = 0
    for number, row in enumerate(rows, 1):
        say(f"Row {row.name} ({number} of {len(rows)})")
        code, run = _trained(store, configs[row.name], budget * 60)
        if code == 0:
            results[row.name] = measured(store, name, table, row, run, results)
        unfinished = {item.name: standing(store, configs[item.name]) for item in table.rows if item.name not in results}
        write_whole(out / f"{name}.csv", to_csv(table, results, unfinished).encode())
        write_whole(out / f"{name}.md", to_markdown(name, table, results, unfinished).encode())
        worst = max(worst, code)
        if code == _STOPPED:
            break
    print(f"{out / name}.md")
    return worst


def _trained(store: RunStore, config: RunConfig, seconds: float) -> tuple[int, str]:
    """Exit code and name of a run of this configuration: a finished one, or one that goes on, or a new one."""
    run, enough = found(store, config, seconds)
    if run and enough:
        return 0, run
    if run:
        take_up(store, run)
    else:
        run = store.create(config)
    return carry_out(store, run, seconds, as_json=False), run


def _make(folder: Path) -> None:
    """Before hours of training, so that there is a place for what comes of it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            Text(
                "The folder {folder} cannot be written: choose another with --out.",
                "无法写入文件夹 {folder}：请用 --out 另选一个。",
            ).fill(folder=folder)
        ) from error
