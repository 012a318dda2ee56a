"""Running batch-norm statistics, a set for each inner step."""

import torch
from torch import Tensor

from metaplay.models.base import Stats

MOMENTUM = 0.1


class RunningStats:
    """Exponential averages of what the batches of meta-training had: mean and variance [sets, C] of each layer."""

    def __init__(self, channels: int, layers: int, sets: int, device: torch.device):
        self.values = [
            (torch.zeros(sets, channels, device=device), torch.ones(sets, channels, device=device))
            for _ in range(layers)
        ]

    @torch.no_grad()
    def observe(self, stats: Stats, index: int) -> None:
        """Move set `index` towards the mean over tasks of a batch's statistics [T, 1, C]."""
        for running, batch in zip(self.values, stats, strict=True):
            for kept, new in zip(running, batch, strict=True):
                kept[index].lerp_(new.mean((0, 1)), MOMENTUM)

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
