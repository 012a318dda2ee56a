"""`verify`: proof that a configuration is computed as its paper says, in numbers."""

import dataclasses
import json
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from metaplay.cli.options import AsJson, Changes, pairs
from metaplay.config import RunConfig
from metaplay.registry import ALGORITHMS, FAMILIES, NETWORKS

_EXPLAINED = (
    "All in float64 on the CPU, with biases and normalisation moved away from their special starting values.\n"
    "naive: largest relative error against plain loops over tasks that share no code with the engine; at most {naive:g},"
    " or {adam:g} where Adam walks, which divides each gradient by its own size and so blows up the rounding of those that"
    " are all but zero.\n"
    "slopes: relative error against central differences of the naive loss (of first order: of the query loss, shifted after"
    " adaptation); at most {differences:g}.\n"
    "2nd order: the share of the gradient that is missing in first order. Where the paper has such a term, a share too small"
    " for its lack to be noticed counts as failed."
)


def verify(
    name: Annotated[
        str | None, typer.Argument(metavar="[PRESET]", help="A preset; without one, all that needs no data set.")
    ] = None,
    changes: Changes = None,
    algorithm: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Verify this algorithm instead; may be repeated.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="Verify all algorithms that can learn the tasks.")] = False,
    as_json: AsJson = False,
) -> int:
    """Compare an algorithm's meta-gradients with a naive loop and finite differences. Exit code 1 if they differ."""
    from metaplay.verify.plan import plan

    configs = plan(name, pairs(changes), algorithm or [], every)
    rows = _prove(configs)
    passed = all(row["passed"] for row in rows)
    if as_json:
        print(json.dumps({"passed": passed, "tolerances": _tolerances(), "found": rows}))
    else:
        _print(rows)
    return 0 if passed else 1


def _prove(configs: list[RunConfig]) -> list[dict[str, Any]]:
    from metaplay.verify.proofs import prove

    rows = []
    with Console(stderr=True).status("") as status:
        for config in configs:
            status.update(f"{ALGORITHMS[config.algorithm].label} on {config.family} with {config.network} ...")
            about = {key: getattr(config, key) for key in ("algorithm", "family", "network", "transductive")}
            rows += [{**about, **dataclasses.asdict(found), "passed": found.passed} for found in prove(config)]
    return rows


def _tolerances() -> dict[str, float]:
    from metaplay.verify import proofs

    return {"naive": proofs.NAIVE, "adam": proofs.ADAM, "differences": proofs.DIFFERENCES}


def _print(rows: list[dict[str, Any]]) -> None:
    """A table for each kind of task and network, and what its columns mean."""
    console = Console()
    for title, found in groupby(rows, _title):
        table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
        table.add_column("algorithm", min_width=14)
        table.add_column("compared", min_width=25)
        for name in ("naive", "slopes", "2nd order"):
            table.add_column(name, justify="right", min_width=7)
        table.add_column("")
        for row in found:
            table.add_row(*_cells(row))
        console.print(table, "")
    console.print(_EXPLAINED.format(**_tolerances()))


def _title(row: dict[str, Any]) -> str:
    network = NETWORKS[row["network"]]
    manner = "" if not network.norm else ", transductive" if row["transductive"] else ", each query alone"
    return f"{FAMILIES[row['family']].label}, {network.label}{manner}"


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        ALGORITHMS[row["algorithm"]].label,
        row["what"] + (f", step {row['step']:,}" if row["step"] else ""),
        f"{row['naive']:.1e}",
        f"{row['differences']:.1e}",
        "" if row["second_order"] is None else f"{row['second_order']:.2%}",
        "[green]ok[/green]" if row["passed"] else "[b red]FAILED[/b red]",
    )
