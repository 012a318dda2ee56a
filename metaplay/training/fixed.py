"""The fixed list of tasks that everything is tested on, and what is told of the results: means with their intervals."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Episodes, Split, TaskFamily

TASKS_SEED = {"train": 7_001, "val": 7_002, "test": 7_003}
"""Seeds of the fixed task lists: the same for every run and algorithm, so that figures can be compared task by task."""

CHUNK = 20
"""Classification tasks worked on together in an evaluation."""


def fixed_tasks(
    config: RunConfig, family: TaskFamily, split: Split, tasks: int, query: int, device: torch.device
) -> Iterator[Episodes]:
    """The first `tasks` tasks of the fixed list of a split, a few at a time (all at once of curves)."""
    rng = Generator(device).manual_seed(TASKS_SEED[split])
    size = tasks if family.kind == "regression" else CHUNK
    for begin in range(0, tasks, size):
        yield family.sample(split, size, config.shot, query, rng)[: tasks - begin]


def mean_ci95(values: Tensor) -> tuple[list[float], list[float]]:
    """Mean over tasks and 1.96 * std / sqrt(tasks), per inner step, of values [steps, T]."""
    values = values.double()
    ci95 = 1.96 * values.std(1) / values.shape[1] ** 0.5
    return values.mean(1).tolist(), ci95.tolist()


def rounded(values: list[float]) -> list[float]:
    """Five significant digits: what a chart can show, in a log that stays small."""
    return [float(f"{value:.5g}") for value in values]
