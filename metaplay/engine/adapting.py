"""Adaptations to what visitors bring, so that a further query costs no inner step. On the torch side."""

from dataclasses import replace

import torch
from torch import Tensor

from metaplay.algorithms.base import Learner
from metaplay.episodes import Episodes
from metaplay.models.base import Params, Stats

Adapted = list[tuple[Params, Stats | None]]
"""The weights after the inner steps 0..K and what then normalises queries: those of all steps side by side, as if of so many
tasks, where the network acts alike after all of them; else one after another."""

KEPT = 12
"""Adaptations that are kept, some megabytes each: a few visitors' support sets, with a few starting points each."""


@torch.no_grad()
def adapted(learner: Learner, task: Episodes) -> Adapted:
    """To the support set of one task."""
    walk = list(learner.adapt(task, learner.test_steps))
    parts = walk if learner.by_step else [side_by_side(learner, walk)]
    return [(fast, learner.judging(fast, task, k)) for k, fast in enumerate(parts)]


@torch.no_grad()
def judged(learner: Learner, parts: Adapted, task: Episodes, query_x: Tensor) -> Tensor:
    """Outputs [K + 1, Q, O] for the queries [1, Q, ...] of the task that was adapted to."""
    asked = replace(task, query_x=query_x)
    return torch.cat([learner.predict(fast, asked, k, stats) for k, (fast, stats) in enumerate(parts)])


def side_by_side(learner: Learner, walk: list[Params]) -> Params:
    """Weights of one task, of which some [1, ...] are its own, as those of many tasks."""
    shared = [name for name, value in learner.params.items() if value.dim() == walk[0][name].dim()]
    return {
        name: value if name in shared else torch.cat([fast[name] for fast in walk]) for name, value in walk[0].items()
    }
