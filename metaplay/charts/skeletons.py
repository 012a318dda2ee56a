"""Stick figures: the points of a body in its plane, from the place and the angles of its joints."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[np.float64]]

_TORSO = 0.7
"""Height of the torso's middle where its joint says 0, in metres; it is from -0.5 to 0.5 along its own axis."""
_BACK = ((-0.5, 0.0), (0.16, -0.25), (-0.28, -0.14), (0.0551, -0.1876))
_FRONT = ((0.5, 0.0), (-0.14, -0.24), (0.13, -0.18), (0.0845, -0.1278))
"""Hip, knee, ankle and toe of a leg, each as seen from the one before it (the hip from the torso's middle) where all angles are 0."""
_HEAD = (0.7146, 0.1967)
"""The snout, from the torso's middle."""


@dataclass(frozen=True)
class Skeleton:
    """How a family's body is drawn: `points(poses [..., P], task)` are those of one line [..., M, 2], x to the right and y up, in metres.

    It is seen in a window `wide` by `high`, whose lower edge is at `low`. With `runs` the window goes along with it, over a floor at
    height 0; its place along the floor is the first number of a pose.
    """

    points: Callable[[Array, Sequence[float]], Array]
    wide: float
    low: float
    high: float
    runs: bool


def cheetah(poses: Array, task: Sequence[float]) -> Array:
    """HalfCheetah [..., 10, 2]: from the toe of the back leg over its hip, the front hip, the snout and back, to the front toe.

    A pose is how far, how high, turned by how much (forwards), then the angles of hip, knee and ankle of the back leg and of the
    front leg, each relative to the part before it: the first nine numbers of the state of Gymnasium's HalfCheetah-v5.
    """
    del task
    middle = poses[..., :2] + (0.0, _TORSO)
    turned = poses[..., 2]
    back = _leg(middle, turned, poses[..., 3:6], _BACK)
    front = _leg(middle, turned, poses[..., 6:9], _FRONT)
    head = middle + _rotated(_HEAD, turned)
    return np.stack((*back[::-1], front[0], head, *front), -2)


def pendulum(poses: Array, task: Sequence[float]) -> Array:
    """A rod [..., 2, 2] from its pivot to its end. A pose is the angle from upright, the task its mass and its length."""
    angle = poses[..., 0]
    end = task[1] * np.stack((np.sin(angle), np.cos(angle)), -1)
    return np.stack((np.zeros_like(end), end), -2)


SKELETONS = {
    "cheetah-vel": Skeleton(cheetah, 2.4, -0.15, 1.75, runs=True),
    "cheetah-dir": Skeleton(cheetah, 2.4, -0.15, 1.75, runs=True),
    "pendulum": Skeleton(pendulum, 2.4, -1.0, 2.1, runs=False),
}
"""Of the families whose agents have a body."""


def _leg(middle: Array, turned: Array, angles: Array, parts: Sequence[tuple[float, float]]) -> list[Array]:
    """Hip, knee, ankle and toe, [..., 2] each."""
    points, place = [], middle
    for joint, part in enumerate(parts):
        place = place + _rotated(part, turned)
        points.append(place)
        if joint < angles.shape[-1]:
            turned = turned + angles[..., joint]
    return points


def _rotated(part: tuple[float, float], angle: Array) -> Array:
    """A vector turned by an angle about the axis that points away from the viewer: from up to the right."""
    x, y = part
    return np.stack((x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)), -1)
