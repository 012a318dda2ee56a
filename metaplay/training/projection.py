"""Features in a plane: the two directions in which they spread most (principal components)."""

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Projection:
    """`axes` [D, 2] are the directions through `middle` [D]; `explained`, the shares of the spread that they have."""

    middle: Tensor
    axes: Tensor
    explained: tuple[float, float]

    def place(self, features: Tensor) -> Tensor:
        """Where features [..., D] lie, [..., 2]."""
        return (features - self.middle) @ self.axes


def principal(features: Tensor) -> Projection:
    """The first two principal components of features [N, D], N and D over 1. Each points where its largest weight is positive."""
    middle = features.mean(0)
    _, spread, rows = torch.linalg.svd(features - middle, full_matrices=False)
    axes = rows[:2].T
    axes = axes * axes.gather(0, axes.abs().argmax(0, keepdim=True)).sign()
    shares = spread.square() / spread.square().sum().clamp(min=torch.finfo(spread.dtype).tiny)
    return Projection(middle, axes, (shares[0].item(), shares[1].item()))
