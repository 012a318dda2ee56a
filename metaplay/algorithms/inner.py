"""The inner gradient, and ordinary training on the support set for all tasks side by side: what Reptile and the baselines do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Self

import torch
from torch import Generator, Tensor

from metaplay.episodes import Episodes
from metaplay.models.base import ClosedForm, Model, Params, Stats, Tabled, copies
from metaplay.models.losses import task_losses

BETA2 = 0.999
EPSILON = 1e-8
OPS = torch.ops.aten
"""Some take a list of tensors: a call for all weights, where they are small, costs much less than one for each."""


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
    """Adam's second moments of each parameter, parted as that is, and how many steps went into them."""

    squares: Params
    taken: int = 0

    @classmethod
    def fresh(cls, params: Params) -> Self:
        return cls({name: torch.zeros_like(value, requires_grad=False) for name, value in params.items()})

    def step(self, optimizer: Literal["sgd", "adam"], names: tuple[str, ...], grads: list[Tensor]) -> list[Tensor]:
        """The directions of one more step in parameters of these names; those of all others have gradients of nought.

        SGD: the gradients. Adam with beta1 = 0 (Kingma and Ba 2015, Algorithm 1): scaled by their running magnitude.
        """
        self.taken += 1
        if optimizer == "sgd":
            return grads
        OPS._foreach_mul_.Scalar([value for value in self.squares.values() if value.is_floating_point()], BETA2)
        squares = [self.squares[name] for name in names]
        OPS._foreach_addcmul_.Scalar(squares, grads, grads, value=1 - BETA2)
        scales = OPS._foreach_div.Scalar(squares, 1 - BETA2**self.taken)
        OPS._foreach_sqrt_.default(scales)
        OPS._foreach_add_.Scalar(scales, EPSILON)
        return list(OPS._foreach_div.List(grads, scales))


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
    """The weights [T, ...] of each task after 0, 1, ..., `steps` steps on its own support set, from `fast` as `spread` gives them.

    `batch` examples a step (0 or more than there are: all), cycled without replacement: each example is used once before any
    is used again (Reptile, the authors' `_mini_batches`). `seen` is shown outputs and targets of the first step.
    Adam has beta1 = 0, as in the Reptile paper; it goes on from `moments` (spread likewise) and moves them, or starts afresh.
    """
    fast = {name: value.detach() for name, value in fast.items()}
    names = tuple(name for name in fast if not (isinstance(model, Tabled) and name in model.shared))
    moments = moments or Moments.fresh({name: fast[name] for name in names})
    order = example_order(episodes, steps, batch, rng)
    yield fast
    for t in range(1, steps + 1):
        x, y = _take(episodes, order, t - 1)
        for name in names:
            fast[name].requires_grad_()
        with torch.enable_grad():
            grads, outputs, _ = inner_gradient(model, fast, x, y, t - 1, names, second_order=False)
        if seen and t == 1:
            seen(outputs.detach(), y)
        with torch.no_grad():
            directions = moments.step(optimizer, names, grads)
            moved = OPS._foreach_add.List([fast[name] for name in names], directions, alpha=-lr)
            fast = {**fast, **dict(zip(names, moved, strict=True))}
        yield fast


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


def spread(model: Model, params: Params, episodes: Episodes) -> Params:
    """A copy of the parameters for each task, [T, ...]; of a table, of the rows that its support set touches."""
    params = {name: value.detach() for name, value in params.items()}
    return model.spread(params, episodes.support_x) if isinstance(model, Tabled) else copies(params, episodes.tasks)


def means(model: Model, fast: Params) -> Params:
    """The mean over tasks of what `spread` gave, without a task dimension."""
    return model.mean(fast) if isinstance(model, Tabled) else {name: value.mean(0) for name, value in fast.items()}


def whole(model: Model, fast: Params) -> Params:
    """What `spread` gave, with each task's own copy of all of a table too."""
    return model.whole(fast) if isinstance(model, Tabled) else fast
