"""The worker's side of a run: trains it, writes its log and its checkpoints, and does what is asked of it meanwhile.

This and checkpoint.py are the only files of the engine that import torch.
"""

import math
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from metaplay.config import defaults, no_room, revise
from metaplay.engine import moments
from metaplay.engine.checkpoint import goes_on_from, save_checkpoint, save_moment
from metaplay.engine.control import Orders
from metaplay.engine.going import Pulse
from metaplay.engine.interrupt import Interrupter
from metaplay.engine.marks import SERVER_ENDED
from metaplay.engine.room import within_memory
from metaplay.engine.store import RunState, RunStore
from metaplay.events import Checkpointed, Event, Paced, Probe, RunEnded, StateChanged
from metaplay.host import cores
from metaplay.text import UserError
from metaplay.training import Snapshot, Training, train
from metaplay.training.device import best_device, device_name, out_of_memory, use_threads
from metaplay.training.train import Stepped, told

RECORD_EVERY = 0.2
"""Seconds of meta-steps that go into one Progress record of the log."""
CHECKPOINT_EVERY = 10.0
"""Seconds of training that a killed worker can cost."""
_KEEP_EVERY = 0.5
"""Seconds of training that a stop in the middle of a long meta-step can cost."""
_LOOK_EVERY = 0.05
"""Seconds between two looks at the orders, while paused and, of a run by itself, while it goes."""

_ENDS = ("stop", "leave")


class _Stopped(BaseException):
    """The run was asked to stop, or to be let go of. No Exception, for it may be raised anywhere in the training, which must not catch it."""


def run_job(root: str, run: str, seconds: float = math.inf) -> None:
    """Train the run until it ends, is stopped or fails; goes on from its checkpoint if it has one.

    After `seconds` of training in all it ends early, with an evaluation, as if it were that long.
    Never raises for what goes wrong in the run: that is told by its last event, and by `error.txt` in its folder.
    """
    run_together(root, [run], seconds)


def run_together(root: str, runs: Sequence[str], seconds: float = math.inf) -> None:
    """Train several runs as `run_job` does one, a meta-step of each in turn. Each one's time is its own steps' alone."""
    store = RunStore(Path(root))
    states = {run: store.state(run) for run in runs}
    probed: dict[int, bool] | None = {} if len(runs) > 1 else None
    # One that has ended: Dask lost the result, with the worker that held it, and asks for it again.
    going = [_Job(store, run, state, seconds, probed).turns() for run, state in states.items() if not state.ended]
    with within_memory():
        while going:
            moved = [next(turns, None) for turns in going]
            going = [turns for turns, more in zip(going, moved, strict=True) if more is not None]
            if going and not any(moved):
                time.sleep(_LOOK_EVERY)


def warm() -> str:
    """Do everything once that is slow the first time, and return the name of the device that runs train on."""
    for _ in train(revise(defaults("maml", "sinusoid"), {"steps": 2, "eval_tasks": 2})):
        pass
    return device_name(best_device())


