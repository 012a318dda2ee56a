"""Evaluation: a fixed list of tasks, adapted from the meta-parameters of the moment. It changes nothing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner, accuracies, task_losses
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, Split, TaskFamily
from metaplay.events import Evaluated
from metaplay.registry import NETWORKS

TASKS_SEED = {"train": 7_001, "val": 7_002, "test": 7_003}
"""Seeds of the fixed task lists: the same for every run and algorithm, so that figures can be compared task by task."""

CHUNK = 20
"""Image tasks worked on together in an evaluation."""


@dataclass(frozen=True)
class Measured:
    """Per measured inner step and task, [steps, T]: query loss, and accuracy (None for regression)."""

    loss: Tensor
    accuracy: Tensor | None


def fixed_tasks(
    config: RunConfig, family: TaskFamily, split: Split, tasks: int, query: int, device: torch.device
) -> Iterator[Episodes]:
    """The first `tasks` tasks of the fixed list of a split, a few at a time (all at once for small inputs)."""
    rng = Generator(device).manual_seed(TASKS_SEED[split])
    size = CHUNK if len(family.input_shape) > 1 else tasks
    for begin in range(0, tasks, size):
        yield family.sample(split, size, config.shot, query, rng)[: tasks - begin]


@torch.no_grad()
def measure(
    learner: Learner, episodes: Episodes, steps: int, at: Sequence[int] | None = None
) -> tuple[Measured, list[Tensor]]:
    """Adapt for `steps` inner steps and test after each of the steps `at` (all, from 0, where it is not given).

    Also returns the query outputs [T, Q, O] of each of these.
    """
    wanted = range(steps + 1) if at is None else at
    walk = enumerate(learner.adapt(episodes, steps))
    outputs = [learner.predict(fast, episodes, k).detach() for k, fast in walk if k in wanted]
    found = [accuracies(output, episodes.query_y) for output in outputs]
    loss = torch.stack([task_losses(output, episodes.query_y) for output in outputs])
    accuracy = torch.stack([item for item in found if item is not None]) if found[0] is not None else None
    return Measured(loss, accuracy), outputs


def evaluate(
    learner: Learner, family: TaskFamily, device: torch.device, step: int, tasks: int, split: Split
) -> Evaluated:
    """Mean and CI95 = 1.96 * std / sqrt(tasks) over the fixed tasks of a split, per inner step (Finn et al.'s definition)."""
    config = learner.config
    parts = [
        measure(learner, episodes, learner.test_steps)[0]
        for episodes in fixed_tasks(config, family, split, tasks, config.query, device)
    ]
    loss = torch.cat([part.loss for part in parts], 1)
    values = loss if parts[0].accuracy is None else torch.cat([p.accuracy for p in parts if p.accuracy is not None], 1)
    mean, ci95 = mean_ci95(values)
    return Evaluated(
        step=step,
        split=split,
        metric="mse" if parts[0].accuracy is None else "accuracy",
        tasks=tasks,
        transductive=is_transductive(config),
        mean=mean,
        ci95=ci95,
    )


def is_transductive(config: RunConfig) -> bool:
    """Whether a query's prediction may depend on the other queries: only through batch normalisation."""
    return config.transductive and NETWORKS[config.network].norm


def mean_ci95(values: Tensor) -> tuple[list[float], list[float]]:
    """Mean over tasks and 1.96 * std / sqrt(tasks), per inner step, of values [steps, T]."""
    values = values.double()
    ci95 = 1.96 * values.std(1) / values.shape[1] ** 0.5
    return values.mean(1).tolist(), ci95.tolist()
