"""The engine as pages and tests see it: hand in a run, ask things of it, see the queue. No torch in this process."""

import contextlib
import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self, cast
from uuid import uuid4

from distributed import Client, Future, KilledWorker, SpecCluster

from metaplay.config import RunConfig, advice
from metaplay.engine import control, going, health, jobs, layout, log, marks, owners, racing
from metaplay.engine.asking import Arguments, Asking
from metaplay.engine.cluster import abandon, replace_lost, start_cluster
from metaplay.engine.control import Command, order
from metaplay.engine.owners import Owner
from metaplay.engine.queueing import Queue
from metaplay.engine.store import RunStore
from metaplay.engine.turns import Job, Place
from metaplay.events import StateChanged
from metaplay.settings import Settings, settings
from metaplay.text import Text, UserError

_LOOK_EVERY, _WATCH_EVERY = 0.1, 1.0
"""Seconds between two looks at what has ended, and at what is lost."""
_DIED = "Its worker process died again and again. If the machine ran out of memory: {advice}."
_GONE = "The scheduler was lost; resume it to go on from its checkpoint."
_CONNECT_SECONDS = 15
_LEAVE_SECONDS = 3.0
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineInfo:
    """`device` is None until the first worker is warm; `workers` are there now, `running` and `queued` count runs of this engine."""

    device: str | None
    workers: int
    running: int
    queued: int


