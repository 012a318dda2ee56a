"""Environments: a batch of tasks to act in, and the trajectories that come of acting in them."""

from dataclasses import dataclass, fields
from typing import Literal, Protocol, Self

from torch import Generator, Tensor

from metaplay.episodes import Split


@dataclass(frozen=True)
class Environments:
    """T tasks, side by side. `latent` [T, L] holds the numbers that tell one from another: its goal, its wind."""

    latent: Tensor

    @property
    def tasks(self) -> int:
        return self.latent.shape[0]

    def __getitem__(self, tasks: slice) -> "Environments":
        """Some of the tasks."""
        return Environments(self.latent[tasks])


@dataclass(frozen=True)
class Trajectories:
    """N trajectories of H time steps in each of T tasks.

    observations [T, N, H, O] before each action, actions [T, N, H, A] as the policy chose them (the environment clips), rewards
    [T, N, H] (0 after the end), alive [T, N, H] (1 where the trajectory had not ended before this time step, else 0), and
    states [T, N, H + 1, S], those in the end included.
    """

    observations: Tensor
    actions: Tensor
    rewards: Tensor
    alive: Tensor
    states: Tensor

    @property
    def last(self) -> Tensor:
        """The states in the end [T, N, S]."""
        return self.states[:, :, -1]

    @property
    def returns(self) -> Tensor:
        """The sum of rewards of each trajectory [T, N], not discounted."""
        return self.rewards.sum(-1)

    def __getitem__(self, tasks: slice) -> Self:
        """Those of some of the tasks."""
        return type(self)(*(getattr(self, item.name)[tasks] for item in fields(self)))


class ControlFamily(Protocol):
    """A family of tasks to act in. Built by the registry's target, called with (config, device).

    `input_shape` is (O,), the size of an observation, `outputs` the size A of an action and `horizon` the time steps of a
    trajectory at most. There are no classes. What is to come is decided by a state of S numbers, of which the first `posed` tell how
    an agent's body stands; where that is 0 the first two are its place in a plane.
    """

    kind: Literal["control"]
    input_shape: tuple[int, ...]
    outputs: int
    horizon: int
    posed: int
    train_classes: int
    class_counts: dict[str, int]
    split_digest: str

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Environments:
        """Draw tasks; the same generator state gives the same ones. Trajectories are not drawn here: it takes a policy."""
        ...

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        """An empty list."""
        ...

    def start(self, environments: Environments, trajectories: int, rng: Generator) -> Tensor:
        """The first states [T, N, S]; the same generator state gives the same ones."""
        ...

    def observe(self, states: Tensor) -> Tensor:
        """What agents see [..., O] of their states [..., S]."""
        ...

    def step(self, environments: Environments, states: Tensor, actions: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """What follows from actions [T, N, A], clipped here: states [T, N, S], rewards [T, N], and whether it ends [T, N].
        The horizon is no end: it is the same for all, and the baseline knows the time."""
        ...

    def oracle(self, environments: Environments) -> Tensor | None:
        """The return [T] of one who is told the task and knows how to act in it; None where nobody knows."""
        ...
