"""What several commands share: their options, the folder of the runs, and the language of the terminal."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from metaplay.engine.store import RunStore
from metaplay.settings import settings
from metaplay.text import Language, Text, UserError

RunsFolder = Annotated[Path | None, typer.Option("--runs", help="Folder of the runs, instead of METAPLAY_RUNS.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, on stdout's last line.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Change a value of it; may be repeated.")
]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run; `runs list` names them.")]
TaskCount = Annotated[int, typer.Option("--tasks", min=2, max=100_000, help="Tasks of the fixed list to average over.")]
SplitName = Annotated[str, typer.Option("--split", help="train, val or test.")]
Manner = Annotated[
    bool | None,
    typer.Option(
        "--transductive/--inductive",
        show_default=False,
        help="Whether batch normalisation sees all queries of a task together, or judges each alone; else as the run was trained.",
    ),
]


def split_of(name: str) -> Literal["train", "val", "test"]:
    """The split of this name. Raises UserError where there is none."""
    if name in ("train", "val", "test"):
        return name
    raise UserError(
        Text("split = {value}: choose one of train, val, test.", "split = {value}：请选择 train、val 或 test。").fill(
            value=name
        )
    )


def store_at(folder: Path | None) -> RunStore:
    """The runs in this folder, or where the settings say."""
    return RunStore(folder or settings().runs)


def language() -> Language:
    """The language that the terminal's locale asks for."""
    wanted = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if wanted.lower().startswith("zh") else "en"


def pairs(changes: list[str] | None) -> dict[str, Any]:
    """The values of `--set`, as text. Raises UserError for one that is not key=value."""
    return dict(map(_pair, changes or []))


def _pair(text: str) -> tuple[str, Any]:
    key, equals, value = text.partition("=")
    if not equals:
        raise UserError(
            Text(
                "--set {text}: write it as key=value, such as --set way=5.",
                "--set {text}：请写成 key=value 的形式，例如 --set way=5。",
            ).fill(text=text)
        )
    return key.strip(), value.strip()
