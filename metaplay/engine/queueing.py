"""The jobs that wait for a worker: who is next, and what those who wait are told. No torch."""

import contextlib
import math
import time
from collections.abc import Collection

from metaplay.config import RunConfig
from metaplay.engine import owners, turns
from metaplay.engine.lengths import Lengths
from metaplay.engine.owners import Owner
from metaplay.engine.store import RunStore
from metaplay.engine.turns import Held, Job, Place, Turns
from metaplay.text import UserError

_PLANNED_FOR = 0.5
"""Seconds for which what is said of the queue holds."""


class Queue:
    """Jobs in the order in which they came; they begin in turn, `workers` at a time, and `most` of one visitor.

    Whoever holds it sees to it that one thread at a time asks.
    """

    def __init__(self, store: RunStore, workers: int, most: int | None):
        self._store, self._workers, self._most = store, workers, most
        self._lengths = Lengths()
        self._configs: dict[str, RunConfig] = {}
        self._told: dict[str, Place] = {}
        self.jobs: list[Job] = []
        self.clear()

    def clear(self) -> list[Job]:
        """Let all go; those that waited."""
        waiting, self.jobs = self.jobs, []
        self._turns = Turns()
        self._planned: tuple[float, dict[Job, float]] = (-math.inf, {})
        return waiting

    def join(self, job: Job) -> None:
        """The job waits from now on."""
        self.jobs.append(job)
        self._turns.join(job, self._owner(job))

    def leave(self, run: str) -> None:
        """The run no longer waits; others of its job do."""
        rest = [tuple(other for other in job if other != run) for job in self.jobs]
        self.jobs = [job for job in rest if job]
        self._turns.leave((run,))

    def next(self, going: Collection[Job]) -> Job | None:
        """Take out the job that may begin beside those that are going; None where none may."""
        if len(going) >= self._workers:
            return None
        busy = {run for job in going for run in job}
        # A run that was resumed the moment it ended waits for its last process.
        ready = [job for job in self._turns.order(self.jobs) if busy.isdisjoint(job)]
        place = turns.first_able([self._owner(job) for job in ready], [self._owner(job) for job in going], self._most)
        if place is None:
            return None
        job = ready[place]
        self.jobs.remove(job)
        self._turns.begin(job)
        return job

    def ended(self, job: Job) -> None:
        """A job has ended, or was broken off: how long it took is known."""
        for run in job:
            with contextlib.suppress(UserError):  # deleted at once
                self._lengths.saw(self._config(run), self._store.state(run))
            self._configs.pop(run, None)

    def places(self, going: Collection[Job]) -> dict[str, Place]:
        """The runs that wait, each with its place and when it will begin, beside those that are going now."""
        made, planned = self._planned
        if planned.keys() != set(self.jobs) or time.monotonic() - made > _PLANNED_FOR:
            training = [self._held(job) for job in going]  # first, for what is learnt from them
            waiting = [self._held(job) for job in self._turns.order(self.jobs)]
            planned = turns.plan(waiting, training, self._workers, self._most) if waiting else {}
            self._planned = time.monotonic(), planned
        return turns.places(planned)

    def tell(self, going: Collection[Job]) -> None:
        """Let other processes know how the runs wait."""
        if (found := self.places(going)) != self._told:
            turns.tell(self._store.root, found)
            self._told = found

    def _held(self, job: Job) -> Held:
        try:  # its runs are trained in turn
            left = sum(self._lengths.left(self._config(run), self._store.state(run)) for run in job)
        except UserError:  # deleted just now
            left = math.inf
        return Held(job, self._owner(job), left)

    def _config(self, run: str) -> RunConfig:
        if run not in self._configs:
            self._configs[run] = self._store.config(run)
        return self._configs[run]

    def _owner(self, job: Job) -> Owner:
        with contextlib.suppress(UserError):  # deleted just now
            return owners.of(self._store, job[0])
        return None
