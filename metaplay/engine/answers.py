"""What pages may ask of the torch side, by name, answered on a worker beside its training.

An answer is plain: numbers, text, lists, dictionaries, numpy arrays. What has to do with torch would import it where it arrives.
"""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

from metaplay.engine.checkpoint import load_moment, written
from metaplay.engine.drawn import drawn
from metaplay.engine.store import RunStore
from metaplay.training import Training, train

Answer = Callable[..., Any]

ANSWERS: dict[str, Answer] = {"drawn": drawn}
"""Question -> function, called with the run store and the question's arguments."""


def answer(root: str, question: str, arguments: dict[str, Any]) -> Any:
    """The answer to a question about the runs at `root`. Raises UserError where the function does."""
    return ANSWERS[question](RunStore(Path(root)), **arguments)


def restored(store: RunStore, run: str, step: int | None = None) -> Training:
    """A run as it was after `step` meta-steps (None: as it was last), ready to adapt. Kept in memory: not to be trained."""
    return _restored(store.root, run, step, written(store, run) if step is None else 0)


@lru_cache(maxsize=6)
def _restored(root: Path, run: str, step: int | None, _last: int) -> Training:
    store = RunStore(root)
    return train(store.config(run), load_moment(store, run, step))
