"""Times metaplay beside other libraries, and writes a table, a CSV file and a figure.

    python -m benchmarks.peers [--workloads W1 W2 ...] [--contenders metaplay learn2learn ...] [--minutes M] [--quick]

Needs what benchmarks/requirements.txt names; a contender that is not installed says so in the table. Only comparable where
nothing else runs. Workloads that are not measured again stay as they stand in the files. With --minutes, each workload has an even
share of the time that is left: what it does not reach says so, and every figure says of how many meta-steps it is.
"""

import argparse
import math
import os
import shlex
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers.contenders import CONTENDERS
from benchmarks.peers.machine import busy, device_name, slug, versions
from benchmarks.peers.picture import save_svg
from benchmarks.peers.report import section, to_markdown
from benchmarks.peers.results import merged, save
from benchmarks.peers.runner import Bench, Plan
from benchmarks.peers.workloads import GROUPS, PEAK, WHOLE, WORKLOADS
from metaplay.charts import peers
from metaplay.charts.style import as_json
from metaplay.measured import RACE, RESULTS, Row, load


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = [*dict.fromkeys((*GROUPS, *WORKLOADS, *WHOLE))]
    parser.add_argument("--workloads", nargs="+", default=GROUPS, choices=names, metavar="W", help=", ".join(names))
    parser.add_argument("--contenders", nargs="+", default=[*CONTENDERS], choices=[*CONTENDERS], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each contender")
    parser.add_argument("--budget", type=float, default=60, help="seconds after which a contender has no more turns")
    parser.add_argument("--minutes", type=float, default=math.inf, help="for all of it, in even shares")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each contender (W1: one)")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--quick", action="store_true", help="as --rounds 3 --budget 5, and no files are written")
    asked = parser.parse_args()
    rounds, budget = (3, 5.0) if asked.quick else (asked.rounds, asked.budget)
    device, load_before, todo = device_name(asked.device), busy(), chosen(asked.workloads)
    end = time.monotonic() + 60 * asked.minutes
    with TemporaryDirectory() as folder:
        plan = Plan(asked.contenders, rounds, budget, asked.threads, asked.device, Path(folder), say)
        with Bench(plan) as bench:
            for number, name in enumerate(todo):
                now = time.monotonic()
                rows = bench.measure(name, now + (end - now) / (len(todo) - number))
                for row in rows:
                    row.device, row.date, row.load = device, str(date.today()), load_before
                    row.commit, row.command = bench.commit(), command()
                print(section(name, rows), end="\n\n", flush=True)
                if not asked.quick:
                    write(asked.out, device, rows)
        if not asked.quick:
            say(save_svg(asked.out / f"{slug(device)}.json"))


def chosen(words: Sequence[str]) -> list[str]:
    """The workloads whose name or group is among the words."""
    return [name for name in (PEAK, *WORKLOADS, *WHOLE, RACE) if {name, name.split("-")[0]} & {*words}]


def command() -> str:
    """What was typed, as it can be typed elsewhere."""
    return shlex.join(["python", "-m", "benchmarks.peers", *sys.argv[1:]])


def write(folder: Path, device: str, rows: Sequence[Row]) -> None:
    """The files of a device: what they hold of other workloads stays."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{slug(device)}.csv"
    every = merged(load(path), rows)
    save(path, every)
    path.with_suffix(".md").write_text(to_markdown(device, versions(every), every), encoding="utf-8")
    path.with_suffix(".json").write_text(as_json(peers.overview(every, "en", "light")) + "\n", encoding="utf-8")


def say(text: str) -> None:
    """What is going on."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
