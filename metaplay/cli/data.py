"""`data`: which data sets are here, preparing one before a run needs it, and bringing one's own."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from metaplay.cli.options import AsJson, language
from metaplay.owndata import report
from metaplay.owndata.about import PREFIX, about, names, root
from metaplay.owndata.examining import SIDE, SIDES, examine
from metaplay.owndata.storing import checked, keep, remove, tidy
from metaplay.registry import FAMILIES
from metaplay.tasks.sets import NAMES, prepare, status
from metaplay.text import Text, UserError

_SHOWN = 20
"""Files that are left out and named, at most."""
_ADDED = Text(
    "Added as {family}. Train on it: python -m metaplay train {preset} --set family={family}",
    "已添加为 {family}。开始训练：python -m metaplay train {preset} --set family={family}",
)
_OWN = Text("your own", "自有数据")

app = typer.Typer(help="List, prepare and add data sets.", no_args_is_help=True)


@app.command("list")
def list_sets(as_json: AsJson = False) -> None:
    """List the data sets, and whether each is here."""
    tidy()
    found = {name: status(name) for name in NAMES}
    own = {PREFIX + name: about(name) for name in names()}
    if as_json:
        told = {name: {**asdict(item), "text": item.text.en} for name, item in found.items()}
        told |= {name: {"state": "own", **asdict(item)} for name, item in own.items() if item}
        print(json.dumps(told, default=str))
        return
    table = Table(box=None, pad_edge=False)
    for column in ("name", "classes", "MB", "state", "where"):
        table.add_column(column, justify="right" if column in ("classes", "MB") else "left", overflow="fold")
    for name, item in found.items():
        table.add_row(name, f"{item.classes:,}", f"{item.size / 1e6:.1f}", item.text(language()), str(item.where))
    for name, item in own.items():
        if item:
            folder = root() / name.removeprefix(PREFIX)
            size = sum(file.stat().st_size for file in folder.iterdir()) / 1e6
            table.add_row(name, f"{len(item.classes):,}", f"{size:.1f}", _OWN(language()), str(folder))
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
    with _bar(f"Preparing {FAMILIES[name].label}") as progress:
        prepare(name, progress)
    item = status(name)
    print(f"{FAMILIES[name].label}: {item.text(language())}, {item.size / 1e6:.1f} MB in {item.where}")


@app.command("add")
def add_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What to call it: letters, digits, - and _.")],
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH",
            help="A folder or ZIP of images by class; or a CSV, TSV or JSONL of text and label, with a vector in JSONL.",
        ),
    ],
    side: Annotated[
        int, typer.Option(min=SIDES[0], max=SIDES[1], help="Height and width to bring images to, in pixels.")
    ] = SIDE,
    colour: Annotated[
        bool, typer.Option("--colour", help="Keep the colours of images; else they are made grey.")
    ] = False,
    check: Annotated[bool, typer.Option("--check", help="Only say what is in it; keep nothing.")] = False,
) -> None:
    """Add data of your own as a task family, own:NAME. All of it is read and judged before anything is kept."""
    name = checked(name)
    with _bar(f"Reading {path.name}") as progress:
        found = examine(path, path.name, side, 3 if colour else 1, progress)
    for sentence in [*report.said(found), *report.left_out(found, _SHOWN)]:
        print(sentence(language()))
    if not check:
        keep(name, found)
        preset = "everyday-5w5s-protonet" if found.texts else "strokes-5w1s-maml"
        print(_ADDED.fill(family=PREFIX + name, preset=preset)(language()))


@app.command("remove")
def remove_set(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A set of your own; `data list` names them.")],
) -> None:
    """Remove a data set of your own. Runs that learnt from it keep their history."""
    remove(name.removeprefix(PREFIX))


@contextmanager
def _bar(said: str) -> Iterator[Callable[[float], None]]:
    """A bar on a terminal's stderr; gives what moves it."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        shown = bar.add_task(said, total=1.0)
        yield lambda done: bar.update(shown, completed=done)