class _Job:
    def __init__(self, store: RunStore, run: str, before: RunState, limit: float, probed: dict[int, bool] | None):
        self._store, self._run, self._limit, self._probed = store, run, limit, probed
        self._pulse = Pulse(store.root, run)
        self._orders = Orders(store, run, fresh=before.step == 0)
        self._pace: float | None = None
        self._died = before.state in ("preparing", "running", "paused")
        self._step, self._seconds = before.step, before.seconds
        self._pending: list[Stepped] = []
        self._recorded = self._began = self._looked = -math.inf
        self._kept: Snapshot | None = None
        self._kept_at = self._written_at = time.monotonic()
        self._written = -1
        self._sharing = 0

    def turns(self) -> Iterator[bool]:
        """Train; comes back after every meta-step (True), and again and again while the run is held (False)."""
        with self._pulse:
            try:
                yield from self._train()
            except UserError as error:
                self._fail(str(error))
            except Exception as error:
                (self._store.path(self._run) / "error.txt").write_text(traceback.format_exc())
                if out_of_memory(error):
                    traceback.clear_frames(error.__traceback__)  # the tensors of the step that was too large
                    self._write()
                    self._fail(no_room(self._store.config(self._run)).en)
                else:
                    self._fail(f"{type(error).__name__}: {error}")

    def _train(self) -> Iterator[bool]:
        if self._died:
            self._log(
                StateChanged(state="interrupted", reason="Its worker process died; it goes on from its checkpoint.")
            )
        self._share_cores()
        try:
            training = train(self._store.config(self._run), self._checkpoint(), self._preparing, self._probed)
            self._keep(training)
            moments.forget(self._store, self._run, training.step)
            if moments.due(training.step, training.config.steps):
                self._moment(training)
            with Interrupter(self._stop_wished(), _Stopped) as breaker:
                while turn := self._next(training, breaker):
                    stepped = isinstance(turn, Stepped)
                    if stepped and self._passes(turn, training):
                        yield True
                        continue
                    self._take(turn, training)
                    training.leisure = self._orders.look().gap
                    if stepped and training.leisure and training.probe_due():
                        continue  # what is measured after a step is seen with it, also where a pause follows
                    if isinstance(turn, Stepped | Probe):
                        yield from self._dawdle()
                    yield from self._obey(training)
                    if isinstance(turn, Stepped | Probe):
                        yield True
        except _Stopped:
            self._write()
            if self._orders.look().state == "leave":
                self._log(StateChanged(state="interrupted", reason=SERVER_ENDED))
                return
            seconds = self._kept.meta["seconds"] if self._kept else 0.0
            reason, step = self._orders.look().reason, self._kept.step if self._kept else 0
            self._end(RunEnded(status="stopped", reason=reason, step=step, seconds=seconds))

    def _stop_wished(self) -> Callable[[], bool]:
        orders = Orders(self._store, self._run)  # its own: it is looked at from another thread
        return lambda: orders.look().state in _ENDS

    def _next(self, training: Training, breaker: Interrupter) -> Stepped | Event | None:
        with breaker.inside():
            return next(training.turns, None)

    def _passes(self, stepped: Stepped, training: Training) -> bool:
        """Note a meta-step; whether there is nothing else to do after it. Were all done after each that is done now and then, it
        would take more of a small network's time than the probes.

        Runs of a race look at their orders after every one, to keep abreast where they are paused, and so does one that is not at
        full speed.
        """
        self._pending.append(stepped)
        self._step, self._seconds = stepped.step, stepped.seconds
        if moments.due(stepped.step, training.config.steps):
            self._moment(training)
        now = time.monotonic()
        if self._probed is None and not self._orders.gap and now - self._looked < _LOOK_EVERY:
            return True
        self._looked = now
        return False

    def _fail(self, reason: str) -> None:
        self._end(RunEnded(status="failed", reason=reason, step=self._step, seconds=self._seconds))

    def _checkpoint(self) -> Snapshot | None:
        self._kept, earlier = goes_on_from(self._store, self._run)
        if self._kept:
            self._step = self._kept.step
            self._written = -1 if earlier else self._step
        if earlier:
            reason = f"Its checkpoint is damaged; it goes on from its state after {self._step:,} meta-steps."
            self._log(StateChanged(state="interrupted", reason=reason))
        return self._kept

    def _preparing(self, done: float) -> None:
        if self._orders.look().state in _ENDS:
            raise _Stopped
        if done == 1 or time.monotonic() - self._recorded > RECORD_EVERY:
            self._recorded = time.monotonic()
            self._log(StateChanged(state="preparing", done=done))

    def _take(self, turn: Stepped | Event, training: Training) -> None:
        match turn:
            case Stepped():
                self._orders.stepped()
                if self._seconds >= self._limit:
                    training.finish()
                now = time.monotonic()
                if now - self._recorded > RECORD_EVERY:
                    self._record()
                if now - self._written_at > CHECKPOINT_EVERY:
                    self._save(training)
                elif now - self._kept_at > _KEEP_EVERY:
                    self._keep(training)
            case RunEnded():
                self._save(training)
                early = turn.status == "finished" and self._seconds >= self._limit
                reason = f"Ended after {self._limit:g} s of training, as asked." if early else turn.reason
                self._end(turn.model_copy(update={"reason": reason}))
            case _:
                self._record()
                self._log(turn)

    def _obey(self, training: Training) -> Iterator[bool]:
        self._share_cores()
        if self._orders.pause():
            self._save(training)
            self._log(StateChanged(state="paused"))
            yield from self._wait(training)
        if self._orders.state in _ENDS:
            self._keep(training)
            raise _Stopped
        self._adopt(training)

    def _adopt(self, training: Training) -> None:
        """Go on with the values and at the pace that are wished for now."""
        if self._pace != self._orders.pace:
            self._pace = self._orders.pace
            self._log(Paced(pace=self._pace))
        if event := training.change(self._orders.values):
            self._take(event, training)

    def _dawdle(self) -> Iterator[bool]:
        """Slow motion: wait until the next meta-step is due, unless a pause or the end is asked for meanwhile."""
        while time.monotonic() - self._began < self._orders.gap and self._orders.state == "run":
            self._record()
            yield False
            self._orders.look()
        self._began = time.monotonic()

    def _wait(self, training: Training) -> Iterator[bool]:
        self._pulse.training(False)
        while self._orders.pause():
            self._adopt(training)
            yield False
            self._orders.look()
        self._pulse.training(True)
        if self._orders.state == "run":
            self._log(StateChanged(state="running"))

    def _share_cores(self) -> None:
        """Two runs that each use all the cores slow each other down many times over."""
        if self._pulse.sharing != self._sharing:
            self._sharing = self._pulse.sharing
            use_threads(self._store.config(self._run), cores() // self._sharing)

    def _keep(self, training: Training) -> None:
        """Hold the state after the last meta-step: what is left of the run if it is broken off in the middle of the next."""
        self._kept, self._kept_at = training.snapshot(), time.monotonic()

    def _moment(self, training: Training) -> None:
        """Keep the state as it is now for those who look at the training later."""
        save_moment(self._store, self._run, training.snapshot())

    def _save(self, training: Training) -> None:
        self._keep(training)
        self._write()

    def _write(self) -> None:
        """Write the state that is held to the checkpoint, unless it is that already."""
        self._record()
        self._written_at = time.monotonic()
        if self._kept and self._kept.step != self._written:
            save_checkpoint(self._store, self._run, self._kept)
            self._written = self._kept.step
            self._log(Checkpointed(step=self._written))

    def _record(self) -> None:
        if self._pending:
            self._log(told(self._pending))
            self._pending.clear()
            self._recorded = time.monotonic()

    def _end(self, event: RunEnded) -> None:
        self._record()
        self._log(event)

    def _log(self, event: Event) -> None:
        self._store.append(self._run, event)
