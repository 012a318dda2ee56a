"""Ordinary training of every task by the naive loop, and the same for a few weights by central differences."""

from dataclasses import dataclass, field
from functools import cached_property

import torch
from torch import Generator, Tensor

from metaplay.verify import naive
from metaplay.verify.compare import SIZES, leaves_of
from metaplay.verify.naive import Params

WEIGHTS = 4
"""Single weights whose way is followed by central differences, one in each of so many tensors."""

Batches = list[tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Walks:
    """Training from `start` on minibatches, a list for each task; Adam goes on from `squares` of `taken` steps (none: afresh).

    Ways are of each task, [T, ...]; with `mean`, their mean over the tasks, [1, ...].
    """

    start: Params
    tasks: list[Batches]
    stride: int
    optimizer: str
    rate: float
    mean: bool = False
    squares: Params = field(default_factory=dict)
    taken: int = 0

    @cached_property
    def paths(self) -> list[list[Params]]:
        """The weights of each task after 0, 1, ... steps."""
        return [
            list(
                naive.walk(
                    self.start, batches, self.stride, self.optimizer, self.rate, dict(self.squares) or None, self.taken
                )
            )
            for batches in self.tasks
        ]

    def moved(self) -> Params:
        """How far each weight went."""
        return {
            name: self._over_tasks(torch.stack([path[-1][name] - path[0][name] for path in self.paths]))
            for name in self.start
        }

    def difference_error(self, claimed: Params, enough: float) -> float:
        """The error of `claimed` ways at a few weights of large gradient, relative to the ways by central differences."""
        places = self._places()
        ours = torch.stack([claimed[name].flatten(1)[:, at] for name, at in places])
        best = float("inf")
        for size in SIZES:
            theirs = torch.stack([self._way(name, at, size) for name, at in places])
            best = min(best, ((ours - theirs).norm() / theirs.norm()).item())
            if best < enough:
                break
        return best

    def _places(self) -> list[tuple[str, int]]:
        x, y = self.tasks[0][0]
        leaves = leaves_of(self.start)
        naive.loss_of(naive.forward(leaves, x, self.stride)[0], y).backward()
        names = list(leaves)
        chosen = torch.randperm(len(names), generator=Generator().manual_seed(3))[:WEIGHTS].tolist()
        grads = {names[i]: leaves[names[i]].grad for i in chosen}
        return [(name, int(grad.abs().argmax())) for name, grad in grads.items() if grad is not None]

    def _way(self, name: str, at: int, size: float) -> Tensor:
        return self._over_tasks(torch.tensor([self._way_of(t, name, at, size) for t in range(len(self.tasks))]))

    def _over_tasks(self, ways: Tensor) -> Tensor:
        return ways.mean(0, keepdim=True) if self.mean else ways

    def _way_of(self, t: int, name: str, at: int, size: float) -> float:
        """One weight of one task: the optimiser's rule on slopes of the loss along that weight, at each point of the path."""
        way, square = 0.0, float(self.squares[name].flatten()[at]) if self.squares else 0.0
        for k, (point, (x, y)) in enumerate(zip(self.paths[t][:-1], self.tasks[t], strict=True)):
            losses = []
            for step in (size, -size):
                moved = point[name].clone(memory_format=torch.contiguous_format)
                moved.view(-1)[at] += step
                outputs, _ = naive.forward({**point, name: moved}, x, self.stride, k)
                losses.append(naive.loss_of(outputs, y).item())
            slope = (losses[0] - losses[1]) / (2 * size)
            square = 0.999 * square + 0.001 * slope**2
            corrected = square / (1 - 0.999 ** (self.taken + k + 1))
            way -= self.rate * (slope if self.optimizer == "sgd" else slope / (corrected**0.5 + 1e-8))
        return way