class Engine:
    """Trains runs in worker processes, `settings().workers` at a time; those that wait begin in turn (turns.py), which is the
    order they came where all are of one owner.

    One engine a server, shared by all threads. It knows no browser session: a run goes on until it ends or is stopped.
    Starts itself on first need, in the background. With METAPLAY_SCHEDULER set it uses that Dask cluster, else its own.
    """

    def __init__(self, chosen: Settings | None = None):
        self._settings = chosen or settings()
        self.store = RunStore(self._settings.runs)
        self._lock = threading.RLock()
        self._starting = threading.Lock()
        self._closed = threading.Event()
        self._client: Client | None = None
        self._cluster: SpecCluster | None = None
        most_each = self._settings.visitor_going if self._settings.visitors == "many" else None
        self._queue = Queue(self.store, self._settings.workers, most_each)
        self._going: dict[Job, Future] = {}
        # Runs that are not this engine's, and what is to be told when their processes are gone.
        self._others: dict[str, str] = {}
        self._asking = Asking(self.store.root)
        self._device: str | None = None
        self._watcher: threading.Thread | None = None
        self._teller: health.Teller | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        """Start the engine and wait for it; does nothing if it is there. Raises UserError if the scheduler does not answer."""
        with self._starting:
            if self._client or self._closed.is_set():
                return
            layout.bring_forward(self.store.root)
            client = self._connect()
            client.register_plugin(jobs.Warm())
            unended = [run for run in self.store.list() if not self.store.state(run).ended]
            with self._lock:
                free = [run for run in unended if not _holds(self._queue.jobs, run)]
                self._others = {run: self._others.get(run, marks.SERVER_ENDED) for run in free}
                self._client = client
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="engine watch", daemon=True)
                self._watcher.start()
                self._teller = health.Teller(self.store.root, lambda: asdict(self.info()))
        log.note("ready", workers=self._settings.workers, scheduler="own" if self._cluster else "given")
        self._fill()

    def submit(self, config: RunConfig, first: Command = "resume", owner: Owner = None) -> str:
        """Put a new run in the queue and return its name; with `first` "step" it takes one meta-step and pauses.

        Raises UserError if its folder cannot be written.
        """
        run = self.store.create(config, owners.files(owner))
        order(self.store, run, first)
        self._enqueue((run,))
        return run

    def submit_race(self, configs: Sequence[RunConfig], sweep: str | None = None, owner: Owner = None) -> str:
        """Put a new race in the queue and return its name: a run of each configuration, all trained by one worker in turn.

        Raises UserError as `racing.check` does, or if its folder cannot be written.
        """
        race = racing.create(self.store, configs, sweep, owner)
        self._enqueue(race.members)
        return race.name

    def control(self, run: str, command: Command, reason: str = "") -> None:
        """Pause, resume, single-step or stop a run; `resume` also takes up one that was stopped, failed or interrupted.

        `reason` is why it was stopped, where nobody asked for that. Raises UserError if there is no such run, or nothing of it
        to pause, step or resume.
        """
        self._control((run,), command, reason)

    def change(self, run: str, values: Mapping[str, float]) -> None:
        """Go on with other values of some settings (metaplay.config.changing), from the next meta-step on.

        Raises ConfigError where that is not allowed, and UserError if there is no such run or it is over.
        """
        self._check_not_over(run)
        control.change(self.store, run, values)

    def slow(self, run: str, pace: float | None) -> None:
        """At most `pace` meta-steps a second; None is full speed. Raises UserError if there is no such run or it is over."""
        self._check_not_over(run)
        control.slow(self.store, run, pace)

    def _check_not_over(self, run: str) -> None:
        if self.store.state(run).ended:
            raise UserError(
                Text("Run {run} is over: start a new one.", "训练 {run} 已结束：请重新开始一次训练。").fill(run=run)
            )

    def control_race(self, race: str, command: Command) -> None:
        """The same of all the runs of a race together."""
        self._control(racing.read(self.store, race).members, command)

    def _control(self, runs: Job, command: Command, reason: str = "") -> None:
        with self._lock:
            states = {run: self.store.state(run) for run in runs}
            # One that has ended may still have a process for a moment, which no longer listens.
            here = [run for run, state in states.items() if not state.ended and self._alive(run)]
            gone = [run for run, state in states.items() if run not in here and state.state != "finished"]
            again = tuple(gone) if command == "resume" else ()
            for run in (*here, *again):
                order(self.store, run, command, reason)
            if command == "stop":
                for run, state in states.items():
                    if not state.ended and (run not in here or _holds(self._queue.jobs, run)):
                        self._give_up(run, reason)
            elif again:
                self._enqueue(again)
            elif not here:
                raise UserError(
                    Text(
                        "Run {run} is {state}: there is nothing to {command}.",
                        "训练 {run} 的状态为 {state}：无法执行 {command}。",
                    ).fill(run=runs[0], state=states[runs[0]].state, command=command)
                )

    def _alive(self, run: str) -> bool:
        return _holds((*self._going, *self._queue.jobs), run) or going.alive(self.store.root, run)

    def _give_up(self, run: str, reason: str) -> None:
        """End a run that no process trains."""
        self._queue.leave(run)
        marks.stopped(self.store, run, reason)

    def ask(self, question: str, **arguments: Any) -> Any:
        """The answer to a question (metaplay.engine.answers), from a worker that has little to do; training goes on.

        Arguments and answers are plain. Raises UserError where the question does, or while no worker is there to answer.
        """
        return next(self.ask_each(question, [arguments]))

    def ask_each(self, question: str, several: Sequence[Arguments]) -> Iterator[Any]:
        """The answers to a question about several things, as `ask`; asked at once, each told as soon as those before it are."""
        self.start()
        with self._lock:
            client = self._client
        yield from self._asking.each(client, question, several)

    def queue(self) -> dict[str, Place]:
        """The runs that wait, each with its place, 1 is next, and when it will begin, as far as that can be told."""
        with self._lock:
            return self._queue.places(self._going)

    def held(self) -> tuple[list[Job], list[Job]]:
        """The jobs that train or are paused, and those that wait."""
        with self._lock:
            return list(self._going), list(self._queue.jobs)

    def info(self) -> EngineInfo:
        """The state of the engine; asks the workers for their device until one knows it."""
        with self._lock:
            client, running, queued = self._client, sum(map(len, self._going)), sum(map(len, self._queue.jobs))
        if client is None:
            return EngineInfo(None, 0, running, queued)
        try:
            threads = cast("dict[str, int]", client.nthreads())
            if self._device is None:
                found = cast("dict[str, str | None]", client.run(jobs.device, on_error="ignore"))
                self._device = next(filter(None, found.values()), None)
        except OSError:  # the scheduler is gone: the watch will notice
            threads = {}
        return EngineInfo(self._device, len(threads), running, queued)

    def close(self) -> None:
        """End the engine and its processes. Its runs write checkpoints, from which they can be resumed; on a cluster that was
        given they go on."""
        self._closed.set()
        if self._cluster:
            self._leave()
        with self._starting:
            client, cluster = self._let_go(marks.SERVER_ENDED)
            for part in (client, cluster):
                if part:
                    part.close()
        self._mark_broken()
        if self._teller:
            self._teller.close()
            self._teller = None
            log.note("closed")

    def _leave(self) -> None:
        """Have the runs that train write their checkpoints and go; what takes too long is broken off at its last checkpoint."""
        with self._lock:
            mine = _runs(self._going)
        for run in mine:
            with contextlib.suppress(UserError):  # deleted meanwhile, or a full disk
                order(self.store, run, "leave")
        end = time.monotonic() + _LEAVE_SECONDS
        while time.monotonic() < end and any(going.alive(self.store.root, run) for run in mine):
            time.sleep(0.02)
        self._note_ends(mine)

    def _let_go(self, reason: str) -> tuple[Client | None, SpecCluster | None]:
        with self._lock:
            parts = self._client, self._cluster
            waiting = _runs(self._queue.clear())
            for run in waiting:
                going.release(self.store.root, run)
            self._others |= dict.fromkeys((*_runs(self._going), *waiting), reason)
            self._going, self._client, self._cluster, self._device = {}, None, None, None
        return parts

    def _connect(self) -> Client:
        address = self._settings.scheduler
        if address is None:
            self._cluster = start_cluster(self._settings.workers)
            return Client(self._cluster, set_as_default=False)
        try:
            return Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except OSError as error:
            raise UserError(
                Text(
                    "No Dask scheduler answers at {address}: start one there or unset METAPLAY_SCHEDULER.",
                    "{address} 上没有 Dask 调度器响应：请在那里启动它，或取消设置 METAPLAY_SCHEDULER。",
                ).fill(address=address)
            ) from error

    def _enqueue(self, job: Job) -> None:
        with self._lock:
            for run in job:
                going.claim(self.store.root, run)
                self.store.append(run, StateChanged(state="queued"))
                log.of_run(self.store, run, "queued")
            self._queue.join(job)
            self._others = {other: reason for other, reason in self._others.items() if other not in job}
            started = self._client is not None
        if started:
            self._fill()
        else:
            threading.Thread(target=self._start_or_tell, name="engine start", daemon=True).start()

    def _start_or_tell(self) -> None:
        try:
            self.start()
        except Exception as error:
            with self._lock:
                waiting = self._queue.clear()
            for run in _runs(waiting):
                marks.failed(self.store, run, f"The engine could not start. {error}")

    def _fill(self) -> None:
        """Hand jobs to Dask while there is room.

        Dask itself would bind a waiting run to one busy worker at once, count that worker's deaths against it, and start
        the waiting ones out of order.
        """
        with self._lock:
            while self._client is not None and not self._closed.is_set() and (job := self._queue.next(self._going)):
                key = f"{job[0]}-{uuid4().hex}"
                future = self._client.submit(jobs.run_together, str(self.store.root), job, key=key)
                self._going[job] = future
                for run in job:
                    log.of_run(self.store, run, "started")

    def _done(self, job: Job, future: Future) -> None:
        with self._lock:
            if self._going.get(job) is not future:
                return
            del self._going[job]
            if future.status != "finished":  # it may go on all the same, if only the scheduler was lost
                self._others |= dict.fromkeys(job, _GONE)
            self._queue.ended(job)
        if future.status == "error":
            for run in job:
                self._failed(run, future.exception())
        if not self._closed.is_set():
            self._note_ends(job)
        self._fill()

    def _failed(self, run: str, error: object) -> None:
        """Tell why a run failed: now or, where the disk is full, once it no longer is."""
        if isinstance(error, KilledWorker):
            said = _DIED.format(advice=advice(self.store.config(run)).en)
        else:
            said = str(error) if isinstance(error, UserError) else f"{type(error).__name__}: {error}"
        if not marks.failed(self.store, run, said):
            with self._lock:
                self._others[run] = said

    def _note_ends(self, runs: Iterable[str]) -> None:
        for run in runs:
            with contextlib.suppress(UserError):  # deleted meanwhile
                log.of_run(self.store, run, self.store.state(run).state)

    def _watch(self) -> None:
        due = time.monotonic()
        while not self._closed.wait(_LOOK_EVERY):
            try:
                self._take_ended()
                if time.monotonic() >= due:
                    due = time.monotonic() + _WATCH_EVERY
                    self._look_for_lost()
            except Exception:
                # Whatever Dask raises while it falls apart: without a watch, lost runs would seem to go on for ever.
                logger.exception("The engine's watch goes on after an error.")

    def _take_ended(self) -> None:
        """Note what has ended. (Dask's callbacks need a pool of threads that is gone before the engine is closed.)"""
        with self._lock:
            ended = [(job, future) for job, future in self._going.items() if future.done()]
        for job, future in ended:
            self._done(job, future)

    def _look_for_lost(self) -> None:
        with self._starting:
            if self._client and self._client.status != "running":
                self._lose()
            elif self._cluster:
                replace_lost(self._cluster)
        self._mark_broken()

    def _lose(self) -> None:
        """Let go of a scheduler that is gone. Of an own one, what no worker has begun waits for the next."""
        logger.error("The Dask scheduler is gone; the engine starts anew when it is next needed.")
        with self._lock:
            mine = [*self._going, *self._queue.jobs] if self._cluster else []
        abandon(*self._let_go(_GONE))
        for job in mine:
            with contextlib.suppress(UserError):  # deleted meanwhile
                if all(self.store.state(run).state == "queued" for run in job):
                    self._enqueue(job)

    def _mark_broken(self) -> None:
        """Say in the log of a run that its process is gone: the page would show it as running for ever."""
        with self._lock:
            mine, waiting, others = _runs(self._going), _runs(self._queue.jobs), dict(self._others)
        for run in waiting:
            going.refresh(self.store.root, run)
        for run in mine:
            marks.broken(self.store, run, "Its worker process died; it goes on from its checkpoint.", marks.HELD)
        for run, reason in others.items():
            if marks.broken(self.store, run, reason, (*marks.HELD, "queued")):
                with self._lock:
                    self._others.pop(run, None)
        with self._lock:
            self._queue.tell(self._going)


def _runs(held: Iterable[Job]) -> list[str]:
    return [run for job in held for run in job]


def _holds(held: Iterable[Job], run: str) -> bool:
    return any(run in job for job in held)
