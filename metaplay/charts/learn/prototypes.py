"""Prototypes in a plane: class means, the share of each class in a query, and the region where each is nearest."""

import numpy as np

from metaplay.charts.learn.quadratic import Array


def means(support: Array, shot: int) -> Array:
    """The mean of every `shot` examples, [W * shot, 2] -> [W, 2]."""
    return support.reshape(-1, shot, 2).mean(1)


def shares(query: Array, centres: Array) -> Array:
    """The probability of each class for a query: softmax of minus its squared distance to each centre, [W]."""
    closeness = -((query - centres) ** 2).sum(-1)
    weights = np.exp(closeness - closeness.max())
    return weights / weights.sum()


def regions(centres: Array, reach: float) -> list[Array]:
    """For each centre the polygon [V, 2], closed, in which it is the nearest, inside a square of -reach..reach."""
    found = []
    for label, centre in enumerate(centres):
        corners = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
        for other in np.delete(centres, label, 0):
            corners = _nearer(corners, centre, other)
        found.append(np.vstack([corners, corners[:1]]))
    return found


def _nearer(corners: Array, centre: Array, other: Array) -> Array:
    """The part of a convex polygon that is nearer to `centre` than to `other` (Sutherland and Hodgman 1974)."""
    normal = centre - other
    over = (corners - (centre + other) / 2) @ normal
    kept = []
    for one, two, a, b in zip(corners, np.roll(corners, -1, 0), over, np.roll(over, -1), strict=True):
        if a >= 0:
            kept.append(one)
        if (a >= 0) != (b >= 0):
            kept.append(one + (two - one) * a / (a - b))
    return np.array(kept).reshape(-1, 2)
