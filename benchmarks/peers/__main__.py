"""Times metaplay beside other libraries, and writes a table, a CSV file and a figure.

    python -m benchmarks.peers [--workloads W1 W2 ...] [--contenders metaplay learn2learn ...] [--quick]

Needs what benchmarks/requirements.txt names; a contender that is not installed says so in the table. Only comparable where
nothing else runs.
"""

import argparse
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.peers.contenders import CONTENDERS
from benchmarks.peers.report import lines
from benchmarks.peers.runner import Bench, Plan
from benchmarks.peers.workloads import WORKLOADS, chosen

GROUPS = sorted({workload.group for workload in WORKLOADS.values()})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workloads", nargs="+", default=GROUPS, choices=[*GROUPS, *WORKLOADS], metavar="W")
    parser.add_argument("--contenders", nargs="+", default=[*CONTENDERS], choices=[*CONTENDERS], metavar="NAME")
    parser.add_argument("--rounds", type=int, default=20, help="turns of each contender")
    parser.add_argument("--budget", type=float, default=60, help="seconds after which a contender has no more turns")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), help="of each contender (W1: one)")
    parser.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    parser.add_argument("--quick", action="store_true", help="as --rounds 3 --budget 5")
    asked = parser.parse_args()
    rounds, budget = (3, 5.0) if asked.quick else (asked.rounds, asked.budget)
    with TemporaryDirectory() as folder:
        plan = Plan(asked.contenders, rounds, budget, asked.threads, asked.device, Path(folder), say)
        with Bench(plan) as bench:
            for workload in chosen(asked.workloads):
                print(*lines(workload, bench.measure(workload)), sep="\n", flush=True)


def say(text: str) -> None:
    """What is going on, on the terminal's last line."""
    print(text, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
