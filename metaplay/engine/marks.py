"""What is written in the log of a run that has no process to write it: that it stopped, failed or was broken off. No torch."""

import logging
from collections.abc import Container

from metaplay.engine import going, log
from metaplay.engine.store import RunStore
from metaplay.events import RunEnded, StateChanged
from metaplay.text import UserError

HELD = ("preparing", "running", "paused")
"""States of a run that has a process."""
SERVER_ENDED = "The server ended; resume it to go on from its checkpoint."
logger = logging.getLogger(__name__)


def stopped(store: RunStore, run: str, reason: str = "") -> None:
    """The run was stopped while nothing trained it."""
    going.release(store.root, run)
    state = store.state(run)
    store.append(run, RunEnded(status="stopped", reason=reason, step=state.step, seconds=state.seconds))


def failed(store: RunStore, run: str, reason: str) -> bool:
    """The run cannot go on, unless it had ended before; False where that cannot be told, for the disk is full."""
    going.release(store.root, run)
    state = store.state(run)
    if not state.ended:
        try:
            store.append(run, RunEnded(status="failed", reason=reason, step=state.step, seconds=state.seconds))
        except UserError as error:
            logger.warning("%s", error)
            return False
    return True


def broken(store: RunStore, run: str, reason: str, states: Container[str]) -> bool:
    """Mark a run that stands in one of `states` with no process to it; False while it has one, or the disk is full."""
    if going.alive(store.root, run):
        return False
    try:
        state = store.state(run)  # looked at last: a process that is done writes the run's end before it lets go of it
    except UserError:  # deleted meanwhile
        return True
    if state.state in states:
        try:
            store.append(run, StateChanged(state="interrupted", reason=reason))
        except UserError as error:
            logger.warning("%s", error)
            return False
        log.of_run(store, run, "interrupted")
    return True
