"""Acting: trajectories of all tasks side by side. The only loop is over time."""

import torch
from torch import Generator

from metaplay.environments import ControlFamily, Environments, Trajectories
from metaplay.models.base import Params
from metaplay.models.policy import GaussianPolicy


@torch.no_grad()
def rollout(
    family: ControlFamily,
    environments: Environments,
    policy: GaussianPolicy,
    params: Params,
    trajectories: int,
    rng: Generator,
) -> Trajectories:
    """N trajectories in each task, from the policy with `params` (each task's own, [T, ...], or one for all).

    Actions are drawn from the Gaussian and kept as they were drawn; the environment clips them. An agent whose trajectory has
    ended stays as it is, and its further time steps are not `alive`.
    """
    state = family.start(environments, trajectories, rng)
    seen = family.observe(state)
    noise = torch.randn(
        family.horizon, *seen.shape[:-1], family.outputs, generator=rng, device=seen.device, dtype=seen.dtype
    )
    noise *= torch.exp(policy.log_std(params))
    alive = torch.ones(seen.shape[:-1], device=seen.device, dtype=torch.bool)
    states, kept = [state], list[tuple]()
    for time in range(family.horizon):
        seen = family.observe(state)
        action = policy.forward(params, seen)[0] + noise[time]
        following, reward, ended = family.step(environments, state, action)
        kept.append((seen, action, reward * alive, alive))
        state = torch.where(alive.unsqueeze(-1), following, state)
        states.append(state)
        alive = alive & ~ended
    observations, actions, rewards, lived = (torch.stack(parts, 2) for parts in zip(*kept, strict=True))
    return Trajectories(observations, actions, rewards, lived.to(rewards.dtype), torch.stack(states, 2))
