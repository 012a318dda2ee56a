"""Runs compared task by task. On the same tasks their results rise and fall together, so differences vary less than results."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from metaplay.training.fixed import mean_ci95


@dataclass(frozen=True)
class Compared:
    """Each run after `steps`[i] inner steps: mean over the tasks and CI95, of its results and of its differences to the first run.

    A difference is taken task by task; its CI95 is 1.96 * std / sqrt(tasks) over these. The first run's are 0.
    """

    steps: list[int]
    mean: list[float]
    ci95: list[float]
    difference: list[float]
    difference_ci95: list[float]


def paired(values: Sequence[Tensor]) -> list[Compared]:
    """Compare runs by their results [steps, T] on the same T tasks: after every inner step common to all, then after each run's
    last one, where they differ in that."""
    last = [len(one) - 1 for one in values]
    walks = [[step] * len(values) for step in range(min(last) + 1)]
    return [_after(values, steps) for steps in (walks if len(set(last)) == 1 else [*walks, last])]


def _after(values: Sequence[Tensor], steps: list[int]) -> Compared:
    results = [one[step : step + 1].double() for one, step in zip(values, steps, strict=True)]
    figures = [mean_ci95(result) for result in results]
    differences = [mean_ci95(result - results[0]) for result in results]
    return Compared(
        steps,
        [mean[0] for mean, _ in figures],
        [ci95[0] for _, ci95 in figures],
        [mean[0] for mean, _ in differences],
        [ci95[0] for _, ci95 in differences],
    )
