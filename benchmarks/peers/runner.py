"""Measures workloads: gradients compared first, then all contenders in turn, round by round, each in its own process."""

import math
import statistics
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from benchmarks.peers import flops
from benchmarks.peers.contenders import GEMM
from benchmarks.peers.process import PATIENCE, Problem, Process
from benchmarks.peers.workloads import PEAK, RACED, RACERS, WHOLE, WORKLOADS, Workload
from benchmarks.peers.workloads import threads as threads_of
from metaplay.measured import GOAL, RACE, REFERENCE, Row
from metaplay.presets import preset

TURN = 0.05
"""Seconds of meta-steps that a contender does in its turn, if it manages more than one."""
SLICE = 20.0
"""Seconds of each part of W6 in a slice."""
SLICES = 3
"""Slices of W6, where there is time for so many."""
STRIDE = 25
"""Meta-steps of a race between two validations."""
REST = 0.05
"""Seconds between turns, in which the threads of the one before fall asleep."""
GRACE = 20.0
"""Seconds after a workload's end that an answer is still waited for."""
LATE = "no time was left for it in this run"


@dataclass(frozen=True)
class Plan:
    """How it is measured: `rounds` turns of each contender, fewer where they take more than `budget` seconds in all, but one.

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
    float64 must not count as memory of what is measured.

    A workload has time `until` a moment of the monotonic clock: contenders that it does not reach say so in their rows.
    """

    def __init__(self, plan: Plan):
        self.plan = plan
        self._stack = ExitStack()
        self._checkers: dict[str, Process] = {}
        self._peaks: dict[int, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def commit(self) -> str:
        """The state of metaplay that is measured."""
        return self._checker(REFERENCE).ask("commit")["commit"]

    def measure(self, name: str, until: float = math.inf) -> list[Row]:
        """The rows of any workload."""
        if name == PEAK:
            return self.peak()
        if name == RACE:
            return self.race(until)
        return self.whole(name, until) if name in WHOLE else self.meta_step(WORKLOADS[name], until)

    def meta_step(self, workload: Workload, until: float = math.inf) -> list[Row]:
        """A row for each contender; without metaplay's tasks and gradient there are no figures."""
        plan, path = self.plan, self.plan.folder / f"{workload.name}.npz"
        threads = threads_of(workload.config, plan.threads)
        count = flops.meta_step(workload.config)
        names = [name for name in plan.contenders if name in (workload.contenders or plan.contenders)]
        rows = [Row(workload.name, name, threads, flops=count) for name in names]
        try:
            self._draw(workload, path)
        except Problem as problem:
            for row in rows:
                row.problem = f"metaplay cannot: {problem}"
            return rows
        gemm = Row(workload.name, GEMM, threads)
        self._time([gemm, *rows], path, until)
        for row in rows:
            row.peak = self._reached(gemm)
        return rows

    def peak(self) -> list[Row]:
        """Large matrix products, on one thread and on all."""
        self._draw(WORKLOADS["W1-1"], path := self.plan.folder / f"{PEAK}.npz")
        rows = []
        for threads in sorted({1, self.plan.threads}):
            row = Row(f"{PEAK}-{threads}", GEMM, threads, flops=flops.GEMM)
            self._time([row], path, math.inf)
            row.peak = self._reached(row)
            rows.append(row)
        return rows

    def whole(self, name: str, until: float = math.inf) -> list[Row]:
        """Rows of W6: to draw tasks, the bare loop, the live run; each step of theirs is the mean of a slice."""
        plan, config = self.plan, preset(WHOLE[name]).config
        threads = threads_of(config, plan.threads)
        slices = max(1, int(min(SLICES, (until - time.monotonic()) / (2.2 * SLICE))))
        found: list[dict[str, float]] = []
        with Process(REFERENCE, threads, "cpu") as process:
            try:
                process.ask("whole", config=config.model_dump(), threads=threads)
                for number in range(slices):
                    plan.say(f"{name}: slice {number + 1}")
                    found.append(process.ask("slices", seconds=SLICE))
            except Problem as problem:
                return [Row(name, "live run", threads, problem=str(problem))]
        rows = []
        for act in found[0]:
            means = [means[act] for means in found]
            row = Row(name, act, threads, least=min(means), median=statistics.median(means), steps=len(means))
            rows.append(row)
        return rows

    def race(self, until: float = math.inf) -> list[Row]:
        """Rows of a training to GOAL: RACERS take some meta-steps each in turn, until all are there or time is up."""
        config = preset(RACED).config
        threads = threads_of(config, self.plan.threads)
        rows = [Row(RACE, name, threads) for name in RACERS if name in self.plan.contenders]
        with ExitStack() as stack:
            racing = [(stack.enter_context(Process(row.contender, threads, self.plan.device)), row) for row in rows]
            for process, row in racing:
                _asked(process, row, "race", config=config.model_dump())
            while racing := [(process, row) for process, row in racing if not (row.problem or row.reached)]:
                for process, row in racing:
                    self._stretch(process, row, config.steps, until)
        return rows

    def _stretch(self, process: Process, row: Row, most: int, until: float) -> None:
        """A racer's next meta-steps, which may be its last."""
        if found := _asked(process, row, "train", steps=STRIDE):
            row.steps, accuracy = found["steps"], found["accuracy"]
            told = f"{accuracy:.1%} after {row.steps} meta-steps and {found['seconds']:.1f} s"
            self.plan.say(f"{RACE}: {row.contender} at {told}")
            if accuracy >= GOAL:
                row.reached = found["seconds"]
            elif row.steps >= most or time.monotonic() > until:
                row.problem = f"not reached: {told}"

    def _reached(self, gemm: Row) -> float | None:
        """The most that matrix products reached on so many threads in all of this run, so far: one workload may be too short to tell."""
        if gemm.least:
            self._peaks[gemm.threads] = max(self._peaks.get(gemm.threads, 0.0), flops.GEMM / gemm.least)
        return self._peaks.get(gemm.threads)

    def _draw(self, workload: Workload, path: Path) -> None:
        """The problem, and metaplay's gradient, in files."""
        self.plan.say(f"{workload.name}: tasks and their meta-gradient")
        checker = self._checker(REFERENCE)
        checker.ask("draw", config=workload.config.model_dump(), path=str(path))
        checker.ask("check", path=str(path), reference=_gradient(path), keep=True)

    def _checker(self, name: str) -> Process:
        if name not in self._checkers or not self._checkers[name].lives:
            self._checkers[name] = self._stack.enter_context(Process(name, self.plan.threads, "cpu"))
        return self._checkers[name]

    def _check(self, row: Row, path: Path, patience: float) -> None:
        """Compare a contender's float64 meta-gradient with metaplay's."""
        if row.contender in (REFERENCE, GEMM):
            return
        checker, files = self._checker(row.contender), {"path": str(path), "reference": _gradient(path)}
        if found := _asked(checker, row, "check", patience, keep=False, **files):
            row.error = found["error"]

    def _time(self, rows: Sequence[Row], path: Path, until: float) -> None:
        plan = self.plan
        with ExitStack() as stack:
            turns: list[_Turns] = []
            for row in rows:
                needed, left = row.contender in (REFERENCE, GEMM), until - time.monotonic()
                if left < 0 and not needed:
                    row.problem = LATE
                    continue
                plan.say(f"{row.workload}: {row.contender} starts")
                patience = PATIENCE if needed else min(PATIENCE, left + GRACE)
                self._check(row, path, patience)
                if not row.problem:
                    turns.append(_Turns(stack.enter_context(Process(row.contender, row.threads, plan.device)), row))
                    turns[-1].start(path, patience)
            plan.say(f"{path.stem}: at most {plan.rounds} rounds")
            for number in range(plan.rounds):
                if number and time.monotonic() > until:
                    break
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

    def start(self, path: Path, patience: float) -> None:
        if found := _asked(self.process, self.row, "start", patience, path=str(path)):
            self.row.first = found["first"]

    def take(self, budget: float) -> None:
        """A turn, unless it has had its time."""
        if not self.seconds or sum(self.seconds) < budget:
            time.sleep(REST)
            if found := _asked(self.process, self.row, "measure", seconds=TURN):
                self.seconds += found["seconds"]

    def end(self) -> None:
        if found := _asked(self.process, self.row, "memory"):
            self.row.memory, self.row.steps = found["bytes"], len(self.seconds)
            self.row.least, self.row.median = min(self.seconds), statistics.median(self.seconds)


def _asked(
    process: Process, row: Row, method: str, patience: float = PATIENCE, **arguments: object
) -> dict[str, Any] | None:
    """The answer; None where there is a problem, now or before, which the row then tells."""
    if row.problem:
        return None
    try:
        found = process.ask(method, patience, **arguments)
    except Problem as problem:
        row.problem = str(problem)
        return None
    row.version = found.get("version", row.version)
    return found


def _gradient(path: Path) -> str:
    return str(path.with_suffix(".gradient.npz"))
