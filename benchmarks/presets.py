"""Runs presets through the command line and prints a table of what they came to, in Markdown.

    python benchmarks/presets.py [--seconds S] [--seed N ...] PRESET ...

Each preset runs in a process of its own, one after the other. Numbers are only comparable on a machine that does nothing else.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
HEADER = (
    "| preset | seed | steps | seconds | tasks/s | device | before | after 1 | after all | test tasks |\n"
    + "|---" * 10
    + "|"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="+", metavar="PRESET")
    parser.add_argument("--seconds", help="end the training of each after so many seconds")
    parser.add_argument("--seed", nargs="+", default=["0"])
    chosen = parser.parse_args()
    limit = ["--seconds", chosen.seconds] if chosen.seconds else []
    print(HEADER)
    for preset in chosen.presets:
        for seed in chosen.seed:
            found = run("train", preset, "--seed", seed, *limit)
            print(row(preset, seed, found), flush=True)


def run(*arguments: str) -> dict[str, Any]:
    """The JSON object that a command ends with."""
    command = [sys.executable, "-m", "metaplay", *arguments, "--json"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def row(preset: str, seed: str, found: dict[str, Any]) -> str:
    """A line of the table: the figure before adaptation, after one inner step, and after the last, each with its CI95."""
    tested = found["evaluated"]
    figures = [figure(tested, step) for step in (0, 1, -1)]
    cells = [preset, seed, f"{found['steps']:,}", f"{found['seconds']:.1f}", f"{found['tasks_per_second']:,.0f}"]
    manner = ", transductive" if tested["transductive"] and tested["metric"] == "accuracy" else ""
    return "| " + " | ".join([*cells, found["device"], *figures, f"{tested['tasks']}{manner}"]) + " |"


def figure(tested: dict[str, Any], step: int) -> str:
    """Accuracy in percent, or the mean squared error, with its CI95."""
    mean, ci95 = tested["mean"][step], tested["ci95"][step]
    if mean is None:
        return "diverged"
    return f"{mean:.1%} ± {ci95:.1%}" if tested["metric"] == "accuracy" else f"{mean:.3f} ± {ci95:.3f}"


if __name__ == "__main__":
    main()
