"""The engine as pages and tests see it: hand in a run, ask things of it, see the queue. No torch in this process."""

import contextlib
import logging
import threading
from dataclasses import dataclass
from typing import Any, Self, cast
from uuid import uuid4

from distributed import Client, Future, KilledWorker, SpecCluster

from metaplay.config import RunConfig
from metaplay.engine import going, jobs
from metaplay.engine.cluster import abandon, start_cluster
from metaplay.engine.control import Command, order
from metaplay.engine.store import RunStore
from metaplay.events import RunEnded, StateChanged
from metaplay.settings import Settings, settings
from metaplay.text import Text, UserError

_WATCH_EVERY = 1.0
_CONNECT_SECONDS = 15
_HELD = ("preparing", "running", "paused")
"""States of a run that has a process."""
logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EngineInfo:
    """`device` is None until the first worker is warm; `workers` are there now, `running` and `queued` count runs of this engine."""

    device: str | None
    workers: int
    running: int
    queued: int


class Engine:
    """Trains runs in worker processes, `settings().workers` at a time; those that wait begin in the order they came.

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
        self._waiting: list[str] = []
        self._going: dict[str, Future] = {}
        self._others: list[str] = []
        self._device: str | None = None
        self._watcher: threading.Thread | None = None

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
            client = self._connect()
            client.register_plugin(jobs.Warm())
            unended = [run for run in self.store.list() if not self.store.state(run).ended]
            with self._lock:
                self._others = [run for run in unended if run not in self._waiting]
                self._client = client
            if self._watcher is None:
                self._watcher = threading.Thread(target=self._watch, name="engine watch", daemon=True)
                self._watcher.start()
        self._fill()

    def submit(self, config: RunConfig, first: Command = "resume") -> str:
        """Put a new run in the queue and return its name; with `first` "step" it takes one meta-step and pauses.

        Raises UserError if its folder cannot be written.
        """
        run = self.store.create(config)
        order(self.store, run, first)
        self._enqueue(run)
        return run

    def control(self, run: str, command: Command) -> None:
        """Pause, resume, single-step or stop a run; `resume` also takes up one that was stopped, failed or interrupted.

        Raises UserError if there is no such run, or nothing of it to pause, step or resume.
        """
        with self._lock:
            state, waiting = self.store.state(run), run in self._waiting
            # One that has ended may still have a process for a moment, which no longer listens.
            here = not state.ended and (run in self._going or going.alive(self.store.root, run))
            if here or waiting:
                order(self.store, run, command)
                if waiting and command == "stop":
                    self._waiting.remove(run)
                    going.release(self.store.root, run)
                    self.store.append(run, RunEnded(status="stopped", step=state.step, seconds=state.seconds))
            elif command == "resume" and state.state != "finished":
                order(self.store, run, command)
                self._enqueue(run)
            elif command == "stop" and not state.ended:
                self.store.append(run, RunEnded(status="stopped", step=state.step, seconds=state.seconds))
            elif command != "stop":
                raise UserError(
                    Text(
                        "Run {run} is {state}: there is nothing to {command}.",
                        "训练 {run} 的状态为 {state}：无法执行 {command}。",
                    ).fill(run=run, state=state.state, command=command)
                )

    def ask(self, question: str, **arguments: Any) -> Any:
        """The answer to a question (metaplay.engine.answers), from the worker that has the least to do; training goes on.

        Arguments and answers are plain. Raises UserError where the question does, or while no worker is there to answer.
        """
        self.start()
        with self._lock:
            client = self._client
        try:
            busy = cast("dict[str, Any]", client.processing()) if client else {}
            if client and busy:
                worker = min(sorted(busy), key=lambda address: len(busy[address]))
                answers = client.run(jobs.answer, str(self.store.root), question, arguments, workers=[worker])
                return cast("dict[str, Any]", answers)[worker]
        except OSError as error:
            logger.warning("A question was not answered: %s", error)
        raise UserError(
            Text("The engine is not there to answer: try again in a moment.", "引擎暂时无法应答：请稍后再试。")
        )

    def queue(self) -> dict[str, int]:
        """The runs that wait, each with its place: 1 is next."""
        with self._lock:
            return {run: place for place, run in enumerate(self._waiting, 1)}

    def info(self) -> EngineInfo:
        """The state of the engine; asks the workers for their device until one knows it."""
        with self._lock:
            client, running, queued = self._client, len(self._going), len(self._waiting)
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
        """End the engine and its processes. Its runs can be resumed; on a cluster of its own they are broken off."""
        self._closed.set()
        with self._starting:
            client, cluster = self._let_go()
            for part in (client, cluster):
                if part:
                    part.close()
        self._mark_broken()

    def _let_go(self) -> tuple[Client | None, SpecCluster | None]:
        with self._lock:
            parts = self._client, self._cluster
            for run in self._waiting:
                going.release(self.store.root, run)
            self._others += [*self._going, *self._waiting]
            self._going, self._waiting, self._client, self._cluster, self._device = {}, [], None, None, None
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

    def _enqueue(self, run: str) -> None:
        with self._lock:
            going.claim(self.store.root, run)
            self.store.append(run, StateChanged(state="queued"))
            self._waiting.append(run)
            self._others = [other for other in self._others if other != run]
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
                waiting, self._waiting = self._waiting, []
            for run in waiting:
                self._end(run, f"The engine could not start. {error}")

    def _fill(self) -> None:
        """Hand runs to Dask while there is room.

        Dask itself would bind a waiting run to one busy worker at once, count that worker's deaths against it, and start
        the waiting ones out of order.
        """
        with self._lock:
            # A run that was resumed the moment it ended waits for its last process.
            for run in [run for run in self._waiting if run not in self._going]:
                if self._client is None or len(self._going) >= self._settings.workers:
                    return
                self._waiting.remove(run)
                future = self._client.submit(jobs.run_job, str(self.store.root), run, key=f"{run}-{uuid4().hex}")
                self._going[run] = future
                future.add_done_callback(lambda done, run=run: self._done(run, done))

    def _done(self, run: str, future: Future) -> None:
        with self._lock:
            if self._going.get(run) is not future:
                return
            del self._going[run]
            if future.status != "finished":  # it may go on all the same, if only the scheduler was lost
                self._others.append(run)
        if future.status == "error":
            error = future.exception()
            dead = isinstance(error, KilledWorker)
            self._end(run, "Its worker process died again and again." if dead else f"{type(error).__name__}: {error}")
        self._fill()

    def _end(self, run: str, reason: str) -> None:
        going.release(self.store.root, run)
        state = self.store.state(run)
        with contextlib.suppress(UserError):  # a full disk: there is nowhere to tell it
            self.store.append(run, RunEnded(status="failed", reason=reason, step=state.step, seconds=state.seconds))

    def _watch(self) -> None:
        while not self._closed.wait(_WATCH_EVERY):
            try:
                with self._starting:
                    if self._client and self._client.status != "running":
                        self._lose()
                self._mark_broken()
            except Exception:
                # Whatever Dask raises while it falls apart: without a watch, lost runs would seem to go on for ever.
                logger.exception("The engine's watch goes on after an error.")

    def _lose(self) -> None:
        logger.error("The Dask scheduler is gone; the engine starts anew when it is next needed.")
        abandon(*self._let_go())

    def _mark_broken(self) -> None:
        """Say in the log of a run that its process is gone: the page would show it as running for ever."""
        with self._lock:
            mine, waiting, others = list(self._going), list(self._waiting), list(self._others)
        for run in waiting:
            going.refresh(self.store.root, run)
        for run in mine:
            self._mark(run, "Its worker process died; it goes on from its checkpoint.", _HELD)
        for run in others:
            if self._mark(run, "The server ended; resume it to go on from its checkpoint.", (*_HELD, "queued")):
                with self._lock, contextlib.suppress(ValueError):
                    self._others.remove(run)

    def _mark(self, run: str, reason: str, states: tuple[str, ...]) -> bool:
        """Mark a run that stands in one of `states` with no process to it; False while it has one."""
        try:
            state = self.store.state(run)
            if not state.ended and going.alive(self.store.root, run):
                return False
            if state.state in states:
                self.store.append(run, StateChanged(state="interrupted", reason=reason))
        except UserError as error:  # deleted meanwhile, or a full disk
            logger.warning("%s", error)
        return True
