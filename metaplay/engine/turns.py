"""Whose turn it is: the order in which waiting runs begin, fair between their owners, and when that will be, about. No torch.

Start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996), every job counted as long as any other: a job gets a tag when it
comes, one more than its owner's last, or the tag that is being served, if that is greater; the smallest tag begins next. So owners
take turns, one who has just come waits for at most a job of each of the others, and nobody is passed for ever. With a single owner
it is first come, first served.
"""

import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from metaplay.engine.owners import Owner
from metaplay.engine.store import write_whole

_FILE = ".queue.json"
Job = tuple[str, ...]
"""The runs that one worker trains in turn: a single one, or those of a race."""


class Held(NamedTuple):
    """A job that waits or trains, whose it is, and the seconds that it still takes: infinite where nobody knows."""

    job: Job
    owner: Owner
    seconds: float


class Turns:
    """The tags of the jobs that wait, by their runs."""

    def __init__(self) -> None:
        self._serving = 0
        self._last: dict[Owner, int] = {}
        self._tags: dict[str, int] = {}

    def join(self, job: Job, owner: Owner) -> None:
        """The job waits from now on."""
        tag = max(self._serving, self._last.get(owner, -1) + 1)
        self._last[owner] = tag
        self._tags |= dict.fromkeys(job, tag)

    def begin(self, job: Job) -> None:
        """The job's turn has come."""
        self._serving = max(self._serving, self._tags[job[0]])
        self._last = {owner: tag for owner, tag in self._last.items() if tag >= self._serving}
        self.leave(job)

    def leave(self, job: Job) -> None:
        """These runs no longer wait."""
        for run in job:
            self._tags.pop(run, None)

    def order(self, waiting: Sequence[Job]) -> list[Job]:
        """Jobs, given in the order in which they came, in that of their turns."""
        return sorted(waiting, key=lambda job: self._tags[job[0]])


def first_able(waiting: Sequence[Owner], going: Sequence[Owner], most: int | None) -> int | None:
    """The place of the first that may begin: whose owner has not yet `most` going. The host may always."""
    for place, owner in enumerate(waiting):
        if owner is None or most is None or going.count(owner) < most:
            return place
    return None


def plan(waiting: Sequence[Held], going: Sequence[Held], workers: int, most: int | None) -> dict[Job, float]:
    """The waiting jobs, given in the order of their turns, in that in which they will begin, each with the seconds until then."""
    now, rest, busy, planned = 0.0, list(waiting), list(going), dict[Job, float]()
    while rest:
        free = len(busy) < max(1, workers)
        place = first_able([one.owner for one in rest], [one.owner for one in busy], most) if free else None
        if place is None:
            ends = min(busy, key=lambda one: one.seconds)
            busy.remove(ends)
            now = max(now, ends.seconds)
            continue
        begins = rest.pop(place)
        planned[begins.job] = now
        busy.append(begins._replace(seconds=now + begins.seconds))
    return planned


class Place(NamedTuple):
    """Of a run that waits: its place, 1 is next, and the seconds until it begins, about; None where nobody knows."""

    place: int
    seconds: float | None


def places(planned: Mapping[Job, float]) -> dict[str, Place]:
    """What a plan says of each run."""
    return {
        run: Place(number, seconds if math.isfinite(seconds) else None)
        for number, (job, seconds) in enumerate(planned.items(), 1)
        for run in job
    }


def tell(root: Path, found: Mapping[str, Place]) -> None:
    """Write down how runs wait, for other processes. (They take it for so only of a run that is waiting.)"""
    write_whole(root / _FILE, json.dumps(found).encode(), settled=False)


def told(root: Path) -> dict[str, Place]:
    """How the runs of a folder wait, as the engine that trains them wrote it down."""
    try:
        return {run: Place(*values) for run, values in json.loads((root / _FILE).read_bytes()).items()}
    except FileNotFoundError:
        return {}
