"""What is asked of a run: go on, pause, take single steps, stop. A small file that its process looks at between steps.

The file says what is wished for now, not what was clicked, so that it also holds for a process that takes the run over.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from metaplay.engine.store import RunStore, write_whole, writing

Command = Literal["pause", "resume", "step", "stop"]


@dataclass(frozen=True)
class Wish:
    """`steps` counts the single steps that were ever asked for; the difference to what was seen before is still to be taken."""

    state: Literal["run", "pause", "stop"] = "run"
    steps: int = 0


def order(store: RunStore, run: str, command: Command) -> None:
    """Ask something of a run; `step` is one meta-step and then a pause. Raises UserError if it cannot be written."""
    path = _path(store, run)
    steps = _read(path).steps
    wishes = {"pause": Wish("pause", steps), "resume": Wish("run", steps), "stop": Wish("stop", steps)}
    wish = wishes.get(command, Wish("pause", steps + 1))
    with writing(path.parent):
        write_whole(path, json.dumps(asdict(wish)).encode())


class Orders:
    """The worker's side: a look costs one `stat` while nothing new was asked.

    Single steps that were asked for before count as taken, but for a `fresh` run, which nobody has trained yet.
    """

    def __init__(self, store: RunStore, run: str, fresh: bool = False):
        self._path = _path(store, run)
        self._mark: tuple[int, int] | None = None
        self._wish = Wish(steps=0 if fresh else _read(self._path).steps)
        self._owed = 0

    @property
    def state(self) -> Literal["run", "pause", "stop"]:
        """What is wished for now."""
        self._look()
        return self._wish.state

    def pause(self) -> bool:
        """Whether to wait now: a pause is wished for and no single step is still to be taken."""
        return self.state == "pause" and self._owed == 0

    def stepped(self) -> None:
        """A meta-step was taken."""
        self._owed = max(0, self._owed - 1)

    def _look(self) -> None:
        try:
            found = os.stat(self._path)
        except FileNotFoundError:
            return
        mark = (found.st_mtime_ns, found.st_ino)
        if mark != self._mark:
            wish = _read(self._path)
            self._owed = self._owed + wish.steps - self._wish.steps if wish.state == "pause" else 0
            self._mark, self._wish = mark, wish


def _path(store: RunStore, run: str) -> Path:
    return store.path(run) / "orders.json"


def _read(path: Path) -> Wish:
    return Wish(**json.loads(path.read_bytes())) if path.exists() else Wish()
