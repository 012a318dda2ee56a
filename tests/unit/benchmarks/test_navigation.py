"""2D navigation beside an environment of Gymnasium's that was written on its own."""

import gymnasium
import torch
from torch import Generator

from benchmarks.navigation import TASKS, TRAJECTORIES, Point, check
from metaplay.config import defaults
from metaplay.tasks.navigation import HORIZON, Navigation


def test_it_moves_rewards_and_ends_as_the_one_of_gymnasium():
    family, rng = Navigation(defaults("maml", "nav2d"), torch.device("cpu")), Generator().manual_seed(5)
    environments = family.sample("test", TASKS, 0, 0, rng)
    goals = environments.latent[:, :2].repeat_interleave(TRAJECTORIES, 0).numpy()
    singly = gymnasium.vector.SyncVectorEnv([lambda goal=goal: Point(goal) for goal in goals])
    check(family, environments, singly, 0.5 * torch.randn(HORIZON, TASKS, TRAJECTORIES, 2, generator=rng))
