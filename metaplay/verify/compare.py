"""How far two results are apart, and slopes by central differences."""

from collections.abc import Callable

import torch
from torch import Generator, Tensor

from metaplay.verify.naive import Params

Loss = Callable[[Params], Tensor]

DIRECTIONS = 3
SIZES = (1e-6, 1e-7, 1e-8, 1e-9)
"""Sizes of a difference. A large one may step over a kink of ReLU or max-pooling, a small one is rounded: the best counts.
A wrong gradient is wrong at every size."""


def relative_error(ours: Params, theirs: Params) -> float:
    """The largest error of any entry, relative to the largest entry of its tensor (where that is not rounding itself)."""
    assert ours.keys() == theirs.keys()
    least = 1e-6 * max(value.abs().max().item() for value in theirs.values())
    errors = [
        (ours[name] - value).abs().max() / value.abs().max().clamp_min(least or 1.0) for name, value in theirs.items()
    ]
    return torch.stack(errors).max().item()


def distance(a: Params, b: Params) -> float:
    """|a - b| / |a|, Euclidean over all entries."""
    apart = sum((value - b[name]).square().sum() for name, value in a.items())
    return float(apart / along(a, a)) ** 0.5


def along(gradient: Params, direction: Params) -> float:
    """The slope that the gradient says there is in a direction."""
    return sum((value * direction[name]).sum().item() for name, value in gradient.items())


def leaves_of(params: Params) -> Params:
    """Copies that autograd differentiates with respect to."""
    return {name: value.detach().clone().requires_grad_() for name, value in params.items()}


def gradient(loss: Loss, at: Params) -> Params:
    """The gradient of a loss by autograd; zeros for what it does not depend on."""
    leaves = leaves_of(at)
    found = torch.autograd.grad(loss(leaves), list(leaves.values()), allow_unused=True)
    pairs = zip(leaves.items(), found, strict=True)
    return {name: torch.zeros_like(leaf) if grad is None else grad for (name, leaf), grad in pairs}


def difference_error(loss: Loss, at: Params, claimed: Params, enough: float) -> float:
    """The largest error of a gradient's slopes along random directions, relative to the slope to be expected, |gradient|.

    Slopes are central differences of the loss; no size smaller than needed to come below `enough` is tried.
    """
    rng = Generator().manual_seed(1)
    worst, norm = 0.0, along(claimed, claimed) ** 0.5
    for _ in range(DIRECTIONS):
        direction = {name: torch.randn(value.shape, generator=rng) for name, value in at.items()}
        slope, error = along(claimed, direction), float("inf")
        for size in SIZES:
            ahead, behind = (
                loss(leaves_of({name: value + way * direction[name] for name, value in at.items()})).item()
                for way in (size, -size)
            )
            error = min(error, abs((ahead - behind) / (2 * size) - slope) / norm)
            if error < enough:
                break
        worst = max(worst, error)
    return worst
