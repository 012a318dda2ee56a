"""The inner gradient, and ordinary training on the support set for all tasks side by side: what Reptile and the baselines do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Generator, Tensor

from metaplay.episodes import Episodes
from metaplay.models.base import ClosedForm, Model, Params, Stats
from metaplay.models.losses import task_losses

BETA2 = 0.999
EPSILON = 1e-8


def inner_gradient(
    model: Model, fast: Params, x: Tensor, y: Tensor, step: int, names: tuple[str, ...], second_order: bool
) -> tuple[list[Tensor], Tensor, Stats]:
    """The gradient of each task's mean loss on its examples x, y in its own weights of these names, [T, ...] each; with the
    outputs [T, N, O] and batch statistics that it was told from.

    Written out by the network where it offers that, else found by autograd: the gradient of the sum of the tasks' losses is,
    for each copy of the weights, that task's own. With `second_order` off the gradients are constants.
    """
    if isinstance(model, ClosedForm):
        with torch.set_grad_enabled(second_order):
            return *model.gradients(fast, x, y, names), []
    outputs, stats = model.forward(fast, x, step)
    loss = task_losses(outputs, y).sum()
    return list(torch.autograd.grad(loss, [fast[name] for name in names], create_graph=second_order)), outputs, stats


def descend(value: Tensor, rate: float | Tensor, grad: Tensor) -> Tensor:
    """value - rate * grad, as one operation."""
    if isinstance(rate, Tensor):
        return torch.addcmul(value, rate, grad, value=-1)
    return torch.add(value, grad, alpha=-rate)  # not sub, whose derivative takes two passes


@dataclass
class Moments:
    """Adam's second moments of each parameter, and how many steps went into them."""

    squares: Params
    taken: int = 0

    @classmethod
    def fresh(cls, params: Params) -> Self:
        return cls({name: torch.zeros_like(value, requires_grad=False) for name, value in params.items()})


def fit(
    model: Model,
    fast: Params,
    episodes: Episodes,
    steps: int,
    optimizer: Literal["sgd", "adam"],
    lr: float,
    batch: int,
    rng: Generator,
    seen: Callable[[Tensor, Tensor], None] | None = None,
    moments: Moments | None = None,
) -> Iterator[Params]:
    """The weights [T, ...] of each task after 0, 1, ..., `steps` steps on its own support set.

    `batch` examples a step (0 or more than there are: all), cycled without replacement: each example is used once before any
    is used again (Reptile, the authors' `_mini_batches`). `seen` is shown outputs and targets of the first step.
    Adam has beta1 = 0, as in the Reptile paper; it goes on from `moments` ([T, ...] each) and moves them, or starts afresh.
    """
    fast = {name: value.detach() for name, value in fast.items()}
    moments = moments or Moments.fresh(fast)
    order = example_order(episodes, steps, batch, rng)
    yield fast
    for t in range(1, steps + 1):
        x, y = _take(episodes, order, t - 1)
        leaves = {name: value.requires_grad_() for name, value in fast.items()}
        with torch.enable_grad():
            grads, outputs, _ = inner_gradient(model, leaves, x, y, t - 1, tuple(leaves), second_order=False)
        if seen and t == 1:
            seen(outputs.detach(), y)
        with torch.no_grad():
            moments.taken += 1
            directions = {
                name: _direction(grad, moments.squares[name], moments.taken, optimizer)
                for (name, grad) in zip(leaves, grads, strict=True)
            }
            fast = {name: descend(value, lr, directions[name]) for name, value in leaves.items()}
        yield fast


def _direction(grad: Tensor, square: Tensor, t: int, optimizer: str) -> Tensor:
    """SGD: the gradient. Adam with beta1 = 0 (Kingma and Ba 2015, Algorithm 1): scaled by its running magnitude."""
    if optimizer == "sgd":
        return grad
    square.mul_(BETA2).addcmul_(grad, grad, value=1 - BETA2)
    return grad / ((square / (1 - BETA2**t)).sqrt() + EPSILON)


def example_order(episodes: Episodes, steps: int, batch: int, rng: Generator) -> Tensor | None:
    """Which support examples each step uses, [T, steps, batch]; None where every step uses all."""
    tasks, size = episodes.support_x.shape[:2]
    if batch in (0, size) or batch > size:
        return None
    rounds = -(-steps * batch // size)
    shuffled = torch.rand(tasks, rounds, size, generator=rng, device=episodes.support_x.device).argsort(-1)
    return shuffled.flatten(1)[:, : steps * batch].view(tasks, steps, batch)


def _take(episodes: Episodes, order: Tensor | None, t: int) -> tuple[Tensor, Tensor]:
    if order is None:
        return episodes.support_x, episodes.support_y
    rows = torch.arange(episodes.tasks, device=order.device).unsqueeze(1)
    return episodes.support_x[rows, order[:, t]], episodes.support_y[rows, order[:, t]]


def spread(params: Params, tasks: int) -> Params:
    """A copy of the parameters for each task, [T, ...]."""
    return {name: value.detach().expand(tasks, *value.shape).clone() for name, value in params.items()}
