"""HalfCheetah: what it does beside Gymnasium's own environment, and what its tasks promise."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Generator

from metaplay.algorithms.policy_gradient.rollout import rollout
from metaplay.config import defaults
from metaplay.environments import Environments
from metaplay.models.policy import GaussianPolicy
from metaplay.registry import FAMILIES, check_installed, extras, lacking
from metaplay.tasks.cheetah import CELLS, FASTEST, HORIZON, CheetahDirection, CheetahVelocity
from metaplay.text import UserError

pytestmark = pytest.mark.usefixtures("mujoco")
CPU = torch.device("cpu")
SPLITS = ("train", "val", "test")


def make(task: str = "vel") -> CheetahVelocity | CheetahDirection:
    kind = CheetahVelocity if task == "vel" else CheetahDirection
    return kind(defaults("maml", f"cheetah-{task}"), CPU)


@pytest.fixture
def singly(mujoco: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Gymnasium's own environment. It is made in a folder of its own, as MuJoCo writes a log file about its model."""
    from gymnasium.envs.mujoco.half_cheetah_v5 import HalfCheetahEnv

    monkeypatch.chdir(tmp_path)
    return HalfCheetahEnv()


@pytest.mark.parametrize("task", ["vel", "dir"])
def test_every_observation_and_reward_is_that_of_gymnasiums_environment_stepped_singly(task: str, singly: Any):
    family, rng = make(task), Generator().manual_seed(0)
    environments = Environments(torch.tensor([[1.3], [0.4]] if task == "vel" else [[1.0], [-1.0]]))
    state = family.start(environments, 2, rng)
    actions = 1.5 * torch.randn(60, 2, 2, 6, generator=rng)
    seen, rewards = [], []
    states = [state]
    for action in actions:
        state, reward, ended = family.step(environments, state, action)
        assert not ended.any()
        states.append(state)
        seen.append(family.observe(state))
        rewards.append(reward)
    for t in range(2):
        for n in range(2):
            singly.reset(seed=1)
            singly.set_state(*states[0][t, n, :18].numpy().reshape(2, 9))
            for time, action in enumerate(actions[:, t, n].clamp(-1, 1).double().numpy()):
                observed, _, _, _, said = singly.step(action)
                np.testing.assert_array_equal(seen[time][t, n].numpy(), observed.astype(np.float32))
                goal, speed = environments.latent[t].item(), said["x_velocity"]
                gain = -abs(speed - goal) if task == "vel" else goal * speed
                assert rewards[time][t, n].item() == pytest.approx(gain - 0.05 * (action**2).sum(), abs=1e-5)


def test_no_difference_comes_of_the_number_of_threads_or_of_who_else_is_there():
    found = []
    for threads, trajectories in ((1, 3), (2, 3), (2, 1)):
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        family, environments = make(), Environments(torch.tensor([[1.0]]))
        state = family.start(environments, 3, Generator().manual_seed(5))[:, :trajectories]
        for time in range(20):
            action = torch.randn(1, 3, 6, generator=Generator().manual_seed(time))[:, :trajectories]
            state, _, _ = family.step(environments, state, action)
        found.append(state[0, 0])
        torch.set_num_threads(before)
    assert torch.equal(found[0], found[1])
    assert torch.equal(found[0], found[2])


def test_a_rollout_is_decided_by_its_seed_keeps_unclipped_actions_and_lasts_the_horizon(
    monkeypatch: pytest.MonkeyPatch,
):
    family = make()
    monkeypatch.setattr(family, "horizon", 30)
    policy = GaussianPolicy((17,), 6, 5)
    params = policy.init(Generator().manual_seed(1))
    environments = family.sample("train", 2, 0, 0, Generator().manual_seed(2))
    met, again, other = (
        rollout(family, environments, policy, params, 3, Generator().manual_seed(seed)) for seed in (3, 3, 4)
    )
    assert torch.equal(met.states, again.states)
    assert not torch.equal(met.states, other.states)
    assert met.observations.shape == (2, 3, 30, 17)
    assert met.states.shape == (2, 3, 31, 27)
    assert met.alive.all()
    assert met.actions.abs().max() > 1  # as they were drawn
    beyond, _, _ = family.step(environments, met.states[:, :, 4], met.actions[:, :, 4])
    clipped, reward, _ = family.step(environments, met.states[:, :, 4], met.actions[:, :, 4].clamp(-1, 1))
    assert torch.equal(beyond, clipped)
    assert torch.equal(met.states[:, :, 5], clipped)
    assert torch.equal(met.rewards[:, :, 4], reward)
    mean = policy.forward(params, met.observations.flatten(1, 2))[0].view(met.actions.shape)
    drawn = torch.distributions.Normal(mean, params["log_std"].exp()).log_prob(met.actions).sum(-1)
    torch.testing.assert_close(policy.log_probs(params, met.observations, met.actions), drawn)


def test_trajectories_are_as_long_as_the_papers():
    assert make().horizon == make("dir").horizon == FAMILIES["cheetah-vel"].horizon == HORIZON == 200


def test_bodies_start_as_gymnasiums_do():
    state = make().start(Environments(torch.zeros(40, 1)), 100, Generator().manual_seed(0))
    assert state.dtype == torch.float64
    assert state[..., :9].abs().max() <= 0.1
    assert state[..., :9].std() == pytest.approx(0.1 / 3**0.5, rel=0.02)
    assert state[..., 9:18].std() == pytest.approx(0.1, rel=0.02)
    assert (state[..., 18:] == 0).all()


def test_goal_velocities_fill_their_range_and_those_of_the_test_are_never_trained_on():
    family, cells = make(), {}
    for split in SPLITS:
        goals = family.sample(split, 3000, 0, 0, Generator().manual_seed(1)).latent
        assert goals.shape == (3000, 1)
        assert 0 <= goals.min() < 0.2
        assert 1.8 < goals.max() <= FASTEST
        assert goals.mean().item() == pytest.approx(1, abs=0.03)
        cells[split] = {*(goals / FASTEST * CELLS).long().clamp(max=CELLS - 1).flatten().tolist()}
    assert {split: len(found) for split, found in cells.items()} == {"train": 80, "val": 10, "test": 10}
    assert len(set.union(*cells.values())) == CELLS


def test_directions_are_forwards_and_backwards():
    goals = make("dir").sample("test", 400, 0, 0, Generator().manual_seed(1)).latent
    assert {*goals.flatten().tolist()} == {1.0, -1.0}
    assert goals.mean().abs() < 0.2


def test_who_has_not_installed_mujoco_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(UserError, match=r"HalfCheetah, velocity needs .*gymnasium, mujoco.*requirements-rl\.txt"):
        check_installed(FAMILIES["cheetah-vel"])
    assert lacking(FAMILIES["nav2d"]) is None
