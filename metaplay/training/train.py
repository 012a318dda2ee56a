"""Training: the meta-learning loop of every algorithm, as an iterator of events. It knows no files, engine or page."""

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import torch
from torch import Generator

from metaplay.algorithms.base import Diverged, Learner, Report
from metaplay.config import RunConfig, changed, parse
from metaplay.episodes import TaskFamily
from metaplay.events import Changed, Event, Probe, Progress, RunEnded, RunStarted
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.text import Text, UserError
from metaplay.training.device import best_device, device_name, memory_in_use, versions
from metaplay.training.evaluate import evaluate
from metaplay.training.fixed import rounded
from metaplay.training.probe import Watched, probe_tasks
from metaplay.training.snapshot import Snapshot

PROBES, LEAST_PROBES = 200, 3
"""At most so many evenly spaced probes in a run, as far as they fit into their share of its time; but always the least number."""
PROBE_SHARE, TELLING = 0.025, 5e-5
"""Share of the time that goes into probes and into telling of each meta-step, which takes so many seconds or less."""
LEAST_SHARE, EARLY = 0.005, 0.25
"""Of probes alone. What they earn in the first part (EARLY) of the run may be spent at once, on the first few steps, where the most
happens; not again where a run goes on."""
_STEADY = 0.95
"""Weight of the steps before in the speed that is told."""

_DAMAGED = Text(
    "The checkpoint is damaged: it does not hold what this run needs to go on. Start a new run with the same settings.",
    "检查点已损坏：其中缺少继续这次训练所需的内容。请用相同的设置重新训练。",
)


class Stepped(NamedTuple):
    """A meta-step that was done, the `step`-th, after so many seconds of training; `told` makes a Progress of one or several.

    An event for each of them would take 2 % of the time of a small network.
    """

    step: int
    report: Report
    seconds: float
    tasks_per_second: float


