"""2D navigation: a point that walks to a goal it is not told, as in Finn et al. 2017, section 5.3, and the authors' code."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.environments import Environments
from metaplay.episodes import Split
from metaplay.tasks.cells import CELLS, deal, square
from metaplay.tasks.pillars import free, slide

HORIZON = 100
SPEED = 0.1
"""The greatest velocity along each axis, a time step; a policy's action of 1 stands for it (the authors' `normalize`)."""
ARRIVED = 0.01
"""A trajectory ends where both coordinates are this close to the goal's."""
REACH = 0.5
"""Goals are U[-REACH, REACH]^2, or on the circle of this radius, whose arcs are dealt as the cells are."""
WIND = 0.05
"""The wind blows U[-WIND, WIND] along each axis, the same in all of a task."""


class Navigation:
    """Start (0, 0), actions are velocities that are clipped to +-SPEED, reward minus the distance to the goal after the move.

    A trajectory ends at the goal or after HORIZON time steps. The agent observes its position and neither goal nor wind. Goals of
    meta-training, validation and test are in different cells of a grid, so that none was trained on; within its cells a goal is
    drawn evenly. Variants: goals on a circle; a wind of each task; pillars in the way, the same in all tasks, in which no goal lies.
    """

    kind: Literal["control"] = "control"
    input_shape: tuple[int, ...] = (2,)
    outputs = 2
    horizon = HORIZON
    posed = 0
    train_classes = 0

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device, self.circle, self.wind = device, config.goals == "circle", config.wind
        self.pillars = config.obstacles
        self.class_counts: dict[str, int] = {}
        self.cells = deal(device)
        if self.pillars and not self.circle:  # the circle passes none
            self.cells = {
                split: cells[free(_place(square(cells)), 2 * REACH / CELLS)] for split, cells in self.cells.items()
            }
        self.split_digest = ""

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments:
        """Goals and winds; latent [T, 4] is goal x, y and wind x, y."""
        draw = torch.rand(tasks, 5, generator=rng, device=self.device)
        own = self.cells[split]
        cell = own[(draw[:, 0] * len(own)).long().clamp(max=len(own) - 1)]
        if self.circle:
            angle = 2 * math.pi * (cell + draw[:, 1]) / CELLS**2
            goal = REACH * torch.stack((angle.cos(), angle.sin()), 1)
        else:
            goal = _place(square(cell) + draw[:, 1:3])
        wind = WIND * (2 * draw[:, 3:] - 1) * float(self.wind)
        return Environments(torch.cat((goal, wind), 1))

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []

    def start(self, environments: Environments, trajectories: int, rng: Generator) -> Tensor:
        return environments.latent.new_zeros(environments.tasks, trajectories, 2)

    def observe(self, states: Tensor) -> Tensor:
        """The position is all that there is, and it is seen."""
        return states

    def step(self, environments: Environments, states: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        goal, wind = environments.latent[:, None].split(2, -1)
        moved = torch.add(states, actions.clamp(-1, 1), alpha=SPEED).add_(wind)
        if self.pillars:
            moved = slide(states, moved - states)
        away = goal - moved
        return moved, -torch.linalg.vector_norm(away, dim=-1), away.abs().amax(-1) < ARRIVED

    def oracle(self, environments: Environments) -> Tensor:
        """Straight to the goal as fast as each axis allows, against the wind, and stay there: nothing is nearer at any time. It
        walks through pillars, so that with them its return is what nobody can be above."""
        goal, wind = environments.latent.split(2, -1)
        total, place = goal.new_zeros(environments.tasks), torch.zeros_like(goal)
        alive = torch.ones_like(total)
        for _ in range(HORIZON):
            away = goal - place
            place = place + (away - wind).clamp(-SPEED, SPEED) + wind
            total = total - alive * torch.linalg.vector_norm(goal - place, dim=-1)
            alive = alive * ((goal - place).abs().amax(-1) >= ARRIVED)
        return total


def _place(squares: Tensor) -> Tensor:
    """Where in the plane a column and row of the grid is, with fractions."""
    return REACH * (2 * squares / CELLS - 1)
