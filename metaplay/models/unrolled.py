"""The meta-gradient of an MLP: forwards through the inner steps, and back through them, written out by hand.

Nothing is left to autograd, whose records of such small operations cost more than the operations.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from metaplay.models.losses import mean_loss
from metaplay.models.mlp_gradient import Pass

Rate = float | Tensor
"""The inner rate of one parameter: a number, or a tensor that its gradient is multiplied with."""


@dataclass(frozen=True)
class Unrolled:
    """The meta-loss; the support outputs [T, S, O] before the first inner step, and the query outputs [T, Q, O] after the last;
    the meta-loss's derivatives in the parameters, and in the rates of each inner step (None where those are numbers)."""

    loss: Tensor
    first: Tensor
    last: Tensor
    grads: list[Tensor]
    rate_grads: list[list[Tensor | None]]


@torch.no_grad()
def unrolled(
    theta: Sequence[Tensor],
    rates: Sequence[Sequence[Rate | None]],
    support: tuple[Tensor, Tensor],
    query: tuple[Tensor, Tensor],
    weights: Sequence[float],
    second_order: bool,
) -> Unrolled:
    """The meta-loss, the mean over tasks of the query losses after each inner step times these weights, and its gradient.

    theta are weights and biases, layer by layer, without a task dimension. `rates` has those of each inner step: tensors, or
    one number for all, and None for what does not adapt. `support` and `query` are x [T, N, I] and targets. With `second_order`
    off inner gradients count as constants.
    """
    tasks = len(support[0])
    fast = [value.expand(tasks, *value.shape) for value in theta]
    steps, pulls = (
        list[UnrolledStep](),
        list[list[Tensor]](),
    )  # pulls: of the query loss after each step, in the weights then
    losses, last = list[Tensor](), query[0]
    for rate, weight in zip(rates, weights, strict=True):
        steps.append(UnrolledStep(fast, rate, *support))
        fast = steps[-1].after
        pulls.append([])
        if weight > 0:
            judged = Pass(query[0], fast)
            judged.back(query[1], share=weight / tasks)
            pulls[-1] = [judged.gradient(i) for i in range(len(theta))]
            last = judged.outputs
            losses.append(weight * mean_loss(last, query[1]))
    slopes, rate_grads = list[Tensor](), list[list[Tensor | None]]()  # slopes: of the meta-loss in each task's weights
    for step, pull in zip(reversed(steps), reversed(pulls), strict=True):
        slopes = [a + b for a, b in zip(slopes, pull, strict=True)] if slopes and pull else slopes or pull
        rate_grads.insert(0, step.rate_grads(slopes))
        if second_order:
            step.pull_back(slopes)
    loss = losses[0] if len(losses) == 1 else torch.stack(losses).sum()
    return Unrolled(loss, steps[0].passed.outputs, last, [slope.sum(0) for slope in slopes], rate_grads)


class UnrolledStep:
    """An inner step from weights `flat` [T, ...] each, with their rates; `after` are the weights after it."""

    def __init__(self, flat: Sequence[Tensor], rates: Sequence[Rate | None], x: Tensor, y: Tensor):
        self.rates, self.passed = rates, Pass(x, flat)
        lowest = next(i for i, rate in enumerate(rates) if rate is not None)
        self.passed.back(y, lowest // 2)
        self.grads = [self.passed.gradient(i) if isinstance(rate, Tensor) else None for i, rate in enumerate(rates)]
        self.after = [self._moved(i, value) for i, value in enumerate(flat)]

    def _moved(self, index: int, value: Tensor) -> Tensor:
        rate, grad = self.rates[index], self.grads[index]
        if rate is None:
            return value
        if isinstance(rate, Tensor):
            return torch.addcmul(value, rate, grad, value=-1)  # type: ignore[arg-type]
        return self.passed.descend(index, rate)

    def rate_grads(self, slopes: Sequence[Tensor]) -> list[Tensor | None]:
        """The meta-loss's derivatives in the rates, of slopes after the step."""
        return [
            -(slope * grad).sum(0).sum_to_size(rate.shape) if isinstance(rate, Tensor) and grad is not None else None
            for slope, grad, rate in zip(slopes, self.grads, self.rates, strict=True)
        ]

    def pull_back(self, slopes: list[Tensor]) -> None:
        """From slopes after the step to those before it: less the Hessian's product with rates times slopes."""
        number = next((rate for rate in self.rates if isinstance(rate, float)), 1.0)
        along = [
            None if rate is None else slope * rate if isinstance(rate, Tensor) else slope
            for slope, rate in zip(slopes, self.rates, strict=True)
        ]
        self.passed.curve(along, slopes, -number)
