"""`presets`: what can be trained, by name."""

import json
from typing import Annotated

import typer

from metaplay.cli.options import AsJson, language
from metaplay.config import summary
from metaplay.presets import GROUPS, PRESETS, preset


def presets(
    name: Annotated[str | None, typer.Argument(metavar="[PRESET]", help="Tell all about this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """List the presets, or tell all about one: what it is after, the published figure, and its values."""
    if as_json:
        chosen = {name: preset(name)} if name else PRESETS
        print(json.dumps({name: summary(item.config) for name, item in chosen.items()}))
    elif name:
        _print_one(name)
    else:
        _print_all()


def _print_all() -> None:
    width = max(map(len, PRESETS))
    for title, group in GROUPS:
        print(f"{title(language())}:")
        for name, item in group.items():
            print(f"  {name:{width}}  {item.title(language())}")


def _print_one(name: str) -> None:
    item = preset(name)
    print(item.title(language()))
    if item.after:
        print(item.after(language()))
    if item.paper:
        print(f"{item.paper.figure} ({item.paper.source})")
    for key, value in summary(item.config).items():
        print(f"{key:17} {value}")
