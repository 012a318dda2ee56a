"""What the things of visitors take on the disk, and making room: the oldest runs that are not pinned go first. No torch.

The host's own runs and data sets (owners.py) are neither counted nor ever deleted.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from metaplay.engine import going, labels, owners
from metaplay.engine.owners import Owner
from metaplay.engine.store import RunStore
from metaplay.owndata import about, storing
from metaplay.text import UserError


class Thing(NamedTuple):
    """A run or a data set of a visitor, its bytes, and whether it is a run."""

    name: str
    owner: Owner
    size: int
    run: bool = True


class Taken:
    """The sizes of all runs of visitors; one is measured again only once its log has grown."""

    def __init__(self, store: RunStore):
        self._store = store
        self._sizes: dict[str, tuple[tuple[int, int], int]] = {}

    def things(self) -> list[Thing]:
        """All runs and data sets of visitors, in the order in which they go where there is no room."""
        return [*self._runs(), *_sets()]

    def _runs(self) -> list[Thing]:
        names = sorted(self._store.list())
        for gone in self._sizes.keys() - set(names):
            del self._sizes[gone]
        found = []
        for run in names:
            with contextlib.suppress(UserError):  # deleted just now
                if owner := owners.of(self._store, run):
                    found.append(Thing(run, owner, self._size(run)))
        return found

    def _size(self, run: str) -> int:
        folder = self._store.path(run)
        mark = _mark(folder / "events.jsonl")
        held = self._sizes.get(run)
        if held is None or held[0] != mark:
            held = self._sizes[run] = mark, size(folder)
        return held[1]

    def make_room(self, most: int) -> list[str]:
        """Delete runs that have ended and are not pinned, and then data sets, the oldest first, until all take less than `most`
        bytes; what was deleted."""
        things = self.things()
        every, deleted = sum(thing.size for thing in things), []
        for thing in things:
            if every < most:
                break
            with contextlib.suppress(UserError):  # gone just now, or it goes on
                if not thing.run:
                    storing.remove(thing.name)
                elif self._may_go(thing.name):
                    self._store.delete(thing.name)
                else:
                    continue
                every -= thing.size
                deleted.append(thing.name)
        return deleted

    def _may_go(self, run: str) -> bool:
        ended = self._store.state(run).state not in ("queued", "preparing", "running", "paused")
        return ended and not labels.read(self._store, run).pinned and not going.alive(self._store.root, run)


def size(folder: Path) -> int:
    """Bytes of all files in a folder; of those that go meanwhile, none."""
    return sum(entry for entry in _sizes(folder))


def _sizes(folder: Path) -> Iterator[int]:
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                yield from _sizes(Path(entry.path))
            else:
                with contextlib.suppress(FileNotFoundError):
                    yield entry.stat(follow_symlinks=False).st_size


def _sets() -> list[Thing]:
    """The data sets of visitors, from the oldest on."""
    folders = [about.root() / name for name in about.names()]
    owned = [(folder, owner) for folder in folders if (owner := owners.read(folder))]
    things = [
        (_mark(folder / "about.json")[1], Thing(folder.name, owner, size(folder), False)) for folder, owner in owned
    ]
    return [thing for _, thing in sorted(things, key=lambda pair: pair[0])]


def _mark(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except FileNotFoundError:
        return 0, 0
    return found.st_size, found.st_mtime_ns
