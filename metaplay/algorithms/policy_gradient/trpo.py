"""Trust region policy optimisation (Schulman et al. 2015, section 6 and appendix C): the outer step of the MAML paper."""

from collections.abc import Callable

import torch
from torch import Tensor

from metaplay.config.trust_region import CONJUGATE_STEPS

Product = Callable[[Tensor], Tensor]
"""A symmetric matrix, as what it does to a vector."""
DAMPING = 1e-5
BACKTRACK, BACKTRACKS = 0.8, 15
"""The authors' settings (rllab's defaults)."""
_ENOUGH = 1e-10


def conjugate_gradient(product: Product, right: Tensor, steps: int = CONJUGATE_STEPS) -> tuple[Tensor, Tensor]:
    """x with A x = right - residual, and the residual, for a positive definite A that is known by its products (Hestenes and Stiefel
    1952): after few steps all but x, after as many as there are dimensions x itself."""
    found = torch.zeros_like(right)
    residual = direction = right
    size = residual @ residual
    for _ in range(steps):
        if size < _ENOUGH:
            break
        image = product(direction)
        length = size / (direction @ image)
        found = found + length * direction
        residual = residual - length * image
        before, size = size, residual @ residual
        direction = residual + size / before * direction
    return found, residual


def natural_step(gradient: Tensor, fisher: Product, limit: float) -> Tensor:
    """The step against the gradient along which the loss falls fastest, as long as a KL divergence of `limit` to second order:
    sqrt(2 limit / s^T F s) s with F s = -gradient (appendix C)."""

    def damped(vector: Tensor) -> Tensor:
        return fisher(vector) + DAMPING * vector

    direction, residual = conjugate_gradient(damped, -gradient)
    curvature = direction @ (-gradient - residual)  # s^T F s, as F s is what the residual leaves
    return direction * torch.sqrt(2 * limit / curvature.clamp(min=_ENOUGH))


def line_search(judge: Callable[[Tensor], tuple[float, float]], start: Tensor, step: Tensor, limit: float) -> Tensor:
    """The first of start + step, + 0.8 step, + 0.64 step, ... that lowers the loss within the KL limit; else the start.

    `judge` tells loss and KL divergence (from the start's policies) at a vector.
    """
    before, _ = judge(start)
    for number in range(BACKTRACKS):
        there = start + BACKTRACK**number * step
        loss, divergence = judge(there)
        if loss < before and divergence <= limit:
            return there
    return start
