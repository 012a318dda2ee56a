"""The pendulum: its dynamics beside Gymnasium's own, and what its tasks promise."""

import math
from collections.abc import Iterator

import gymnasium
import numpy as np
import pytest
import torch
from gymnasium.envs.classic_control.pendulum import PendulumEnv
from torch import Generator

from metaplay.algorithms.policy_gradient.advantages import gae
from metaplay.algorithms.policy_gradient.rollout import rollout
from metaplay.config import defaults
from metaplay.environments import Environments
from metaplay.episodes import Split
from metaplay.models.policy import GaussianPolicy
from metaplay.tasks.cells import CELLS
from metaplay.tasks.pendulum import FASTEST, LENGTH, LEVEL, MASS, SWAY, TORQUE, Pendulum
from metaplay.verify.subject import float64

T, N, H = 3, 4, 60


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    with float64():
        yield


def make() -> Pendulum:
    return Pendulum(defaults("maml", "pendulum"), torch.device("cpu"))


def tasks(number: int, split: Split = "train", seed: int = 1) -> Environments:
    return make().sample(split, number, 0, 0, Generator().manual_seed(seed))


def known(mass: float, length: float, turn: float = 1.0) -> Environments:
    return Environments(torch.tensor([[mass, length, turn]]))


def singly(task: list[float], state: list[float]) -> PendulumEnv:
    env = gymnasium.make("Pendulum-v1").unwrapped
    assert isinstance(env, PendulumEnv)
    env.reset()
    env.m, env.l, env.state = task[0], task[1], np.array(state)
    return env


def off(angle: float, goal: float) -> float:
    """How far an angle is from another, within +-pi."""
    return (angle - goal + math.pi) % (2 * math.pi) - math.pi


def test_every_step_is_that_of_gymnasiums_pendulum_but_that_level_is_the_goal():
    family, environments, rng = make(), tasks(T), Generator().manual_seed(2)
    state = family.start(environments, N, rng)
    actions = 2 * torch.randn(H, T, N, 1, generator=rng)  # many beyond the greatest torque
    envs = [[singly(environments.latent[t].tolist(), state[t, n].tolist()) for n in range(N)] for t in range(T)]
    speeds = []
    for action in actions:
        state, rewards, ended = family.step(environments, state, action)
        seen = family.observe(state)
        for t in range(T):
            for n in range(N):
                env, turn = envs[t][n], environments.latent[t, 2].item()
                angle = env.state[0]
                observed, reward, over, _, _ = env.step(turn * TORQUE * action[t, n].numpy())
                expected = float(reward) + off(angle, 0.0) ** 2 - off(angle, LEVEL) ** 2
                assert rewards[t, n].item() == pytest.approx(expected, rel=1e-9)
                np.testing.assert_allclose(state[t, n].numpy(), env.state, rtol=1e-9)
                np.testing.assert_allclose(seen[t, n].numpy(), observed, atol=1e-5)  # which Gymnasium rounds
                assert not over
        assert not ended.any()
        speeds.append(state[..., 1].abs().max().item())
    assert max(speeds) == FASTEST  # so that the limit was met


def test_masses_and_lengths_fill_their_ranges_and_no_cell_of_them_is_in_two_splits():
    splits: tuple[Split, ...] = ("train", "val", "test")
    cells = {}
    for split in splits:
        drawn = tasks(4000, split).latent
        for column, (least, most) in enumerate((MASS, LENGTH)):
            assert least <= drawn[:, column].min() < least + 0.2 * (most - least)
            assert most >= drawn[:, column].max() > most - 0.2 * (most - least)
        least, most = torch.tensor((MASS, LENGTH)).unbind(1)
        assert drawn[:, 2].unique().tolist() == [-1, 1]
        assert drawn[:, 2].mean().abs() < 0.1
        places = ((drawn[:, :2] - least) / (most - least) * CELLS).long().clamp(0, CELLS - 1)
        cells[split] = {(x, y) for x, y in places.tolist()}
    assert not cells["train"] & cells["val"]
    assert not (cells["train"] | cells["val"]) & cells["test"]
    assert [len(cells[split]) for split in splits] == [320, 40, 40]


def test_it_is_level_at_first_and_the_generator_decides_how():
    family, environments = make(), tasks(T)
    first, again, other = (family.start(environments, 50, Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert (first[..., 0] - LEVEL).abs().max() <= SWAY
    assert first[..., 1].abs().max() <= SWAY


def test_there_is_enough_torque_to_hold_the_heaviest_and_longest_out_level():
    family, environments = make(), known(MASS[1], LENGTH[1])
    level, push = torch.tensor([[[math.pi / 2, 0.0]]]), 5 * MASS[1] * LENGTH[1] / TORQUE  # m g l / 2
    moved, _, _ = family.step(environments, level, torch.tensor([[[-push]]]))
    torch.testing.assert_close(moved, level)
    other, _, _ = family.step(known(MASS[1], LENGTH[1], -1.0), level, torch.tensor([[[push]]]))
    torch.testing.assert_close(other, level)
    assert push < 1


def test_no_controller_of_the_common_kind_beats_the_oracle():
    family, environments = make(), tasks(20, "val")
    best, weight = family.oracle(environments), 5 * environments.latent[:, :2].prod(1, keepdim=True)
    turn = environments.latent[:, 2:]
    assert (best > -0.2).all()  # what it takes to hold it: 0.001 torque^2 a time step
    for stiff in (0.3, 1.0, 3.0, 10.0):
        for damped in (0.03, 0.1, 0.3, 1.0):
            for told in (0.0, 0.9, 1.0, 1.1):  # of the torque that holds the weight
                state, total = torch.tensor((LEVEL, 0.0)).repeat(20, 1, 1), 0.0
                for _ in range(family.horizon):
                    angle, speed = state.unbind(-1)
                    torque = -stiff * (angle - LEVEL) - damped * speed - told * weight * angle.sin()
                    state, reward, _ = family.step(environments, state, (turn * torque).unsqueeze(-1) / TORQUE)
                    total = total + reward.squeeze(1)
                assert (total <= best + 0.01).all()


def test_time_runs_out_for_all_alike_and_nothing_is_expected_after_it():
    family, environments = make(), tasks(T)
    policy = GaussianPolicy((3,), 1, 4)
    met = rollout(family, environments, policy, policy.init(Generator().manual_seed(0)), N, Generator().manual_seed(1))
    assert met.rewards.shape == (T, N, family.horizon)
    assert (met.alive == 1).all()
    values = torch.randn(met.rewards.shape, generator=Generator().manual_seed(2))
    found = gae(met.rewards, values, met.alive, 0.9, 0.8)
    torch.testing.assert_close(found[..., -1], met.rewards[..., -1] - values[..., -1])
    torch.testing.assert_close(
        found[..., -2], met.rewards[..., -2] + 0.9 * values[..., -1] - values[..., -2] + 0.72 * found[..., -1]
    )
