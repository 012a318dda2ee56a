"""The engine as visitors may use it: whose runs are whose, the limits, and what becomes of runs that nobody watches. No torch.

Whoever has a run's link can watch it; only its owner can control, change, name, pin or delete it. With METAPLAY_VISITORS=one all
visitors are the host, who may do everything and has no limits.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from metaplay.config import RunConfig
from metaplay.engine import bundle, labels, limits, log, owners, racing
from metaplay.engine.asking import Arguments
from metaplay.engine.client import Engine
from metaplay.engine.control import Command
from metaplay.engine.limits import MB, MINUTE, Rates
from metaplay.engine.owners import Owner
from metaplay.engine.taken import Taken
from metaplay.engine.turns import Job
from metaplay.owndata import storing
from metaplay.owndata.about import root as data_root
from metaplay.owndata.examining import Found
from metaplay.settings import Settings, settings
from metaplay.text import Text, UserError

_TIDY_EVERY = 5.0
_SPARE = 0.05
"""Share of the room for all that is free for what comes new: what trains grows while this is looked at."""
_IDLE = "Nobody watched it for {minutes} minutes; resume it to go on from its checkpoint."
_GREEDY = "It took more room than a visitor has here ({most:,} MB): delete some of your runs, then resume it."
_RUN = Text(
    "Run {run} belongs to another visitor: you can watch it, and train one like it of your own.",
    "训练 {run} 属于另一位访客：你可以观看，也可以自己训练一次相同的。",
)
_SET = Text(
    "{name} belongs to another visitor, who alone can remove it.", "{name} 属于另一位访客，只有其本人可以删除。"
)
logger = logging.getLogger(__name__)


class House:
    """An engine and its visitors; one a server. `many` is whether they are told apart."""

    def __init__(self, engine: Engine, chosen: Settings | None = None, clock: Callable[[], float] = time.monotonic):
        self.engine, self.settings = engine, chosen or settings()
        self.many = self.settings.visitors == "many"
        self.presses = Rates(self.settings.visitor_presses, self.settings.presses, clock)
        self.questions = Rates(self.settings.visitor_questions, clock=clock)
        self.admitting = threading.Lock()
        self.taken = Taken(engine.store)
        self._clock = clock
        self._seen: dict[str, float] = {}
        self._closed = threading.Event()
        if self.many:
            threading.Thread(target=self._keep_tidy, name="tidying", daemon=True).start()

    def visit(self, visitor: Owner) -> "Visit":
        """What this visitor may do. Raises ValueError for none where visitors are told apart."""
        if self.many and visitor is None:
            raise ValueError("who is it?")
        return Visit(self, visitor if self.many else None)

    def close(self) -> None:
        """Tidy no more."""
        self._closed.set()

    def watching(self, runs: Iterable[str]) -> None:
        """Somebody looks at these runs now."""
        if self.many:
            self._seen |= dict.fromkeys(runs, self._clock())

    def _keep_tidy(self) -> None:
        while not self._closed.wait(_TIDY_EVERY):
            try:
                self.tidy()
            except Exception:
                logger.exception("Tidying goes on after an error.")

    def tidy(self) -> None:
        """Stop what nobody watches, and what takes more room than it may; make room."""
        training, waiting = self.engine.held()
        self._stop_idle([*training, *waiting])
        with self.admitting:
            self._stop_greedy(training)
            for _ in self.taken.make_room(self.settings.visitors_mb * MB):
                log.note("deleted-for-room")
            self.presses.forget()
            self.questions.forget()

    def _stop_idle(self, jobs: Sequence[Job]) -> None:
        now, minutes = self._clock(), self.settings.idle_minutes
        # Those that were going before anybody looked count from now on.
        self._seen = {run: self._seen.get(run, now) for job in jobs for run in job}
        for job in jobs:
            if now - max(self._seen[run] for run in job) >= minutes * MINUTE and self._of_visitor(job):
                self._stop(job, _IDLE.format(minutes=minutes))

    def _stop_greedy(self, training: Sequence[Job]) -> None:
        most = self.settings.visitor_mb
        used = dict[Owner, int]()
        for thing in self.taken.things():
            used[thing.owner] = used.get(thing.owner, 0) + thing.size
        for job in training:
            if (owner := self._of_visitor(job)) and used.get(owner, 0) > most * MB:
                self._stop(job, _GREEDY.format(most=most))

    def _of_visitor(self, job: Job) -> Owner:
        try:
            return owners.of(self.engine.store, job[0])
        except UserError:  # deleted just now
            return None

    def _stop(self, job: Job, reason: str) -> None:
        for run in job:
            log.of_run(self.engine.store, run, "stopped-by-itself")
            try:
                self.engine.control(run, "stop", reason)
            except UserError as error:  # it ended just now
                logger.info("%s", error)


@dataclass(frozen=True)
class Visit:
    """What one visitor may do; `owner` None is the host. All methods raise UserError, and do nothing, where it may not be."""

    house: House
    owner: Owner

    @property
    def engine(self) -> Engine:
        return self.house.engine

    def owns(self, *runs: str) -> bool:
        """Whether the visitor may do what only the owner of all these runs may."""
        return self.owner is None or all(owners.of(self.engine.store, run) == self.owner for run in runs)

    def submit(self, config: RunConfig, first: Command = "resume") -> str:
        """Engine.submit, of a run that is the visitor's."""
        return self._admitted([config], lambda: self.engine.submit(config, first, self.owner))

    def submit_race(self, configs: Sequence[RunConfig], sweep: str | None = None) -> str:
        """Engine.submit_race, of a race that is the visitor's."""
        return self._admitted(configs, lambda: self.engine.submit_race(configs, sweep, self.owner))

    def control(self, run: str, command: Command) -> None:
        """Engine.control of a run of theirs."""
        self._control((run,), command, lambda: self.engine.control(run, command))

    def control_race(self, race: str, command: Command) -> None:
        """Engine.control_race of a race of theirs."""
        members = racing.read(self.engine.store, race).members
        self._control(members, command, lambda: self.engine.control_race(race, command))

    def _control(self, runs: Job, command: Command, act: Callable[[], None]) -> None:
        self._check_owns(*runs)
        self.house.watching(runs)
        if self.owner and command == "resume" and not self._held(runs):
            self._admitted([self.engine.store.config(run) for run in runs], act)
            return
        if command != "stop":  # nobody is kept from that
            self._press()
        act()

    def _held(self, runs: Job) -> bool:
        training, waiting = self.engine.held()
        return any(run in job for job in (*training, *waiting) for run in runs)

    def change(self, run: str, values: Mapping[str, float]) -> None:
        """Engine.change of a run of theirs."""
        self._may(run)
        self.engine.change(run, values)

    def slow(self, run: str, pace: float | None) -> None:
        """Engine.slow of a run of theirs."""
        self._may(run)
        self.engine.slow(run, pace)

    def delete(self, run: str) -> None:
        """Remove a run of theirs, and all it left."""
        self._may(run)
        self.engine.store.delete(run)

    def name(self, run: str, name: str, tags: Iterable[str]) -> None:
        """Call a run of theirs by another name, with these tags."""
        self._may(run)
        old = labels.read(self.engine.store, run)
        labels.write(self.engine.store, run, replace(labels.label(name, tags, old.origin), pinned=old.pinned))

    def pin(self, run: str, on: bool) -> None:
        """Say whether a run of theirs stays where there is no room for all."""
        self._may(run)
        labels.write(self.engine.store, run, replace(labels.read(self.engine.store, run), pinned=on))

    def open(self, file: BinaryIO) -> str:
        """Open a bundle (bundle.unpack); its run is the visitor's."""
        return self._with_room(lambda: bundle.unpack(self.engine.store, file, self.owner))

    def keep_data(self, name: str, found: Found) -> str:
        """Keep a data set (metaplay.owndata.storing.keep) that is the visitor's."""
        return self._with_room(lambda: storing.keep(name, found, owners.files(self.owner)))

    def remove_data(self, name: str) -> None:
        """Remove a data set of theirs."""
        if self.owner:
            self._press()
            if not self.owns_data(name):
                raise UserError(_SET.fill(name=name))
        storing.remove(name)

    def owns_data(self, name: str) -> bool:
        """Whether the visitor may remove a data set that is here."""
        return self.owner is None or owners.read(data_root() / name) == self.owner

    def ask(self, question: str, **arguments: Any) -> Any:
        """Engine.ask."""
        return next(self.ask_each(question, [arguments]))

    def ask_each(self, question: str, several: Sequence[Arguments]) -> Iterator[Any]:
        """Engine.ask_each; for the visitor's limit one question."""
        if self.owner:
            self.house.questions.count(self.owner)
        return self.engine.ask_each(question, several)

    def _may(self, run: str) -> None:
        self._check_owns(run)
        self._press()

    def _check_owns(self, *runs: str) -> None:
        for run in runs:
            if not self.owns(run):
                raise UserError(_RUN.fill(run=run))

    def _press(self) -> None:
        if self.owner:
            self.house.presses.count(self.owner)

    def _admitted(self, configs: Sequence[RunConfig], act: Callable[[], Any]) -> Any:
        """Do what brings one job more, if there may be one."""
        if self.owner:
            limits.check_length(self.house.settings, configs)
        return self._with_room(act, self._check_queue)

    def _check_queue(self) -> None:
        training, waiting = self.engine.held()
        own = sum(self.house._of_visitor(job) == self.owner for job in (*training, *waiting))
        limits.check_queue(self.house.settings, own, len(waiting))

    def _with_room(self, act: Callable[[], Any], check: Callable[[], None] = lambda: None) -> Any:
        """Do what takes room on the disk, if there is some. One at a time, so that two do not take what is enough for one."""
        if self.owner is None:
            return act()
        with self.house.admitting:
            self._press()
            check()
            self.house.taken.make_room(int((1 - _SPARE) * self.house.settings.visitors_mb * MB))
            things = self.house.taken.things()
            own = sum(thing.size for thing in things if thing.owner == self.owner)
            limits.check_room(self.house.settings, own, sum(thing.size for thing in things))
            return act()
