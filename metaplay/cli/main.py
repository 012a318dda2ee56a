"""The commands, and how an error is told: one sentence on stderr and exit code 2."""

import math
from collections.abc import Sequence
from typing import Annotated

import typer

from metaplay.cli import compare, data, doctor, evaluate, health, presets, race, reproduce, runs, verify
from metaplay.cli.options import AsJson, Changes, RunsFolder, language, pairs, store_at
from metaplay.cli.report import say
from metaplay.cli.runs import carry_out
from metaplay.config import revise
from metaplay.presets import preset
from metaplay.registry import FAMILIES, check_installed
from metaplay.text import UserError

app = typer.Typer(
    name="metaplay",
    help="See meta-learning work: train, evaluate and keep runs without a browser.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(runs.app, name="runs")
app.add_typer(data.app, name="data")
app.command("presets")(presets.presets)
app.command("evaluate")(evaluate.evaluate)
app.command("race")(race.race)
app.command("compare")(compare.compare)
app.command("verify")(verify.verify)
app.command("reproduce")(reproduce.reproduce)
app.command("doctor")(doctor.doctor)
app.command("health")(health.health)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0 done, 1 the run failed, 2 a mistake in what was asked, 130 stopped."""
    try:
        return app(args=arguments, prog_name="python -m metaplay", standalone_mode=False) or 0
    except UserError as error:
        say(error.text(language()))
        return 2
    except typer.TyperException as error:
        say(error.format_message())
        return error.exit_code
    except typer.Abort:
        return 130


@app.command()
def train(
    name: Annotated[str, typer.Argument(metavar="PRESET", help="A preset; `presets` lists them.")],
    changes: Changes = None,
    steps: Annotated[int | None, typer.Option(help="Meta-steps in the whole run.")] = None,
    seconds: Annotated[
        float, typer.Option(min=0.1, show_default=False, help="End training after so many seconds of it.")
    ] = math.inf,
    seed: Annotated[int | None, typer.Option(help="The same seed gives the same run again.")] = None,
    runs: RunsFolder = None,
    as_json: AsJson = False,
) -> int:
    """Train a preset, then evaluate it on held-out tasks. Ctrl-C stops it with a checkpoint."""
    values = pairs(changes)
    values |= {key: value for key, value in (("steps", steps), ("seed", seed)) if value is not None}
    config = revise(preset(name).config, values)
    check_installed(FAMILIES[config.family])
    store = store_at(runs)
    return carry_out(store, store.create(config), seconds, as_json)
