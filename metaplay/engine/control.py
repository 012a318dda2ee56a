"""What is asked of a run: go on, pause, take single steps, stop, slow down, go on with other values. A small file that its
process looks at between steps.

The file says what is wished for now, not what was clicked, so that it also holds for a process that takes the run over.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal, Self

from pydantic import TypeAdapter, ValidationError

from metaplay.config import changed
from metaplay.engine.store import RunStore, write_whole, writing

Command = Literal["pause", "resume", "step", "stop", "leave"]
"""`leave` is the server's own: write a checkpoint and let go of the run, which can be taken up from there."""
STEP_GAP = 1.0
"""Seconds that whoever asks for single steps takes to ask for the next."""


@dataclass(frozen=True)
class Wish:
    """`steps` counts the single steps that were ever asked for; the difference to what was seen before is still to be taken.

    `values` are settings that differ from what the run was started with; `pace` is the most meta-steps a second, None for full
    speed; `reason` is why it shall stop, where nobody asked for that.
    """

    state: Literal["run", "pause", "stop", "leave"] = "run"
    steps: int = 0
    values: dict[str, float] = field(default_factory=dict)
    pace: float | None = None
    reason: str = ""


_WISH = TypeAdapter(Wish)


def order(store: RunStore, run: str, command: Command, reason: str = "") -> None:
    """Ask something of a run; `step` is one meta-step and then a pause. Raises UserError if it cannot be written."""
    before = wished(store, run)
    if command == "step":
        _write(store, run, replace(before, state="pause", steps=before.steps + 1))
    else:
        _write(store, run, replace(before, state="run" if command == "resume" else command, reason=reason))


def change(store: RunStore, run: str, values: Mapping[str, float]) -> None:
    """Ask that the run go on with other values of some settings. Raises ConfigError, and asks nothing, where it may not."""
    before = wished(store, run)
    values = {**before.values, **values}
    changed(store.config(run), values)
    _write(store, run, replace(before, values=values))


def slow(store: RunStore, run: str, pace: float | None) -> None:
    """Ask that the run do at most `pace` meta-steps a second; None is full speed."""
    _write(store, run, replace(wished(store, run), pace=pace))


def wished(store: RunStore, run: str) -> Wish:
    """What is wished for now. Raises UserError if there is no such run."""
    return _read(_path(store, run))


class Orders:
    """The worker's side: what was wished for when it last took a `look`, which costs one `stat` while nothing new was asked.

    Single steps that were asked for before count as taken, but for a `fresh` run, which nobody has trained yet.
    """

    def __init__(self, store: RunStore, run: str, fresh: bool = False):
        self._path = _path(store, run)
        self._mark: tuple[int, int] | None = None
        self._wish = Wish(steps=0 if fresh else _read(self._path).steps)
        self._owed = 0

    def look(self) -> Self:
        """See what is wished for now."""
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return self
        mark = (found.st_mtime_ns, found.st_ino)
        if mark != self._mark:
            wish = _read(self._path)
            self._owed = self._owed + wish.steps - self._wish.steps if wish.state == "pause" else 0
            self._mark, self._wish = mark, wish
        return self

    @property
    def state(self) -> Literal["run", "pause", "stop", "leave"]:
        return self._wish.state

    @property
    def values(self) -> dict[str, float]:
        """The settings that differ from what the run was started with."""
        return self._wish.values

    @property
    def pace(self) -> float | None:
        """The most meta-steps a second; None is full speed."""
        return self._wish.pace

    @property
    def reason(self) -> str:
        """Why the run shall stop, where nobody asked for that."""
        return self._wish.reason

    @property
    def gap(self) -> float:
        """Seconds from one meta-step to the next, in which it can be looked at: none at full speed."""
        if self._wish.state == "pause":
            return STEP_GAP
        return 1 / self._wish.pace if self._wish.pace else 0.0

    def pause(self) -> bool:
        """Whether to wait now: a pause is wished for and no single step is still to be taken."""
        return self.state == "pause" and self._owed == 0

    def stepped(self) -> None:
        """A meta-step was taken."""
        self._owed = max(0, self._owed - 1)


def _path(store: RunStore, run: str) -> Path:
    return store.path(run) / "orders.json"


def _write(store: RunStore, run: str, wish: Wish) -> None:
    path = _path(store, run)
    with writing(path.parent):
        write_whole(path, json.dumps(asdict(wish)).encode())


def _read(path: Path) -> Wish:
    """What the file says; where it is damaged, that nothing was ever asked."""
    try:
        return _WISH.validate_json(path.read_bytes()) if path.exists() else Wish()
    except ValidationError:
        return Wish()
