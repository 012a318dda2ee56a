"""Running batch-norm statistics, a set for each inner step."""

import torch
from torch import Tensor

from metaplay.models.base import Stats

MOMENTUM = 0.1


class RunningStats:
    """Exponential averages of what the batches of meta-training had: mean and variance [sets, C] of each layer.

    A meta-step goes by what they were before it, and moves each set once, after all its tasks: it makes no difference in which
    chunks the tasks come.
    """

    def __init__(self, channels: int, layers: int, sets: int, device: torch.device):
        self.values = [
            (torch.zeros(sets, channels, device=device), torch.ones(sets, channels, device=device))
            for _ in range(layers)
        ]
        self._seen = dict[int, tuple[int, list[Tensor]]]()  # by set: how many tasks' statistics, and their sums

    @torch.no_grad()
    def observe(self, stats: Stats, index: int) -> None:
        """Note a batch's statistics [T, 1, C] for set `index`."""
        count, sums = len(stats[0][0]) if stats else 0, [value.sum((0, 1)) for pair in stats for value in pair]
        if index in self._seen:
            before, others = self._seen[index]
            count, sums = count + before, [a + b for a, b in zip(sums, others, strict=True)]
        self._seen[index] = count, sums

    @torch.no_grad()
    def settle(self) -> None:
        """Move the sets towards the mean over tasks of what was noted for each."""
        for index, (count, sums) in self._seen.items():
            running = (kept for pair in self.values for kept in pair)
            for kept, total in zip(running, sums, strict=True):
                kept[index].lerp_(total / count, MOMENTUM)
        self.forget()

    def forget(self) -> None:
        """Let go of what was noted."""
        self._seen.clear()

    def at(self, index: int) -> Stats:
        """A copy of set `index`, [1, 1, C], for all tasks; the last set serves all indices beyond it."""
        row = min(index, len(self.values[0][0]) - 1) if self.values else 0
        return [(mean[row].clone()[None, None], variance[row].clone()[None, None]) for mean, variance in self.values]

    def state(self) -> dict[str, Tensor]:
        return {
            f"running.{i}.{name}": value
            for i, pair in enumerate(self.values)
            for name, value in zip(("mean", "variance"), pair, strict=True)
        }

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        for name, value in self.state().items():
            value.copy_(tensors[name])
