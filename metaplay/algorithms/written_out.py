"""The meta-gradient of a network that has it written out (models/unrolled.py), for MAML and what varies it."""

from typing import TYPE_CHECKING

import torch
from torch import Tensor

from metaplay.episodes import Episodes
from metaplay.models.base import ClosedForm

if TYPE_CHECKING:
    from metaplay.algorithms.maml import Maml


def closed_form(learner: "Maml") -> ClosedForm | None:
    """The learner's network, where that has the meta-gradient of all that the inner loop changes written out."""
    model = learner.model
    return model if isinstance(model, ClosedForm) and learner.params.keys() >= {*learner.adapted} else None


def written_out(
    learner: "Maml", model: ClosedForm, episodes: Episodes, step: int, second_order: bool
) -> tuple[list[Tensor], Tensor, tuple[Tensor, Tensor]]:
    """The gradient of the meta-loss for all that is trainable, in order; the meta-loss; and the outputs that it went by: of the
    support set [T, S, O] before the first inner step, of the query set [T, Q, O] after the last.
    """
    weights, names = learner.loss_weights(step), learner.model.adapted
    rates = [{name: learner.rate(name, k) for name in learner.adapted} for k in range(len(weights))]
    support, query = (episodes.support_x, episodes.support_y), (episodes.query_x, episodes.query_y)
    found = model.unrolled(learner.params, rates, support, query, weights, second_order)
    by_name = dict(zip(names, found.grads, strict=True))
    grads = [by_name[name] for name in learner.params]
    learned = [value for name, value in learner.trainable().items() if name not in learner.params]
    if learned:  # the rates of single steps come of these
        by_step = (dict(zip(names, some, strict=True)) for some in found.rate_grads)
        pairs = [(rate[name], slope[name]) for rate, slope in zip(rates, by_step, strict=True) for name in rate]
        used = [(rate, slope) for rate, slope in pairs if isinstance(rate, Tensor)]
        outputs, slopes = [rate for rate, _ in used], [slope for _, slope in used]
        grads += torch.autograd.grad(outputs, learned, slopes, materialize_grads=True)
    return grads, found.loss, (found.first, found.last)
