"""How much better than usual each action was: a linear baseline fitted to each task, and generalised advantages."""

import torch
from torch import Tensor

from metaplay.environments import Trajectories

DISCOUNT, LAMBDA = 0.99, 1.0
"""The authors' settings (rllab's defaults), discount and GAE's lambda."""
RIDGE = 1e-5
"""Added to the diagonal of the baseline's normal equations."""
SMALLEST = 1e-8


def advantages(trajectories: Trajectories, discount: float = DISCOUNT, lam: float = LAMBDA) -> Tensor:
    """Advantages [T, N, H], of mean 0 and deviation 1 over a task's time steps, 0 after a trajectory's end."""
    values = baseline(trajectories, discounted(trajectories.rewards, discount))
    return standardised(gae(trajectories.rewards, values, trajectories.alive, discount, lam), trajectories.alive)


def discounted(rewards: Tensor, discount: float) -> Tensor:
    """The discounted sum of rewards [T, N, H] from each time step on."""
    return _backwards(rewards, discount)


def baseline(trajectories: Trajectories, returns: Tensor) -> Tensor:
    """What a task's returns are by ridge regression on features of the state and the time [T, N, H], fitted on the same samples.

    Features: s, s^2, t, t^2, t^3 and 1, with t in hundreds of time steps (Duan et al. 2016, "Benchmarking Deep Reinforcement
    Learning", and rllab's `LinearFeatureBaseline`). It knows the time, so the end of the horizon is an end like any other.
    """
    states = trajectories.observations.double()
    time = torch.arange(states.shape[2], device=states.device, dtype=states.dtype).div(100).view(1, 1, -1, 1)
    powers = torch.cat((time, time**2, time**3, torch.ones_like(time)), -1).expand(*states.shape[:-1], 4)
    features = torch.cat((states, states**2, powers), -1).flatten(1, 2)  # [T, M, F]
    weighted = features * trajectories.alive.double().flatten(1).unsqueeze(-1)
    ridge = RIDGE * torch.eye(features.shape[-1], device=states.device, dtype=states.dtype)
    right = weighted.mT @ returns.double().flatten(1).unsqueeze(-1)
    fitted = features @ torch.linalg.solve(weighted.mT @ features + ridge, right)
    return fitted.view(returns.shape).to(returns.dtype)


def gae(rewards: Tensor, values: Tensor, alive: Tensor, discount: float, lam: float) -> Tensor:
    """Generalised advantages [T, N, H] (Schulman et al. 2016, equation 16): the sum over l of (discount * lam)^l * delta_{t+l}
    with delta_t = r_t + discount * V(s_{t+1}) - V(s_t). After a trajectory's end rewards and values are 0."""
    values = values * alive
    following = torch.cat((values[..., 1:], torch.zeros_like(values[..., :1])), -1)
    return _backwards((rewards + discount * following - values) * alive, discount * lam)


def standardised(values: Tensor, alive: Tensor) -> Tensor:
    """Each task's values brought to mean 0 and deviation 1 over its living time steps; 0 elsewhere."""
    steps = alive.sum((1, 2), keepdim=True)
    centred = (values - (values * alive).sum((1, 2), keepdim=True) / steps) * alive
    return centred / (centred.square().sum((1, 2), keepdim=True).div(steps).sqrt() + SMALLEST)


def _backwards(values: Tensor, factor: float) -> Tensor:
    """The sum from each time step on, each later one `factor` times less."""
    total, found = torch.zeros_like(values[..., 0]), torch.empty_like(values)
    for time in reversed(range(values.shape[-1])):
        total = values[..., time] + factor * total
        found[..., time] = total
    return found
