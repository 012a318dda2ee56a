"""W6: the whole training loop, with and without what makes it live: events, probes, checkpoints."""

import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from torch import Generator

from benchmarks.peers.problem import SEED
from metaplay.config import RunConfig, parse
from metaplay.engine.checkpoint import save_checkpoint
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.events import Progress
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.training import Snapshot, train


class Whole:
    """Bare meta-steps (tasks drawn anew for each) and a run as a worker trains it, a slice of each in turn.

    A run that is too long for a slice is measured from its middle on: at its start there are more probes than anywhere else,
    which in the whole of it count for little. The live run takes as many threads as a worker does: one for the MLP, else all cores.
    """

    def __init__(self, config: dict[str, Any], threads: int):
        self.config: RunConfig = parse(config)
        torch.set_num_threads(threads)
        device = torch.device("cpu")
        self.family = load(FAMILIES[self.config.family])(self.config, device)
        self.learner = load(ALGORITHMS[self.config.algorithm])(self.config, self.family, device)
        self.rng, self.step = Generator().manual_seed(SEED), 0

    def slices(self, seconds: float) -> dict[str, float]:
        """Mean seconds of a meta-step: to draw its tasks alone, drawn and done, and in a live run."""
        drawn, bare = self._mean(self._draw, seconds / 10), self._mean(self._meta_step, seconds)
        begin = 0 if bare * self.config.steps <= seconds else self.config.steps // 2
        return {"sampling": drawn, "bare loop": bare, "live run": self._live(seconds, begin)}

    def _draw(self) -> Any:
        config = self.config
        return self.family.sample(
            "train",
            config.meta_batch,
            config.train_shot or config.shot,
            config.query,
            self.rng,
            config.train_way or None,
        )

    def _meta_step(self) -> None:
        self.learner.update(self._draw(), self.step, self.rng)
        self.step += 1

    def _mean(self, act: Callable[[], object], seconds: float) -> float:
        act()
        began, count = time.perf_counter(), 0
        while time.perf_counter() - began < seconds:
            act()
            count += 1
        return (time.perf_counter() - began) / count

    def _live(self, seconds: float, begin: int) -> float:
        """From meta-step `begin` on, by the events' own times: up to the last meta-step, without the probe that ends the slice."""
        with TemporaryDirectory() as folder:
            store = RunStore(Path(folder))
            run = store.create(self.config.model_copy(update={"eval_tasks": 2}))
            if begin:
                start = train(store.config(run)).snapshot()
                save_checkpoint(store, run, Snapshot(begin, start.tensors, start.meta))
            run_job(folder, run, seconds)
            events, _ = store.tail(run)
        places = [place for place, event in enumerate(events) if isinstance(event, Progress)]
        steps = [step for event in events if isinstance(event, Progress) for step in event.step]
        return (events[places[-1]].at - events[places[0] - 1].at) / len(steps)
