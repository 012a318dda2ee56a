"""What the matrix of families asks: how a run does on the tasks of a family, its own or another. On the torch side."""

from metaplay.engine.checkpoint import kept
from metaplay.engine.store import RunStore
from metaplay.training import evaluate_across
from metaplay.walks import Crossed


def crossed(store: RunStore, run: str, family: str, tasks: int) -> Crossed:
    """The run, as it was last, on `tasks` test tasks of the family. Raises UserError as `evaluate_across` does."""
    found = evaluate_across(kept(store, run), family, tasks)
    tested = found.evaluated
    return Crossed(tested.mean[-1], tested.ci95[-1], tested.tasks, tested.transductive, found.classes, found.undivided)
