"""Policy gradient: advantages, the policy and its trajectories beside naive loops and closed forms."""

import numpy as np
import pytest
import torch
from torch import Generator
from torch.distributions import Normal, kl_divergence

from metaplay.algorithms.policy_gradient import advantages as adv
from metaplay.algorithms.policy_gradient.rollout import rollout
from metaplay.config import defaults
from metaplay.environments import Environments, Trajectories
from metaplay.models.policy import GaussianPolicy, gaussian_kl, gaussian_log_prob
from metaplay.tasks import navigation
from metaplay.tasks.navigation import Navigation
from metaplay.verify.subject import perturb

CPU = torch.device("cpu")
T, N, H = 3, 4, 6


def make_family() -> Navigation:
    return Navigation(defaults("maml", "nav2d"), CPU)


def make_policy(tasks: int = T) -> tuple[GaussianPolicy, dict[str, torch.Tensor]]:
    """A small policy, its parameters different in each task."""
    policy = GaussianPolicy((2,), 2, 5)
    params = policy.init(Generator().manual_seed(3))
    perturb(params)
    rng = Generator().manual_seed(4)
    return policy, {
        name: value + 0.1 * torch.randn(tasks, *value.shape, generator=rng) for name, value in params.items()
    }


def make_trajectories(seed: int = 0) -> Trajectories:
    """Random ones that end at different times; what stands after the end is rubbish, but for rewards, which are 0."""
    rng = Generator().manual_seed(seed)
    lengths = torch.randint(1, H + 1, (T, N), generator=rng)
    alive = (torch.arange(H) < lengths[..., None]).double()
    seen, actions = torch.randn(T, N, H, 2, generator=rng), torch.randn(T, N, H, 2, generator=rng)
    states = torch.cat((seen, torch.randn(T, N, 1, 2, generator=rng)), 2)
    return Trajectories(seen, actions, alive * torch.randn(T, N, H, generator=rng), alive, states)


def features(state: np.ndarray, time: int) -> np.ndarray:
    t = time / 100
    return np.concatenate([state, state**2, [t, t**2, t**3, 1.0]])


def test_advantages_are_those_of_a_loop_over_tasks_trajectories_and_time():
    met, discount, lam = make_trajectories(), 0.9, 0.8
    ours = adv.advantages(met, discount, lam)
    for t in range(T):
        lengths = met.alive[t].sum(-1).int().tolist()
        rows, returns, places = [], [], []
        for n, length in enumerate(lengths):
            for h in range(length):
                rewards = met.rewards[t, n, h:length].tolist()
                rows.append(features(met.observations[t, n, h].numpy(), h))
                returns.append(sum(discount**k * reward for k, reward in enumerate(rewards)))
                places.append((n, h))
        x = np.stack(rows)
        weights = np.linalg.inv(x.T @ x + adv.RIDGE * np.eye(x.shape[1])) @ x.T @ np.array(returns)
        value = dict(zip(places, x @ weights, strict=True))
        found = []
        for n, h in places:
            total = 0.0
            for k in range(h, lengths[n]):
                delta = met.rewards[t, n, k].item() + discount * value.get((n, k + 1), 0.0) - value[n, k]
                total += (discount * lam) ** (k - h) * delta
            found.append(total)
        expected = (np.array(found) - np.mean(found)) / np.std(found)
        np.testing.assert_allclose([ours[t, n, h].item() for n, h in places], expected, atol=1e-6)
    assert (ours[met.alive == 0] == 0).all()


def test_with_lambda_1_advantages_are_discounted_returns_minus_the_baseline():
    met = make_trajectories(1)
    values, returns = torch.randn(T, N, H), adv.discounted(met.rewards, 0.95)
    found = adv.gae(met.rewards, values, met.alive, 0.95, 1.0)
    torch.testing.assert_close(found, (returns - values) * met.alive)


def test_log_probabilities_and_divergences_are_those_of_torch():
    rng = Generator().manual_seed(0)
    mean, other, actions = torch.randn(3, 7, 2, generator=rng)
    log_std, other_log_std = 0.3 * torch.randn(2, 1, 2, generator=rng)
    first, second = Normal(mean, log_std.exp()), Normal(other, other_log_std.exp())
    torch.testing.assert_close(gaussian_log_prob(actions, mean, log_std), first.log_prob(actions).sum(-1))
    torch.testing.assert_close(gaussian_kl(mean, log_std, other, other_log_std), kl_divergence(first, second).sum(-1))


