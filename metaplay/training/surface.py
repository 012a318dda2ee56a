"""A slice of the loss surface of one task: the plane through where its adaptation starts, where it and another task's end.

Li et al. 2018 ("Visualizing the Loss Landscape of Neural Nets") draw such slices along random directions; these three points
make it one on which the steps that were taken can be seen.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.episodes import Episodes
from metaplay.models.base import Params
from metaplay.models.losses import task_losses

CHUNK = 400_000
"""Floats of first-layer activations that are worked on together; more leaves the processor's cache."""

_FLAT = 1e-6
"""A third point nearer to the line through the other two than this share of its distance makes no plane."""


@dataclass(frozen=True)
class Plane:
    """Weights `origin` + x * `across` + y * `up`, rows [P] of everything that adapts; the two directions are orthogonal, of length 1.

    `shapes` are the plain shapes of what adapts, in the order in which it is in a row; `fixed` is the rest.
    """

    origin: Tensor
    across: Tensor
    up: Tensor
    shapes: dict[str, tuple[int, ...]]
    fixed: Params

    def place(self, fast: Params) -> tuple[float, float, float]:
        """Where weights are, as `adapt` gives them for one task: x, y, and how far from the plane."""
        away = (_row(fast, self.shapes) - self.origin).double()
        x, y = away @ self.across.double(), away @ self.up.double()
        off = away - x * self.across.double() - y * self.up.double()
        return x.item(), y.item(), off.norm().item()

    def weights(self, x: Tensor, y: Tensor) -> Params:
        """The weights at places x, y [G]: [G, ...] each of what adapts."""
        rows = self.origin + x.unsqueeze(1) * self.across + y.unsqueeze(1) * self.up
        parts = rows.split([torch.Size(shape).numel() for shape in self.shapes.values()], 1)
        moved = {name: part.view(-1, *self.shapes[name]) for name, part in zip(self.shapes, parts, strict=True)}
        return {**self.fixed, **moved}


def adapting(learner: Learner, fast: Params) -> list[str]:
    """Names of the weights that are each task's own, of those that `adapt` gives."""
    shared = learner.params
    return [name for name, value in fast.items() if name not in shared or value.dim() > shared[name].dim()]


def through(learner: Learner, start: Params, end: Params, other: Params) -> Plane:
    """The plane through three sets of weights, as `adapt` gives them for one task; x points from `start` to `end`, and `other` has
    a y of nought or more.

    Where the three are in a line, the plane has a direction drawn with a fixed seed, or none where there is but one dimension.
    """
    names = adapting(learner, start)
    shapes = {name: tuple(start[name].shape[1:]) for name in names}
    origin, one, two = (_row(weights, shapes).double() for weights in (start, end, other))
    across = _unit(one - origin)
    away = two - origin
    up = away - (away @ across) * across
    if up.norm() <= _FLAT * away.norm():
        drawn = torch.randn(len(origin), generator=Generator().manual_seed(0), dtype=torch.double).to(origin.device)
        up = drawn - (drawn @ across) * across if len(origin) > 1 else torch.zeros_like(origin)
    dtype = start[names[0]].dtype
    fixed = {name: value for name, value in start.items() if name not in names}
    return Plane(origin.to(dtype), across.to(dtype), _unit(up).to(dtype), shapes, fixed)


def _row(weights: Params, shapes: Mapping[str, tuple[int, ...]]) -> Tensor:
    return torch.cat([weights[name].detach().flatten() for name in shapes])


def _unit(direction: Tensor) -> Tensor:
    norm = direction.norm()
    return direction / norm if norm > 0 else direction


@torch.no_grad()
def support_losses(learner: Learner, task: Episodes, plane: Plane, x: Tensor, y: Tensor, step: int) -> Tensor:
    """The loss that the inner loop goes down, the mean over the support set of one task, at places x, y [G]: [G].

    Networks with normalisation of their own for each inner step use that of `step`.
    """
    size = max(1, CHUNK // (task.support_x[0].numel() * max(1, learner.config.width // 4)))
    losses = []
    for xs, ys in zip(x.split(size), y.split(size), strict=True):
        outputs, _ = learner.model.forward(plane.weights(xs, ys), task.support_x, step)
        losses.append(task_losses(outputs, task.support_y.expand(len(xs), *task.support_y.shape[1:])))
    return torch.cat(losses)
