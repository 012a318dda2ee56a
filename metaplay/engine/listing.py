"""All runs at a glance, fast however many there are: each log is read again only once it has grown. No torch."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock

from metaplay.config import RunConfig
from metaplay.engine import going, labels, marks
from metaplay.engine.labels import Label
from metaplay.engine.store import Events, RunState, RunStore, stands
from metaplay.events import Evaluated, Probe, Progress, RunEnded, RunStarted, from_lines
from metaplay.text import UserError

POINTS = 40
"""Points of a curve, at most."""
_TYPE_WITHIN = 64
"""Bytes from the start of a line within which its type stands."""

Mark = tuple[int, int]


@dataclass(frozen=True)
class Listed:
    """A run in a list. `tested` is its result on held-out test tasks, None before it has one."""

    run: str
    config: RunConfig
    state: RunState
    tested: Evaluated | None
    label: Label


class Listing:
    """The runs of a store, for lists. Any number of threads may ask."""

    def __init__(self, store: RunStore):
        self._store, self._lock = store, Lock()
        self._configs: dict[str, RunConfig] = {}
        self._ends: dict[str, tuple[Mark, RunState, Evaluated | None]] = {}
        self._curves: dict[str, _Curve] = {}

    def rows(self) -> list[Listed]:
        """All runs that can be read, newest first."""
        names = self._store.list()
        with self._lock:
            for held in (self._configs, self._ends, self._curves):
                for gone in held.keys() - set(names):
                    del held[gone]
            return [row for name in names if (row := self._row(name))]

    def curve(self, run: str) -> list[float]:
        """How the run did on its probe tasks, adapted, over its training: accuracy or loss, at most POINTS values in order.

        Raises UserError where there is no such run.
        """
        log = self._log(run)
        with self._lock:
            curve = self._curves.setdefault(run, _Curve())
            if _mark(log) != (0, 0):
                curve.read(log)
            return thinned([value for _, value in curve.points])

    def _row(self, run: str) -> Listed | None:
        try:
            if run not in self._configs:
                self._configs[run] = self._store.config(run)
            state, tested = self._end(run)
            return Listed(
                run, self._configs[run], _alive(self._store, run, state), tested, labels.read(self._store, run)
            )
        except UserError:  # deleted just now, or written by a version with other settings
            return None

    def _end(self, run: str) -> tuple[RunState, Evaluated | None]:
        now = _mark(self._log(run))
        held = self._ends.get(run)
        if held is None or held[0] != now:
            events = self._store.ending(run, _tell_result)
            tested = [event for event in events if isinstance(event, Evaluated) and event.split == "test"]
            held = self._ends[run] = now, stands(events), tested[-1] if tested else None
        return held[1], held[2]

    def _log(self, run: str) -> Path:
        return self._store.path(run) / "events.jsonl"


def standing(store: RunStore, run: str) -> RunState:
    """How the run stands; one whose process is gone without a word is interrupted."""
    return _alive(store, run, store.state(run))


def _alive(store: RunStore, run: str, state: RunState) -> RunState:
    gone = state.state in marks.HELD and not going.alive(store.root, run)
    return replace(state, state="interrupted") if gone else state


@dataclass
class _Curve:
    """The probes of a log as far as it was read: (meta-step, value) after the last inner step."""

    offset: int = 0
    points: list[tuple[int, float]] = field(default_factory=list)

    def read(self, log: Path) -> None:
        with log.open("rb") as file:
            file.seek(self.offset)
            data = file.read()
        whole = data.rfind(b"\n") + 1
        self.offset += whole
        for event in from_lines(b"\n".join(_lines(data[:whole]))):
            if isinstance(event, RunStarted):  # it goes on from a checkpoint: what came after that is run again
                last = -1 if event.resumed_from is None else event.resumed_from
                self.points = [point for point in self.points if point[0] <= last]
            elif isinstance(event, Probe):
                self.points.append((event.step, (event.accuracy or event.loss)[-1]))


def _lines(data: bytes) -> Iterator[bytes]:
    for line in data.splitlines():
        head = line[:_TYPE_WITHIN]
        if b'"type":"probe",' in head or b'"type":"started",' in head:
            yield line


def _tell_result(events: Events) -> bool:
    """Whether these last events of a log tell how the run stands, and, of a finished one, its result."""
    if any(isinstance(event, RunEnded) and event.status == "finished" for event in events):
        return any(isinstance(event, Evaluated) for event in events)
    return any(isinstance(event, Progress | RunStarted | RunEnded) for event in events)


def thinned(values: list[float], most: int = POINTS) -> list[float]:
    """At most `most` of the values, evenly, the first and the last among them."""
    last = len(values) - 1
    if last < most:
        return values
    return [values[round(place * last / (most - 1))] for place in range(most)]


def _mark(log: Path) -> Mark:
    """What changes with every event: size and time of the log; (0, 0) before the first."""
    try:
        found = log.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