def test_the_written_out_derivative_of_the_mean_is_the_limit_of_differences():
    policy, params = make_policy()
    rng, tiny = Generator().manual_seed(5), 1e-6
    direction = {name: torch.randn(value.shape, generator=rng) for name, value in params.items()}
    x = torch.randn(T, 9, 2, generator=rng)
    ahead, behind = (
        policy.forward({name: value + sign * tiny * direction[name] for name, value in params.items()}, x)[0]
        for sign in (1, -1)
    )
    torch.testing.assert_close(
        policy.tangent(params, direction, x), (ahead - behind) / (2 * tiny), rtol=1e-6, atol=1e-8
    )


def test_a_rollout_is_what_a_loop_over_agents_gives():
    family, (policy, params) = make_family(), make_policy()
    environments = family.sample("train", T, 0, 0, Generator().manual_seed(1))
    met = rollout(family, environments, policy, params, N, Generator().manual_seed(2))
    noise = torch.randn(family.horizon, T, N, 2, generator=Generator().manual_seed(2))
    for t in range(T):
        goal, own = environments.latent[t, :2], {name: value[t] for name, value in params.items()}
        for n in range(N):
            place, alive = torch.zeros(2), True
            for h in range(family.horizon):
                assert met.alive[t, n, h] == alive
                torch.testing.assert_close(met.observations[t, n, h], place)
                mean = policy.forward(own, place.view(1, 2))[0][0]
                action = mean + own["log_std"].exp() * noise[h, t, n]
                torch.testing.assert_close(met.actions[t, n, h], action)
                if not alive:
                    assert met.rewards[t, n, h] == 0
                    continue
                place = place + 0.1 * action.clamp(-1, 1)
                torch.testing.assert_close(met.rewards[t, n, h], -(goal - place).norm())
                alive = bool(((goal - place).abs() >= 0.01).any())
            torch.testing.assert_close(met.last[t, n], place)


def test_actions_are_clipped_by_the_environment_and_not_in_the_log_probability():
    family, (policy, params) = make_family(), make_policy()
    params["log_std"] = params["log_std"] + 2  # most actions are beyond what the environment allows
    environments = family.sample("train", T, 0, 0, Generator().manual_seed(1))
    met = rollout(family, environments, policy, params, N, Generator().manual_seed(2))
    assert met.actions.abs().max() > 5
    moves = met.observations[:, :, 1:] - met.observations[:, :, :-1]
    assert moves.abs().max() <= navigation.SPEED + 1e-12
    mean = policy.forward(params, met.observations.flatten(1, 2))[0].view(met.actions.shape)
    expected = Normal(mean, params["log_std"].exp()[:, None, None]).log_prob(met.actions).sum(-1)
    torch.testing.assert_close(policy.log_probs(params, met.observations, met.actions), expected)


def test_a_trajectory_ends_at_the_goal_and_takes_no_reward_after_it():
    family, (policy, params) = make_family(), make_policy(2)
    for name, value in params.items():
        params[name] = torch.zeros_like(value)
    params["head.bias"] = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])  # straight to the right, and to the left
    params["log_std"] = torch.full((2, 2), -20.0)
    environments = Environments(torch.tensor([[0.295, 0.0, 0.0, 0.0], [0.295, 0.0, 0.0, 0.0]]))
    met = rollout(family, environments, policy, params, 1, Generator().manual_seed(0))
    assert met.alive.sum(-1).flatten().tolist() == [3, family.horizon]
    torch.testing.assert_close(met.returns[0, 0], torch.tensor(-(0.195 + 0.095 + 0.005)), atol=1e-6, rtol=0)
    torch.testing.assert_close(met.last[0, 0], torch.tensor([0.3, 0.0]), atol=1e-6, rtol=0)
    assert (adv.advantages(met)[0, 0, 3:] == 0).all()


@pytest.mark.parametrize("seed", [0, 1])
def test_the_generator_decides_the_trajectories(seed: int):
    family, (policy, params) = make_family(), make_policy()
    environments = family.sample("train", T, 0, 0, Generator().manual_seed(1))
    first, again, other = (
        rollout(family, environments, policy, params, N, Generator().manual_seed(number)).actions
        for number in (seed, seed, seed + 7)
    )
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
