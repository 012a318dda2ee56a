"""Meta-learning in a plane: two weights, and tasks whose losses are bowls. Everything that MAML does has a closed form here.

A task's loss is 1/2 (theta - c)' H (theta - c), with its bottom at c and the curvature H, a symmetric 2x2 matrix. Support and
query loss are the same. Arrays: theta [2], centres c [T, 2], curvatures H [T, 2, 2]; T tasks side by side.

For a given H everything is an affine function of theta and the centres, which is why a browser can redraw it while they move.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]
Gradient = Callable[[Array], Array]


def bowl(steep: float, flat: float, degrees: float) -> Array:
    """The curvature of a bowl that is `steep` along one axis and `flat` along the other, the flat one at an angle to the first weight."""
    turn = np.deg2rad(degrees)
    along, across = np.array([np.cos(turn), np.sin(turn)]), np.array([-np.sin(turn), np.cos(turn)])
    return flat * np.outer(along, along) + steep * np.outer(across, across)


def loss(theta: Array, centres: Array, curvatures: Array) -> Array:
    """Each task's loss at its own weights: theta [2] or [T, 2] -> [T]."""
    away = theta - centres
    return 0.5 * np.einsum("ti,tij,tj->t", away, curvatures, away)


def gradients(theta: Array, centres: Array, curvatures: Array) -> Array:
    """Each task's gradient at its own weights, [T, 2]."""
    return np.einsum("tij,tj->ti", curvatures, theta - centres)


def inner_path(theta: Array, centres: Array, curvatures: Array, rate: float, steps: int) -> Array:
    """The fast weights of each task after 0..K inner steps from theta, [K + 1, T, 2]."""
    path = [np.broadcast_to(theta, centres.shape)]
    for _ in range(steps):
        path.append(path[-1] - rate * gradients(path[-1], centres, curvatures))
    return np.stack(path)


def carry(curvatures: Array, rate: float, steps: int) -> Array:
    """What K inner steps do to a small move of theta, (I - rate H)^K, [T, 2, 2]: the second-order part of the meta-gradient."""
    return np.linalg.matrix_power(np.eye(2) - rate * curvatures, steps)


def first_order(theta: Array, centres: Array, curvatures: Array, rate: float, steps: int) -> Array:
    """FOMAML's meta-gradient [2]: the mean of the tasks' gradients at their fast weights."""
    fast = inner_path(theta, centres, curvatures, rate, steps)[-1]
    return gradients(fast, centres, curvatures).mean(0)


def exact(theta: Array, centres: Array, curvatures: Array, rate: float, steps: int) -> Array:
    """MAML's meta-gradient [2]: the same gradients, carried back through the inner steps."""
    fast = inner_path(theta, centres, curvatures, rate, steps)[-1]
    back = carry(curvatures, rate, steps)
    return np.einsum("tij,tj->ti", back, gradients(fast, centres, curvatures)).mean(0)


def joint(theta: Array, centres: Array, curvatures: Array) -> Array:
    """The gradient of ordinary training on all tasks at once [2]: there is no inner step."""
    return gradients(theta, centres, curvatures).mean(0)


def descent(theta: Array, gradient: Gradient, rate: float, steps: int) -> Array:
    """Gradient descent from theta, [steps + 1, 2]."""
    path = [np.asarray(theta, float)]
    for _ in range(steps):
        path.append(path[-1] - rate * gradient(path[-1]))
    return np.stack(path)


def rest(gradient: Gradient) -> Array:
    """Where an affine gradient is nought [2]."""
    zero = gradient(np.zeros(2))
    slope = np.stack([gradient(unit) - zero for unit in np.eye(2)], -1)
    return np.asarray(np.linalg.solve(slope, -zero), float)


def angle(one: Array, other: Array) -> float:
    """Degrees between two vectors; nought where one of them vanishes."""
    size = float(np.linalg.norm(one) * np.linalg.norm(other))
    return float(np.degrees(np.arccos(np.clip(one @ other / size, -1, 1)))) if size > 1e-12 else 0.0


def ring(curvature: Array, level: float, count: int = 49) -> Array:
    """The curve around a bottom at the origin on which the loss is `level`, [count, 2]."""
    values, axes = np.linalg.eigh(curvature)
    turn = np.linspace(0, 2 * np.pi, count)
    circle = np.stack([np.cos(turn), np.sin(turn)], -1)
    return (circle * np.sqrt(2 * level / values)) @ axes.T


def reptile(
    theta: Array, centres: Array, curvatures: Array, rate: float, steps: int, share: float, rounds: int
) -> Array:
    """Reptile, one task after another: [rounds * T, 3, 2], each turn as where it began, the task's fast weights, where it ended.

    A turn moves theta by `share` of the way to the fast weights. The way is straight in a bowl with one curved direction.
    """
    turns = []
    for turn in range(rounds * len(centres)):
        task = turn % len(centres)
        one = slice(task, task + 1)
        fast = inner_path(theta, centres[one], curvatures[one], rate, steps)[-1, 0]
        moved = theta + share * (fast - theta)
        turns.append(np.stack([theta, fast, moved]))
        theta = moved
    return np.stack(turns)
