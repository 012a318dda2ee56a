"""Breaks a server with its runs in many ways, and looks at what is left. A table in Markdown.

    python -m benchmarks.faults [--rounds 100] [--seed 0] [--only "disk full"]

In every round a visitor presses Train on a random small run, and at a random moment something breaks (benchmarks/breaking.py). Then
the page must say how the run stands; the run must reach its end, by itself or by Resume, from its last checkpoint or later, with
every meta-step once in its log; the next run must work; every run of the store must be readable, with no part of a file left; and no
process may outlive its server. Exits with 1 where anything of this fails. A full disk takes Linux and root; without, it is left out.
"""

import argparse
import asyncio
import random
import sys
import time
from collections import Counter
from contextlib import ExitStack, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.breaking import FAULTS
from benchmarks.ground import Ground, beyond, disk
from benchmarks.visitor import Page, Visitor
from metaplay.events import Checkpointed, RunStarted

PATIENCE = 120.0
"""Seconds in which a run must end after what was broken, where nothing else keeps the machine busy."""
_STILL = 3.0
"""Seconds that a state must stand before the visitor presses Resume: some runs go on by themselves."""
_ALGORITHMS = ("maml", "fomaml", "mamlpp", "metasgd", "reptile")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds in which a run must end afterwards")
    parser.add_argument("--only", action="append", choices=FAULTS, help="break only this (repeatable)")
    chosen = parser.parse_args()
    with TemporaryDirectory() as folder, ExitStack() as stack:
        small = Path(folder) / "disk"
        small.mkdir()
        kinds = list(chosen.only or FAULTS)
        if not stack.enter_context(disk(small)) and "disk full" in kinds:
            kinds.remove("disk full")
            print("No small disk can be made here: nothing is filled.")
        grounds = {False: Ground(small)}
        if any(kind.startswith("network") for kind in kinds):
            far = Path(folder) / "far"
            far.mkdir()
            grounds[True] = Ground(far, stack.enter_context(beyond(far)))
        for ground in grounds.values():
            ground.start()
        found = asyncio.run(rounds(grounds, kinds, chosen))
        left = [problem for ground in grounds.values() for problem in ground.end()]
    for problem in left:
        print("at the end:", problem)
    sys.exit(1 if found or left else 0)


async def rounds(grounds: dict[bool, Ground], kinds: list[str], chosen: argparse.Namespace) -> int:
    """Break things as often as asked, each kind as often as the others; how many rounds found something."""
    met: Counter[str] = Counter()
    done: Counter[str] = Counter()
    order: list[str] = []
    for number in range(chosen.rounds):
        rng = random.Random(f"{chosen.seed} {number}")
        if number % len(kinds) == 0:  # in an order of its own each time, for what was broken before may matter
            order = random.Random(f"{chosen.seed} order {number}").sample(kinds, len(kinds))
        kind = order[number % len(kinds)]
        began = time.monotonic()
        try:
            problems = await one(grounds[kind.startswith("network")], kind, rng, chosen.patience)
        except Exception as error:  # a round that cannot be finished is a finding like another
            problems = [f"{type(error).__name__}: {error}"]
        done[kind] += 1
        met[kind] += bool(problems)
        print(
            f"{number + 1:4d} {kind}: {time.monotonic() - began:.0f} s", *problems, sep="\n     ! " if problems else ""
        )
        sys.stdout.flush()
    print("\n| what broke | rounds | with a finding |\n|---|---|---|")
    for kind in kinds:
        print(f"| {kind} | {done[kind]} | {met[kind]} |")
    return sum(met.values())


