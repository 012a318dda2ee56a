"""Measures workloads: gradients compared first, then all contenders in turn, round by round, each in its own process."""

import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.peers import flops
from benchmarks.peers.contenders import GEMM, REFERENCE
from benchmarks.peers.process import Problem, Process
from benchmarks.peers.results import Row
from benchmarks.peers.workloads import WHOLE, Workload
from benchmarks.peers.workloads import threads as threads_of
from metaplay.presets import preset

TURN = 0.05
"""Seconds of meta-steps that a contender does in its turn, if it manages more than one."""
SLICE = 10.0
"""Seconds of training in a slice of W6."""
REST = 0.05
"""Seconds between turns, in which the threads of the one before fall asleep."""
FEWEST = 3
"""Turns that a contender has, whatever they take."""


@dataclass(frozen=True)
class Plan:
    """How it is measured: `rounds` turns of each contender, fewer where they take more than `budget` seconds in all.

    `folder` holds what is passed between processes; `say` is told what is going on.
    """

    contenders: Sequence[str]
    rounds: int
    budget: float
    threads: int
    device: str
    folder: Path
    say: Callable[[str], None]


class Bench:
    """Measures one workload after another. What compares gradients are processes of their own, which stay for all workloads:
    float64 must not count as memory of what is measured."""

    def __init__(self, plan: Plan):
        self.plan = plan
        self._stack = ExitStack()
        self._checkers: dict[str, Process] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def commit(self) -> str:
        """The state of metaplay that is measured."""
        return self._checker(REFERENCE).ask("commit")["commit"]

    def measure(self, workload: Workload) -> list[Row]:
        """A row for each contender; without metaplay's tasks and gradient there are no figures."""
        plan, path = self.plan, self.plan.folder / f"{workload.name}.npz"
        threads = threads_of(workload.config, plan.threads)
        plan.say(f"{workload.name}: gradients")
        count = flops.meta_step(workload.config)
        names = [name for name in plan.contenders if name in (workload.contenders or plan.contenders)]
        rows = [Row(workload.name, name, threads, flops=count) for name in names]
        try:
            self._checker(REFERENCE).ask("draw", config=workload.config.model_dump(), path=str(path))
            self._check(rows, path)
        except Problem as problem:
            for row in rows:
                row.problem = f"metaplay cannot: {problem}"
            return rows
        gemm = Row(workload.name, GEMM, threads)
        self._time([*rows, gemm], path)
        for row in rows:
            row.peak = flops.GEMM / gemm.least if gemm.least else None
        return rows

    def whole(self, name: str) -> list[Row]:
        """Rows of W6: to draw tasks, the bare loop, the live run; each step of theirs is the mean of a slice."""
        plan, config = self.plan, preset(WHOLE[name]).config
        threads = threads_of(config, plan.threads)
        found: list[dict[str, float]] = []
        with Process(REFERENCE, threads, "cpu") as process:
            try:
                process.ask("whole", config=config.model_dump(), threads=threads)
                for number in range(max(FEWEST, plan.rounds // 5)):
                    plan.say(f"{name}: slice {number + 1}")
                    found.append(process.ask("slices", seconds=min(SLICE, plan.budget)))
            except Problem as problem:
                return [Row(name, "live run", threads, problem=str(problem))]
        rows = []
        for act in found[0]:
            means = [means[act] for means in found]
            row = Row(name, act, threads, least=min(means), median=statistics.median(means), steps=len(means))
            rows.append(row)
        return rows

    def _checker(self, name: str) -> Process:
        if name not in self._checkers:
            self._checkers[name] = self._stack.enter_context(Process(name, self.plan.threads, "cpu"))
        return self._checkers[name]

    def _check(self, rows: list[Row], path: Path) -> None:
        """Compare everyone's float64 meta-gradient with metaplay's."""
        reference = str(path.with_suffix(".gradient.npz"))
        self._checker(REFERENCE).ask("check", path=str(path), reference=reference, keep=True)
        for row in rows:
            if row.contender != REFERENCE:
                try:
                    found = self._checker(row.contender).ask("check", path=str(path), reference=reference, keep=False)
                    row.error = found["error"]
                except Problem as problem:
                    row.problem = str(problem)

    def _time(self, rows: Sequence[Row], path: Path) -> None:
        plan = self.plan
        with ExitStack() as stack:
            able = [row for row in rows if not row.problem]
            turns = [_Turns(stack.enter_context(Process(row.contender, row.threads, plan.device)), row) for row in able]
            for turn in turns:
                plan.say(f"{turn.row.workload}: {turn.row.contender} starts")
                turn.start(path)
            plan.say(f"{path.stem}: {plan.rounds} rounds")
            for number in range(plan.rounds):
                begin = number % len(turns)
                for turn in turns[begin:] + turns[:begin]:
                    turn.take(plan.budget)
            for turn in turns:
                turn.end()


class _Turns:
    """One contender's turns, and its row, which they fill in. After a problem there are none."""

    def __init__(self, process: Process, row: Row):
        self.process, self.row = process, row
        self.seconds: list[float] = []
        self.taken = 0

    def start(self, path: Path) -> None:
        if found := self._ask("start", path=str(path)):
            self.row.first, self.row.version = found["first"], found["version"]

    def take(self, budget: float) -> None:
        """A turn, unless it has had `FEWEST` and more time than it may."""
        if self.taken < FEWEST or sum(self.seconds) < budget:
            time.sleep(REST)
            if found := self._ask("measure", seconds=TURN):
                self.seconds += found["seconds"]
                self.taken += 1

    def end(self) -> None:
        if found := self._ask("memory"):
            self.row.memory, self.row.steps = found["bytes"], len(self.seconds)
            self.row.least, self.row.median = min(self.seconds), statistics.median(self.seconds)

    def _ask(self, method: str, **arguments: object) -> dict[str, Any] | None:
        if self.row.problem:
            return None
        try:
            return self.process.ask(method, **arguments)
        except Problem as problem:
            self.row.problem = str(problem)
            return None
