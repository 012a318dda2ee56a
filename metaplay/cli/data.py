"""`data`: which data sets are here, and preparing one before a run needs it."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from metaplay.cli.options import AsJson, language
from metaplay.registry import FAMILIES
from metaplay.tasks.cache import NAMES, prepare, status
from metaplay.text import Text, UserError

app = typer.Typer(help="List and prepare data sets.", no_args_is_help=True)


@app.command("list")
def list_sets(as_json: AsJson = False) -> None:
    """List the data sets, and whether each is here."""
    found = {name: status(name) for name in NAMES}
    if as_json:
        print(json.dumps({name: {**asdict(item), "text": item.text.en} for name, item in found.items()}, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "classes", "MB", "state", "where"):
        table.add_column(column, justify="right" if column in ("classes", "MB") else "left", overflow="fold")
    for name, item in found.items():
        table.add_row(name, f"{item.classes:,}", f"{item.size / 1e6:.1f}", item.text(language()), str(item.where))
    Console().print(table)


@app.command("prepare")
def prepare_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A data set; `data list` names them.")],
) -> None:
    """Prepare a data set now, so that the first run with it starts at once. Downloads it if it is not here."""
    if name not in NAMES:
        raise UserError(
            Text(
                "{name}: there is no such data set; the data sets are {all}.",
                "{name}：没有这个数据集；可用的有 {all}。",
            ).fill(name=name, all=", ".join(NAMES))
        )
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task(f"Preparing {FAMILIES[name].label}", total=1.0)
        prepare(name, lambda done: bar.update(shown, completed=done))
    item = status(name)
    print(f"{FAMILIES[name].label}: {item.text(language())}, {item.size / 1e6:.1f} MB in {item.where}")