class Training:
    """One run: iterate over it for its events. Whoever iterates decides when to pause, stop or keep a snapshot.

    `config` is what it goes by now: what it was started with, and what has changed since. `leisure` is set by whoever
    iterates: seconds that are free after each meta-step, so that a probe that takes less follows every one. `turns` is the same
    iteration with a Stepped in place of each Progress.
    """

    def __init__(
        self,
        config: RunConfig,
        snapshot: Snapshot | None = None,
        preparing: Callable[[float], None] | None = None,
        probed: dict[int, bool] | None = None,
    ):
        self.config, self.device = config, best_device()
        self.leisure = 0.0
        self._started_with, self._changed = config, dict[str, Any]()
        self.family: TaskFamily = load(FAMILIES[config.family])(config, self.device, preparing)
        self.learner: Learner = load(ALGORITHMS[config.algorithm], self.family.kind)(config, self.family, self.device)
        self.rng = Generator(self.device).manual_seed(_stream_seed("episodes", config.seed))
        # Apart from the tasks', so that all algorithms meet the same tasks, whatever else they draw.
        self.own_rng = Generator(self.device).manual_seed(_stream_seed("learner", config.seed))
        self.step, self.seconds, self.steps = 0, 0.0, config.steps if ALGORITHMS[config.algorithm].meta_trains else 0
        self.resumed_from: int | None = None
        if snapshot:
            check_same(config, snapshot)
            self._restore(snapshot)
        self._begun = self.step, self.seconds
        self._probing = self._probe_took = self._pace = 0.0
        self._probed = probed
        self.turns = self._run()
        self._events = (told([turn]) if isinstance(turn, Stepped) else turn for turn in self.turns)

    def __iter__(self) -> Iterator[Event]:
        return self._events

    def finish(self) -> None:
        """End after the current meta-step, with an evaluation, as if the run were that long."""
        self.steps = self.step

    def change(self, values: Mapping[str, float]) -> Changed | None:
        """Go on with other values of some settings, from the next meta-step on; None where all are as they were.

        Raises ConfigError, and changes nothing, where that is not allowed (metaplay.config.changing).
        """
        other = {name: value for name, value in values.items() if value != getattr(self.config, name, None)}
        if not other:  # as nearly always: asked after every meta-step
            return None
        self.config = self.learner.config = changed(self.config, other)
        new = {name: getattr(self.config, name) for name in other}
        self._changed |= new
        return Changed(step=self.step, values=new)

    def snapshot(self) -> Snapshot:
        """The state after the last meta-step, from which the run goes on as if it had never stopped."""
        tensors = {name: value.detach().cpu().clone() for name, value in self.learner.state().items()}
        tensors["rng"] = self.rng.get_state().cpu()
        if self.own_rng is not self.rng:
            tensors["rng.own"] = self.own_rng.get_state().cpu()
        meta = {"config": self._started_with.model_dump(), "changed": dict(self._changed), "seconds": self.seconds}
        return Snapshot(self.step, tensors, meta)

    def _restore(self, snapshot: Snapshot) -> None:
        """Raises UserError where the snapshot is not what `snapshot` made, as it may be in a stranger's file."""
        try:
            self._take_over(snapshot)
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise UserError(_DAMAGED) from error

    def _take_over(self, snapshot: Snapshot) -> None:
        self.learner.load_state({name: value.to(self.device) for name, value in snapshot.tensors.items()})
        self.rng.set_state(snapshot.tensors["rng"].cpu())
        if "rng.own" in snapshot.tensors:
            self.own_rng.set_state(snapshot.tensors["rng.own"].cpu())
        else:  # begun when all was drawn from one
            self.own_rng = self.rng
        self.step = self.resumed_from = snapshot.step
        self.seconds = float(snapshot.meta["seconds"])
        self.change(snapshot.meta.get("changed", {}))

    def _run(self) -> Iterator[Stepped | Event]:
        yield self._started()
        # Which inner steps are measured must not depend on what was changed: a resumed run's probes stand beside earlier ones.
        probes = probe_tasks(self._started_with, self.family, self.device, self.learner.test_steps)
        yield probes.task()
        if self.resumed_from is None:
            yield self._probe(probes)
        while self.step < self.steps:
            try:
                stepped = self._meta_step()
            except Diverged as error:
                yield RunEnded(status="failed", reason=error.text.en, step=self.step, seconds=self.seconds)
                return
            yield stepped
            if self.probe_due():
                yield self._probe(probes)
        yield evaluate(self.learner, self.family, self.device, self.step, self.config.eval_tasks, "test")
        yield RunEnded(status="finished", step=self.step, seconds=self.seconds)

    def _meta_step(self) -> Stepped:
        began = time.perf_counter()
        config = self.config
        shot, way = config.train_shot or config.shot, config.train_way or None
        episodes = self.family.sample("train", config.meta_batch, shot, config.query, self.rng, way)
        report = self.learner.update(episodes, self.step, self.own_rng)
        took = time.perf_counter() - began
        self.step += 1
        self.seconds += took
        self._pace = took if self._pace == 0 else _STEADY * self._pace + (1 - _STEADY) * took
        return Stepped(self.step, report, self.seconds, config.meta_batch / self._pace)

    def probe_due(self) -> bool:
        """Whether a probe comes after the last meta-step. Which steps are probed depends on the machine's speed; what is
        learned does not."""
        step, steps = self.step, self.config.steps
        if (
            step * LEAST_PROBES % steps < LEAST_PROBES or step == self.steps
        ):  # the first step at or beyond so many parts
            return True
        due = self._probe_took < self.leisure
        if not due and (step in (1, 2, 4, 8) or step % max(1, steps // PROBES) == 0):
            due = self._probing + self._probe_took <= self._earned()
        return due if self._probed is None else self._probed.setdefault(step, due)

    def _earned(self) -> float:
        """Seconds that probes may have taken by now."""
        step, seconds = self._begun
        early = EARLY * self._pace * self.steps if step == 0 else 0.0
        return max(self.seconds - seconds, early) * max(LEAST_SHARE, PROBE_SHARE - TELLING / self._pace)

    def _probe(self, probes: Watched) -> Probe:
        began = time.perf_counter()
        probe = probes.run(self.learner, self.step)
        self._probe_took = time.perf_counter() - began
        self._probing += self._probe_took if self.step else 0.0
        cost = {"step_seconds": self._pace or None, "memory": memory_in_use(self.device)}
        return probe.model_copy(update=cost)

    def _started(self) -> RunStarted:
        return RunStarted(
            config=self.config.model_dump(),
            device=device_name(self.device),
            threads=torch.get_num_threads(),
            versions=versions(),
            parameters=sum(value.numel() for value in self.learner.params.values()),
            classes=self.family.class_counts,
            split_digest=self.family.split_digest,
            resumed_from=self.resumed_from,
        )


def train(
    config: RunConfig,
    snapshot: Snapshot | None = None,
    preparing: Callable[[float], None] | None = None,
    probed: dict[int, bool] | None = None,
) -> Training:
    """Start a run, or go on from a snapshot of it. `preparing` is told how far (0..1) a data set's preparation is.

    `probed` is shared by runs that race, and are probed after the same meta-steps: the first to come to one decides for all.

    Events: RunStarted, ProbeTask, then a Progress for every meta-step, a Probe now and then, Evaluated on the test tasks, and
    RunEnded last. Raises UserError if the data set is missing or the snapshot is of another configuration.
    """
    return Training(config, snapshot, preparing, probed)


def check_same(config: RunConfig, snapshot: Snapshot) -> None:
    """Raises UserError if the snapshot belongs to another configuration."""
    found = snapshot.meta.get("config")
    if not isinstance(found, dict) or parse(found) != config:  # settings that came later have their defaults in it
        raise UserError(
            Text(
                "The checkpoint is of another configuration; resume the run that it belongs to.",
                "检查点属于另一个配置；请恢复它所属的那次训练。",
            )
        )


def told(steps: Sequence[Stepped]) -> Progress:
    """What the log says of meta-steps that followed each other."""
    reports, last = [stepped.report for stepped in steps], steps[-1]
    return Progress(
        step=[stepped.step for stepped in steps],
        meta_loss=rounded([report.meta_loss for report in reports]),
        loss_before=rounded([report.loss_before for report in reports]),
        loss_after=rounded([report.loss_after for report in reports]),
        metric_before=rounded([value for report in reports if (value := report.metric_before) is not None]),
        metric_after=rounded([value for report in reports if (value := report.metric_after) is not None]),
        outer_lr=rounded([report.outer_lr for report in reports]),
        grad_norm=rounded([report.grad_norm for report in reports]),
        seconds=last.seconds,
        tasks_per_second=last.tasks_per_second,
    )


def _stream_seed(stream: str, seed: int) -> int:
    """The seed of what a run draws: far from those of the initialisation and of the fixed task lists."""
    return int.from_bytes(hashlib.sha256(f"{stream}:{seed}".encode()).digest()[:6], "big")
