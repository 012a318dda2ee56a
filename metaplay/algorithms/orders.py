"""How far first order is from second: what MAML's second derivatives do to the direction of its meta-gradient."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from metaplay.algorithms.recompute import recomputed
from metaplay.algorithms.written_out import closed_form, written_out
from metaplay.episodes import Episodes
from metaplay.models.losses import task_losses

if TYPE_CHECKING:
    from metaplay.algorithms.maml import Maml


def order_cosine(learner: "Maml", episodes: Episodes, step: int) -> float:
    """The cosine between the exact meta-gradient of the parameters and the first-order one; NaN if one of them is zero.

    It is 1 where second derivatives make no difference to the direction. Changes nothing.
    """
    exact, first = (_direction(learner, episodes, step, second_order).double() for second_order in (True, False))
    return (exact @ first / (exact.norm() * first.norm())).item()


def _direction(learner: "Maml", episodes: Episodes, step: int, second_order: bool) -> Tensor:
    """The meta-gradient of all parameters in one row, of this order whatever the algorithm's own; nothing is observed."""
    leaves = list(learner.params.values())
    total: Tensor | float = 0.0
    for part in learner.chunks(episodes):
        if model := closed_form(learner):
            found = written_out(learner, model, part, step, second_order)[0][: len(leaves)]
            grads = [part.tasks * grad for grad in found]
        elif learner.config.recompute and second_order:
            found = recomputed(learner, part, step, learner.predict)[0][: len(leaves)]
            grads = [part.tasks * grad for grad in found]
        else:
            loss = _plain_loss(learner, part, step, second_order)
            grads = torch.autograd.grad(loss, leaves, materialize_grads=True)
        total = total + torch.cat([grad.flatten() for grad in grads])
    return torch.as_tensor(total)


def _plain_loss(learner: "Maml", episodes: Episodes, step: int, second_order: bool) -> Tensor:
    """The sum over tasks of the weighted query losses, as `predict` has them; nothing is observed."""
    fast, loss = learner.start(episodes.tasks), episodes.support_x.new_zeros(())
    for k, weight in enumerate(learner.loss_weights(step)):
        fast, _ = learner.inner_step(fast, episodes, k, second_order)
        if weight > 0:
            loss = loss + weight * task_losses(learner.predict(fast, episodes, k + 1), episodes.query_y).sum()
    return loss
