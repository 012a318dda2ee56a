"""A pendulum to be held out level, of unknown mass, length and turn of its motor: Gymnasium's Pendulum-v1, task-batched."""

import math
from collections.abc import Callable
from typing import Literal

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.environments import Environments
from metaplay.episodes import Split
from metaplay.tasks.cells import CELLS, deal, square

HORIZON = 40
GRAVITY, SECONDS, FASTEST, TORQUE = 10.0, 0.05, 8.0, 2.0
"""Gymnasium's: m/s^2, what a time step takes, the greatest speed in rad/s, and the greatest torque in N m, for which a
policy's action of 1 stands."""
MASS, LENGTH = (0.1, 0.4), (0.4, 0.8)
"""kg and m. To hold the heaviest and longest takes 1.6 N m, the lightest and shortest 0.2 N m; and the same torque too much turns that
16 times as fast."""
LEVEL = math.pi / 2
"""The angle at which it is to be held, from upright: where its weight pulls the most."""
SWAY = 0.1
"""It starts at U[-SWAY, SWAY] rad and rad/s from level and at rest."""


class Pendulum:
    """Its state is the angle from upright and the speed; what is seen is Gymnasium's: the angle's cosine and sine, and the speed.

    The reward of a time step is minus (off^2 + 0.1 speed^2 + 0.001 torque^2), `off` being how far from level it is, within +-pi. It
    differs from Pendulum-v1 in mass and length (1 there), in that the motor turns one way or the other, in that it is to be level (there
    upright), in where it starts (anywhere there) and in HORIZON (200). Without the motor's turn there was little to adapt: one policy
    learned to correct itself under every weight. Masses and lengths of meta-training, validation and test are in different cells of a
    grid over both; both turns are in each.
    """

    kind: Literal["control"] = "control"
    input_shape: tuple[int, ...] = (3,)
    outputs = 1
    horizon = HORIZON
    posed = 1
    train_classes = 0

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device = device
        self.class_counts: dict[str, int] = {}
        self.cells = deal(device)
        self.split_digest = ""

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments:
        """latent [T, 3] is mass, length, and 1 or -1 for the motor's turn."""
        draw, own = torch.rand(tasks, 4, generator=rng, device=self.device), self.cells[split]
        cell = own[(draw[:, 0] * len(own)).long().clamp(max=len(own) - 1)]
        share = (square(cell) + draw[:, 1:3]) / CELLS
        least, most = torch.tensor((MASS, LENGTH), device=self.device).unbind(1)
        turn = 2.0 * (draw[:, 3:] < 0.5) - 1
        return Environments(torch.cat((least + share * (most - least), turn), 1))

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []

    def start(self, environments: Environments, trajectories: int, rng: Generator) -> Tensor:
        latent = environments.latent
        shape, like = (environments.tasks, trajectories, 2), {"device": latent.device, "dtype": latent.dtype}
        level = torch.tensor((LEVEL, 0.0), **like)
        return level + SWAY * (2 * torch.rand(shape, generator=rng, **like) - 1)

    def observe(self, states: Tensor) -> Tensor:
        angle, speed = states.unbind(-1)
        return torch.stack((angle.cos(), angle.sin(), speed), -1)

    def step(self, environments: Environments, states: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        (angle, speed), torque = states.unbind(-1), TORQUE * actions.squeeze(-1).clamp(-1, 1)
        pull, ease = _physics(environments.latent[:, None])
        reward = -(_off(angle).square() + 0.1 * speed.square() + 0.001 * torque.square())
        speed = (speed + SECONDS * (pull * angle.sin() + ease * torque)).clamp(-FASTEST, FASTEST)
        following = torch.stack((angle + SECONDS * speed, speed), -1)
        return following, reward, torch.zeros_like(reward, dtype=torch.bool)

    def oracle(self, environments: Environments) -> Tensor:
        """The return of a controller that is told the task: at every time it gives the torque, as far as there is enough, after
        which the speed is -off / sqrt(0.1). Where torque costs nothing and has no limit, no speed costs less
        (the Riccati equation of this reward), so that it is near the best, if not the best."""
        pull, ease = _physics(environments.latent)
        rest = environments.latent.new_zeros(environments.tasks, 1)
        state, total = torch.stack((rest + LEVEL, rest), -1), torch.zeros_like(rest)
        for _ in range(self.horizon):
            angle, speed = state.unbind(-1)
            wanted = (-_off(angle) / math.sqrt(0.1)).clamp(-FASTEST, FASTEST)
            torque = ((wanted - speed) / SECONDS - pull[:, None] * angle.sin()) / ease[:, None]
            state, reward, _ = self.step(environments, state, torque.unsqueeze(-1) / TORQUE)
            total = total + reward
        return total.squeeze(1)


def _physics(latent: Tensor) -> tuple[Tensor, Tensor]:
    """What accelerates it in rad/s^2: gravity, times the sine of the angle, and a torque of 1 N m. [...] each, of latent [..., 3]."""
    mass, length, turn = latent.unbind(-1)
    return 3 * GRAVITY / (2 * length), 3 * turn / (mass * length.square())


def _off(angle: Tensor) -> Tensor:
    """How far from level, within +-pi."""
    return torch.remainder(angle - LEVEL + math.pi, 2 * math.pi) - math.pi
