"""Evaluation: a fixed list of tasks, adapted from the meta-parameters of the moment. It changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import torch
from torch import Tensor

from metaplay.algorithms.base import Learner, accuracies
from metaplay.algorithms.policy_gradient.learners import PolicyLearner
from metaplay.config import RunConfig
from metaplay.environments import ControlFamily
from metaplay.episodes import Episodes, Split, TaskFamily, WordedFamily
from metaplay.events import Evaluated
from metaplay.models.base import Params
from metaplay.models.losses import task_losses
from metaplay.registry import FAMILIES, NETWORKS
from metaplay.training.acting import returns
from metaplay.training.classes import class_pairs, confused, per_class
from metaplay.training.fixed import fixed_tasks, mean_ci95, rounded
from metaplay.training.rejection import rejection

FEW_CLASSES = 50
"""A run's log tells what came of each class where a split has at most so many."""


@dataclass(frozen=True)
class Measured:
    """Per measured inner step and task, [steps, T]: query loss, and accuracy (None for regression)."""

    loss: Tensor
    accuracy: Tensor | None


@torch.no_grad()
def measure(
    learner: Learner,
    episodes: Episodes,
    steps: int,
    at: Sequence[int] | None = None,
    seen: Callable[[Params], None] | None = None,
) -> tuple[Measured, list[Tensor]]:
    """Adapt for `steps` inner steps and test after each of the steps `at` (all, from 0, where it is not given).

    Also returns the query outputs [T, Q, O] of each of these. `seen` is shown the weights of each.
    """
    outputs: list[Tensor] = []
    for k, fast in enumerate(learner.adapt(episodes, steps)):
        if at is None or k in at:
            outputs.append(learner.predict(fast, episodes, k).detach())
            if seen:
                seen(fast)
    found = [accuracies(output, episodes.query_y) for output in outputs]
    loss = torch.stack([task_losses(output, episodes.query_y) for output in outputs])
    accuracy = torch.stack([item for item in found if item is not None]) if found[0] is not None else None
    return Measured(loss, accuracy), outputs


@dataclass(frozen=True)
class Results:
    """A learner on the fixed tasks of a split.

    `values` [steps, T]: accuracy, for regression mean squared error, to act in the return, of each task after 0, 1, ... inner steps. `pairs` [2, N],
    classification only: true and predicted class of every query after the last step, as the split numbers its classes. `floor`
    [1, T], text only: accuracy of nearest centroid by TF-IDF. `oracle` [1, T], to act in where it is known: the return of one who is told the task.
    """

    values: Tensor
    pairs: Tensor | None
    floor: Tensor | None = None
    oracle: Tensor | None = None


def results(learner: Learner, family: TaskFamily, device: torch.device, tasks: int, split: Split) -> Results:
    """Test on the fixed tasks of a split. Changes nothing."""
    if isinstance(learner, PolicyLearner):
        gained, oracle = returns(learner, cast("ControlFamily", family), device, tasks, split)
        return Results(gained, None, oracle=oracle)
    values, pairs, floor = [], [], []
    text = FAMILIES[learner.config.family].text
    for episodes in fixed_tasks(learner.config, family, split, tasks, learner.config.query, device):
        measured, outputs = measure(learner, episodes, learner.test_steps)
        values.append(measured.loss if measured.accuracy is None else measured.accuracy)
        if episodes.classes is not None:
            pairs.append(class_pairs(episodes.classes, episodes.query_y, outputs[-1].argmax(-1)))
        if text:
            floor.append(cast("WordedFamily", family).floor(episodes))
    return Results(
        torch.cat(values, 1), torch.cat(pairs, 1) if pairs else None, torch.cat(floor)[None] if floor else None
    )


def evaluate(
    learner: Learner,
    family: TaskFamily,
    device: torch.device,
    step: int,
    tasks: int,
    split: Split,
    every_class: bool = False,
) -> Evaluated:
    """Mean and CI95 = 1.96 * std / sqrt(tasks) over the fixed tasks of a split, per inner step (Finn et al.'s definition).

    What came of each class is told where there are at most FEW_CLASSES of them, or with `every_class`.
    """
    found = results(learner, family, device, tasks, split)
    mean, ci95 = mean_ci95(found.values)
    evaluated = Evaluated(
        step=step,
        split=split,
        metric=FAMILIES[learner.config.family].metric,
        tasks=tasks,
        transductive=is_transductive(learner.config),
        mean=mean,
        ci95=ci95,
        per_task=rounded((-found.values if isinstance(learner, PolicyLearner) else found.values)[-1].tolist()),
        floor=None if found.floor is None else _pair(found.floor),
        oracle=None if found.oracle is None else _pair(found.oracle),
        rejection=rejection(learner, cast("WordedFamily", family), device, tasks, split)
        if learner.config.out_of_scope
        else None,
    )
    if found.pairs is None or not (every_class or family.class_counts[split] <= FEW_CLASSES):
        return evaluated
    names = partial(family.class_names, split)
    return evaluated.model_copy(
        update={"per_class": per_class(found.pairs, names), "confused": confused(found.pairs, names)}
    )


def _pair(values: Tensor) -> tuple[float, float]:
    """Mean and CI95 of values [1, T]."""
    mean, ci95 = mean_ci95(values)
    return mean[0], ci95[0]


def is_transductive(config: RunConfig) -> bool:
    """Whether a query's prediction may depend on the other queries: only through batch normalisation."""
    return config.transductive and NETWORKS[config.network].norm
