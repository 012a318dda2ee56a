"""A walk: a batch of tasks adapted step by step, and what the network says of every example on the way. It changes nothing."""

from dataclasses import dataclass, replace

import torch
from torch import Tensor

from metaplay.algorithms.base import Learner
from metaplay.episodes import Episodes
from metaplay.models.base import Params
from metaplay.models.losses import task_losses


@dataclass(frozen=True)
class Walk:
    """After each of the inner steps 0..K, tasks second.

    Outputs `support` [K + 1, T, S, O] and `query` [K + 1, T, Q, O]; what the head is given of the same examples,
    `support_features` [K + 1, T, S, D] and `query_features` [K + 1, T, Q, D]; the mean losses `support_loss` and `query_loss`
    [K + 1, T]; and the weights `fast`, which have a task dimension where they differ from task to task.
    """

    support: Tensor
    query: Tensor
    support_features: Tensor
    query_features: Tensor
    support_loss: Tensor
    query_loss: Tensor
    fast: list[Params]


@torch.no_grad()
def walk(learner: Learner, episodes: Episodes, steps: int) -> Walk:
    """Adapt to the support sets for `steps` inner steps. Support examples are judged as queries are: as in an evaluation."""
    seen = as_queries(episodes)
    fast = [{name: value.detach() for name, value in weights.items()} for weights in learner.adapt(episodes, steps)]
    told = [
        [method(weights, part, k) for part in (seen, episodes) for method in (learner.predict, learner.embed)]
        for k, weights in enumerate(fast)
    ]
    support, support_features, query, query_features = (torch.stack(values) for values in zip(*told, strict=True))
    return Walk(
        support,
        query,
        support_features,
        query_features,
        torch.stack([task_losses(outputs, episodes.support_y) for outputs in support]),
        torch.stack([task_losses(outputs, episodes.query_y) for outputs in query]),
        fast,
    )


def as_queries(episodes: Episodes) -> Episodes:
    """The same tasks with their support examples as the queries."""
    return replace(episodes, query_x=episodes.support_x, query_y=episodes.support_y)
