"""Which layers adapt: how far each has moved from where a task began."""

import torch
from torch import Tensor

from metaplay.algorithms.base import Learner
from metaplay.models.base import Params


class LayerChange:
    """Shown the weights of a batch of tasks at each measured step, from step 0 on, it keeps how far each layer is from there.

    A layer is what shares a name before the last dot. Counted is what MAML would adapt, so that a layer that another algorithm
    leaves alone shows as still; nothing, where there is no inner loop.
    """

    def __init__(self, learner: Learner):
        self._plain = {name: value.dim() for name, value in learner.params.items() if name in learner.model.adapted}
        self._layers: dict[str, list[str]] = {}
        for name in self._plain if learner.adapted else ():
            self._layers.setdefault(name.rpartition(".")[0], []).append(name)
        self._start: dict[str, Tensor] = {}
        self._sizes: dict[str, Tensor] = {}
        self._changes: dict[str, list[Tensor]] = {layer: [] for layer in self._layers}

    def see(self, fast: Params) -> None:
        """The weights after one more measured step: [T, ...] or, where they are the same for all tasks, plain."""
        rows = {name: self._row(name, fast[name]) for names in self._layers.values() for name in names}
        if not self._start:
            self._start = rows
            sizes = {layer: _length([rows[name] for name in names]) for layer, names in self._layers.items()}
            self._sizes = {layer: size.where(size > 0, torch.nan) for layer, size in sizes.items()}
        for layer, names in self._layers.items():
            change = _length([rows[name] - self._start[name] for name in names])
            self._changes[layer].append((change / self._sizes[layer]).mean())

    def means(self) -> dict[str, list[float]]:
        """|fast - theta| / |theta| of each layer at each measured step, mean over tasks; NaN where it starts at zero."""
        return {layer: torch.stack(changes).tolist() for layer, changes in self._changes.items()}

    def _row(self, name: str, value: Tensor) -> Tensor:
        """All numbers of a parameter in a row: [T, n], or [1, n] where all tasks share it."""
        return value.flatten(1) if value.dim() > self._plain[name] else value.reshape(1, -1)


def _length(parts: list[Tensor]) -> Tensor:
    """The Euclidean norm over all numbers of the parts, [T, n] or [1, n] each, of each task: [T]."""
    squares = [torch.linalg.vector_norm(part, dim=1).square() for part in parts]
    return sum(squares[1:], squares[0]).sqrt()
