"""HalfCheetah, a body with two legs that learns to run: forwards or backwards, or at a speed (Finn et al. 2017, section 5.3)."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Literal

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.environments import Environments
from metaplay.episodes import Split
from metaplay.tasks.bodies import Bodies

MODEL, SUBSTEPS = "half_cheetah.xml", 5
"""Gymnasium's HalfCheetah-v5: a time step of 0.05 s is five steps of physics."""
HORIZON = 200
CONTROL_COST = 0.05
"""Of the sum of the squared actions, as they were clipped (the authors' code)."""
SHIFT, PUSH = 0.1, 0.1
"""At the start joints are off by U[-SHIFT, SHIFT] and move at PUSH * N(0, 1), as Gymnasium's."""
FASTEST = 2.0
"""Goal velocities are U[0, FASTEST], in metres a second."""
CELLS, BLOCK = 100, 10
"""Goal velocities lie in so many even intervals. Of each so many neighbours two in the middle are held out, one for validation and one
for the test, which so are spread like all."""


class _Cheetah(ABC):
    """Observed are the positions of all joints but how far it has come, and their velocities (17 numbers); actions are six torques,
    clipped to +-1. Its speed is the mean one of the time step. It falls over as it likes: a trajectory takes HORIZON time steps.

    States are those of Bodies, 27 numbers in double precision: positions of 9 joints (of the body: how far, how high, turned by
    how much; of the back leg's and then the front leg's thigh, shin and foot), velocities, and what the solver starts from.
    """

    kind: Literal["control"] = "control"
    input_shape: tuple[int, ...] = (17,)
    outputs = 6
    horizon = HORIZON
    posed = 9
    train_classes = 0

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device, self.bodies = device, Bodies(MODEL, SUBSTEPS)
        self.exact = torch.float32 if device.type == "mps" else torch.float64  # MPS has no double precision
        self.initial = torch.as_tensor(self.bodies.initial, dtype=self.exact, device=device)
        self.class_counts: dict[str, int] = {}
        self.split_digest = ""

    @abstractmethod
    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments: ...

    @abstractmethod
    def gain(self, goal: Tensor, speed: Tensor) -> Tensor:
        """The reward [T, N] of speeds [T, N] for goals [T, 1], the control cost left aside."""
        ...

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []

    def start(self, environments: Environments, trajectories: int, rng: Generator) -> Tensor:
        shape, like = (environments.tasks, trajectories, self.posed), {"dtype": self.exact, "device": self.device}
        shift = SHIFT * (2 * torch.rand(shape, generator=rng, **like) - 1)
        push = PUSH * torch.randn(shape, generator=rng, **like)
        return torch.cat((self.initial + shift, push, torch.zeros_like(push)), -1)

    def observe(self, states: Tensor) -> Tensor:
        return states[..., 1 : 2 * self.posed].float()

    def step(self, environments: Environments, states: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        torques = actions.clamp(-1, 1)
        moved = self.bodies.step(states.flatten(0, 1).cpu().double().numpy(), torques.flatten(0, 1).cpu().numpy())
        following = torch.as_tensor(moved, dtype=self.exact, device=self.device).view(states.shape)
        speed = ((following[..., 0] - states[..., 0]) / self.bodies.seconds).float()
        reward = self.gain(environments.latent, speed) - CONTROL_COST * torques.square().sum(-1)
        return following, reward, torch.zeros_like(reward, dtype=torch.bool)

    def oracle(self, environments: Environments) -> Tensor | None:
        """None: the paper's oracle is a policy that was trained with the goal told."""
        return None


class CheetahVelocity(_Cheetah):
    """A task is a velocity U[0, 2] m/s, the reward minus the distance to it. Velocities of meta-training, validation and test are of
    different intervals, so that none was trained on."""

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        super().__init__(config, device, progress)
        cells = torch.arange(CELLS, device=device)
        val, test = (cells % BLOCK == BLOCK // 2 - after for after in (1, 0))
        self.cells: dict[Split, Tensor] = {"val": cells[val], "test": cells[test], "train": cells[~(val | test)]}

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments:
        """latent [T, 1] is the velocity."""
        draw, own = torch.rand(tasks, 2, generator=rng, device=self.device), self.cells[split]
        cell = own[(draw[:, 0] * len(own)).long().clamp(max=len(own) - 1)]
        return Environments((FASTEST * (cell + draw[:, 1]) / CELLS)[:, None])

    def gain(self, goal: Tensor, speed: Tensor) -> Tensor:
        return -(speed - goal).abs()


class CheetahDirection(_Cheetah):
    """A task is forwards or backwards, the reward the speed in that direction. There are two tasks, and none to hold out (the
    paper's too)."""

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments:
        """latent [T, 1] is 1 or -1."""
        return Environments(2.0 * (torch.rand(tasks, 1, generator=rng, device=self.device) < 0.5) - 1)

    def gain(self, goal: Tensor, speed: Tensor) -> Tensor:
        return goal * speed
