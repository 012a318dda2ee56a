"""What several commands share: their options, the folder of the runs, and the language of the terminal."""

import os
from pathlib import Path
from typing import Annotated

import typer

from metaplay.engine.store import RunStore
from metaplay.settings import settings
from metaplay.text import Language

RunsFolder = Annotated[Path | None, typer.Option("--runs", help="Folder of the runs, instead of METAPLAY_RUNS.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as one JSON object, on stdout's last line.")]
RunName = Annotated[str, typer.Argument(metavar="RUN", help="A run; `runs list` names them.")]


def store_at(folder: Path | None) -> RunStore:
    """The runs in this folder, or where the settings say."""
    return RunStore(folder or settings().runs)


def language() -> Language:
    """The language that the terminal's locale asks for."""
    wanted = next(filter(None, (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "zh" if wanted.lower().startswith("zh") else "en"
