"""What pages may ask of the torch side, by name, answered on a worker beside its training.

An answer is plain: numbers, text, lists, dictionaries, numpy arrays. What has to do with torch would import it where it arrives.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from metaplay.engine.crossing import crossed
from metaplay.engine.drawn import drawn
from metaplay.engine.lab import sliced, walked
from metaplay.engine.store import RunStore
from metaplay.engine.typed import typed

Answer = Callable[..., Any]

ANSWERS: dict[str, Answer] = {"crossed": crossed, "drawn": drawn, "typed": typed, "walked": walked, "sliced": sliced}
"""Question -> function, called with the run store and the question's arguments."""


def answer(root: str, question: str, arguments: dict[str, Any]) -> Any:
    """The answer to a question about the runs at `root`. Raises UserError where the function does."""
    return ANSWERS[question](RunStore(Path(root)), **arguments)
