"""How many time steps a second 2D navigation takes: task-batched, and the same environment stepped singly through Gymnasium.

    python -m benchmarks.navigation [--rounds R]

Both are given the same goals and actions, and must agree on every observation and reward before they are timed. They take turns, in
one process on one thread, so that whatever else the machine does meets both. Wants `pip install -r benchmarks/requirements.txt`.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np
import torch
from torch import Generator, Tensor

from metaplay.config import defaults
from metaplay.environments import Environments
from metaplay.tasks.navigation import ARRIVED, HORIZON, SPEED, Navigation

TASKS, TRAJECTORIES = 20, 20
"""A meta-batch of the preset: 400 environments at once."""
AGREE = 1e-5


class Point(gymnasium.Env[np.ndarray, np.ndarray]):
    """One agent of metaplay.tasks.navigation, without wind."""

    def __init__(self, goal: np.ndarray):
        self.goal = goal
        self.observation_space = gymnasium.spaces.Box(-np.inf, np.inf, (2,), np.float32)
        self.action_space = gymnasium.spaces.Box(-1.0, 1.0, (2,), np.float32)

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.ndarray, dict[str, Any]]:
        super().reset(seed=seed)
        self.place, self.time = np.zeros(2, np.float32), 0
        return self.place, {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        self.place = self.place + np.float32(SPEED) * np.clip(action, -1, 1)
        self.time += 1
        x, y = (self.goal - self.place).tolist()
        return self.place, -((x * x + y * y) ** 0.5), max(abs(x), abs(y)) < ARRIVED, self.time >= HORIZON, {}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    rounds = parser.parse_args().rounds
    torch.set_num_threads(1)
    family = Navigation(defaults("maml", "nav2d"), torch.device("cpu"))
    rng = Generator().manual_seed(0)
    environments = family.sample("train", TASKS, 0, 0, rng)
    actions = 0.5 * torch.randn(HORIZON, TASKS, TRAJECTORIES, 2, generator=rng)
    goals = environments.latent[:, :2].repeat_interleave(TRAJECTORIES, 0).numpy()
    singly = gymnasium.vector.SyncVectorEnv([lambda goal=goal: Point(goal) for goal in goals])
    check(family, environments, singly, actions)
    given = list(actions.flatten(1, 2).numpy())
    ways: dict[str, Callable[[], None]] = {
        "metaplay, task-batched": lambda: batched(family, environments, actions),
        "Gymnasium, SyncVectorEnv": lambda: one_by_one(singly, given),
    }
    rates = {name: [] for name in ways}
    for _ in range(rounds):
        for name, run in ways.items():
            began = time.perf_counter()
            run()
            rates[name].append(HORIZON * TASKS * TRAJECTORIES / (time.perf_counter() - began))
    ratios = [ours / theirs for ours, theirs in zip(*rates.values(), strict=True)]
    print(f"{TASKS} tasks x {TRAJECTORIES} trajectories x {HORIZON} time steps, {rounds} rounds in turn, one thread")
    print("| environment | steps/s, median | least | most |\n|---|---|---|---|")
    for name, found in rates.items():
        print(f"| {name} | {statistics.median(found):,.0f} | {min(found):,.0f} | {max(found):,.0f} |")
    print(
        f"Ratio, round by round: {statistics.median(ratios):.1f} (median), from {min(ratios):.1f} to {max(ratios):.1f}"
    )


def batched(family: Navigation, environments: Environments, actions: Tensor) -> None:
    """A trajectory of every agent, ended ones included: what a rollout does, the policy left aside."""
    place = family.start(environments, TRAJECTORIES, Generator())
    alive = torch.ones(place.shape[:-1], dtype=torch.bool)
    for action in actions:
        following, reward, ended = family.step(environments, place, action)
        reward = reward * alive
        place = torch.where(alive.unsqueeze(-1), following, place)
        alive = alive & ~ended


def one_by_one(singly: gymnasium.vector.SyncVectorEnv, actions: list[np.ndarray]) -> None:
    """The same through Gymnasium's vector API, which lets an agent that has ended begin again."""
    singly.reset()
    for action in actions:
        singly.step(action)


def check(
    family: Navigation, environments: Environments, singly: gymnasium.vector.SyncVectorEnv, actions: Tensor
) -> None:
    """Raises AssertionError unless both say the same of every agent up to its end."""
    place, _ = family.start(environments, TRAJECTORIES, Generator()), singly.reset()
    alive = np.ones(TASKS * TRAJECTORIES, bool)
    for action in actions:
        place, reward, ended = family.step(environments, place, action)
        observed, gained, arrived, _, _ = singly.step(action.flatten(0, 1).numpy())
        np.testing.assert_allclose(place.flatten(0, 1).numpy()[alive], observed[alive], atol=AGREE)
        np.testing.assert_allclose(reward.flatten().numpy()[alive], gained[alive], atol=AGREE)
        differ = alive & (ended.flatten().numpy() != arrived)
        away = (environments.latent[:, None, :2] - place).abs().amax(-1).flatten().numpy()
        assert (np.abs(away - ARRIVED)[differ] < AGREE).all()  # at the very edge, where rounding decides
        alive &= ~(ended.flatten().numpy() | arrived)


if __name__ == "__main__":
    main()
