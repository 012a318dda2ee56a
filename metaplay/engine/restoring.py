"""Runs as they were at a moment of their training, for questions about them. On the torch side."""

from functools import lru_cache
from pathlib import Path

from metaplay.engine.checkpoint import load_moment, written
from metaplay.engine.store import RunStore
from metaplay.training import Training, train


def restored(store: RunStore, run: str, step: int | None = None) -> Training:
    """A run as it was after `step` meta-steps (None: as it was last), ready to adapt. Kept in memory: not to be trained.

    Raises UserError where it is not kept.
    """
    return _restored(store.root, run, step, written(store, run) if step is None else 0)


@lru_cache(maxsize=6)
def _restored(root: Path, run: str, step: int | None, _last: int) -> Training:
    store = RunStore(root)
    return train(store.config(run), load_moment(store, run, step))