async def one(ground: Ground, kind: str, rng: random.Random, patience: float) -> list[str]:
    """One round: a run, a fault, and what is wrong afterwards."""
    if not ground.up:
        ground.start()
    steps = rng.randrange(50, 500)
    query = (
        f"algorithm={rng.choice(_ALGORITHMS)}&family=sinusoid&steps={steps}&eval_tasks=20&seed={rng.randrange(1000)}"
    )
    async with Visitor(ground.server.url, query) as visitor:
        run = await train(visitor)
        at = rng.random() ** 2 * steps
        with suppress(TimeoutError):  # on a busy machine it breaks as far as it has come
            await visitor.until(lambda page: page.step >= at or page.state == "Finished", patience / 4, "its moment")
        kept = checkpoint(ground, run)
        starts = len(started(ground, run))
        await FAULTS[kind](ground, run, rng)
        problems = [f"an error on the page: {problem}" for problem in visitor.page.problems]
    problems += ground.orphans()
    if not ground.up:
        ground.start()
    problems += await goes_on(ground, run, patience)
    again = started(ground, run)[starts:]
    if kind != "checkpoint damaged" and any((event.resumed_from or 0) < kept for event in again):
        problems.append(f"it went on from {[event.resumed_from for event in again]}, though {kept} steps were kept")
    async with Visitor(ground.server.url, "steps=50&eval_tasks=20") as visitor:
        await train(visitor)
        await visitor.until(lambda page: page.state == "Finished", patience, "the next run to end")
    return [f"at step {at:.0f} of {steps}: {problem}" for problem in problems + unsound(ground)]


async def train(visitor: Visitor) -> str:
    """Press Train; the new run."""
    await visitor.until(lambda page: page.drawn, 60, "the page")
    visitor.page.pressed()
    await visitor.press("train")
    await visitor.until(lambda page: "told" in page.first, 60, "the page to tell of the run")
    assert visitor.page.run
    return visitor.page.run


async def goes_on(ground: Ground, run: str, patience: float) -> list[str]:
    """See the run to its end, pressing Resume where it stands still. What was wrong with that."""
    problems = []
    async with Visitor(ground.server.url, f"run={run}") as visitor:
        await visitor.until(lambda page: page.drawn and page.state, 60, "the page of the run")
        page, end = visitor.page, time.monotonic() + patience
        seen, since = _shown(page), time.monotonic()
        while page.state != "Finished" and time.monotonic() < end:
            await asyncio.sleep(0.05)
            if _shown(page) != seen:
                seen, since = _shown(page), time.monotonic()
            elif page.state in ("Interrupted", "Failed", "Stopped") and time.monotonic() - since > _STILL:
                if page.state != "Stopped" and not page.alerts:
                    problems.append(f"{page.state}, and the page does not say why")
                await visitor.press("pause")
                since = time.monotonic()
        if page.state != "Finished":
            why = ground.store.state(run).reason
            problems.append(f"the run did not end; the page says: {page.status} {page.alerts[-1:]} {why}")
        problems += [f"an error on the page: {problem}" for problem in page.problems]
    steps = list(map(int, ground.store.history(run).progress["step"]))
    if page.state == "Finished" and steps != list(range(1, len(steps) + 1)):
        problems.append(f"its {len(steps)} meta-steps are not told once each")
    return problems


def _shown(page: Page) -> tuple[str, int]:
    return page.state, page.step


def started(ground: Ground, run: str) -> list[RunStarted]:
    return [event for event in ground.store.tail(run)[0] if isinstance(event, RunStarted)]


def checkpoint(ground: Ground, run: str) -> int:
    """The meta-step of the last checkpoint that the log tells of."""
    kept = [event.step for event in ground.store.tail(run)[0] if isinstance(event, Checkpointed)]
    return kept[-1] if kept else 0


def unsound(ground: Ground) -> list[str]:
    """What is wrong with the store while nothing is going."""
    problems = []
    for run in ground.store.list():
        try:
            ground.store.config(run)
            ended = ground.store.history(run).ended
        except Exception as error:
            problems.append(f"{run} cannot be read: {type(error).__name__}: {error}")
        else:
            problems += [] if ended else [f"{run} is {ground.store.state(run).state}"]
            problems += [f"a part of a file was left: {part.name}" for part in ground.store.path(run).rglob(".*")]
    return problems


if __name__ == "__main__":
    main()
