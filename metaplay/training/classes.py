"""What came of each class in an evaluation: how often it was told right, and what it was taken for."""

from collections.abc import Callable

import torch
from torch import Tensor

MOST_CONFUSED = 20

Names = Callable[[Tensor], list[str]]
"""Names of classes [n] by their numbers in the split."""


def class_pairs(classes: Tensor, truth: Tensor, predicted: Tensor) -> Tensor:
    """True and predicted class of every query, [2, T * Q], from the labels [T, Q] of tasks whose label i is `classes`[t, i]."""
    return torch.stack((classes.gather(1, truth).flatten(), classes.gather(1, predicted).flatten()))


def per_class(pairs: Tensor, names: Names) -> dict[str, tuple[float, int]]:
    """Accuracy and number of queries of every class that was asked about, from pairs [2, N] of true and predicted class."""
    classes, which, asked = pairs[0].unique(return_inverse=True, return_counts=True)
    right = torch.zeros_like(asked).index_add_(0, which, (pairs[0] == pairs[1]).long())
    figures = zip((right.double() / asked).tolist(), asked.tolist(), strict=True)
    return dict(zip(names(classes), figures, strict=True))


def confused(pairs: Tensor, names: Names) -> list[tuple[str, str, int]]:
    """The most frequent mistakes, as (true class, predicted class, how often), the most frequent first."""
    wrong = pairs[:, pairs[0] != pairs[1]]
    kinds, counts = wrong.unique(dim=1, return_counts=True)
    counts, order = counts.sort(descending=True, stable=True)
    truth, predicted = kinds[:, order[:MOST_CONFUSED]]
    return list(zip(names(truth), names(predicted), counts[:MOST_CONFUSED].tolist(), strict=True))
