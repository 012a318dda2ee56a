"""The exact meta-gradient without the graph of all inner steps: memory for one of them, for the time of one more pass.

Chen et al. 2016, "Training Deep Nets with Sublinear Memory Cost", for an inner loop: the weights after each inner step are
kept, and on the way back each step is done once more, from the weights before it, to be differentiated and let go.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from metaplay.episodes import Episodes
from metaplay.models.base import Params, Stats
from metaplay.models.losses import task_losses

if TYPE_CHECKING:
    from metaplay.algorithms.maml import Maml

Slopes = list[Tensor] | None
"""Derivatives of the meta-loss in the adapted weights of one moment; None for those that it does not depend on."""


def recomputed(
    learner: "Maml",
    episodes: Episodes,
    step: int,
    judge: Callable[[Params, Episodes, int], Tensor],
    observe: Callable[[Stats, int], None] | None = None,
) -> tuple[list[Tensor], Tensor, tuple[Tensor, Tensor]]:
    """The gradient of the meta-loss for all that is trainable, in order; the meta-loss; and the outputs that it went by: of the
    support set [T, S, O] before the first inner step, of the query set [T, Q, O] after the last.

    `judge` tells the query outputs of weights after so many inner steps, and `observe` is shown the statistics of each; both
    are called once for each step, in order.
    """
    names, trainable = learner.adapted, list(learner.trainable().values())
    total = [torch.zeros_like(value) for value in trainable]

    def back(outputs: list[Tensor], point: Params, slopes: Slopes = None) -> list[Tensor]:
        """From slopes of the outputs to those of the adapted weights that they come of; those of the trainable join their total."""
        inputs = [*(point[name] for name in names), *trainable]
        found = torch.autograd.grad(outputs, inputs, slopes, materialize_grads=True)
        for kept, more in zip(total, found[len(names) :], strict=True):
            kept.add_(more)
        return list(found[: len(names)])

    points, pulls = (
        [learner.start(episodes.tasks)],
        list[Slopes](),
    )  # pulls: of the query loss, at each point but the first
    loss, first, last = episodes.support_x.new_zeros(()), episodes.support_x, episodes.query_x
    for k, weight in enumerate(learner.loss_weights(step)):
        fast, outputs = learner.inner_step(points[k], episodes, k, False, observe)
        points.append(
            {name: value.detach().requires_grad_() if name in names else value for name, value in fast.items()}
        )
        first = outputs.detach() if k == 0 else first
        pulls.append(None)
        if weight > 0:
            last = judge(points[-1], episodes, k + 1)
            share = weight * task_losses(last, episodes.query_y).mean()
            pulls[-1] = back([share], points[-1])
            loss, last = loss + share.detach(), last.detach()
    slopes: Slopes = None
    while pulls:
        slopes, point = _sum(slopes, pulls.pop()), points[len(pulls)]
        fast, _ = learner.inner_step(point, episodes, len(pulls), True)
        slopes = back([fast[name] for name in names], point, slopes)
        points.pop()
    return total, loss, (first, last)


def _sum(a: Slopes, b: Slopes) -> Slopes:
    return [x + y for x, y in zip(a, b, strict=True)] if a and b else a or b
