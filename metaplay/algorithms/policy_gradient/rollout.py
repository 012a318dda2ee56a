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
    ended stays where it is, and its further time steps are not `alive`.
    """
    place = family.start(environments, trajectories)
    noise = torch.randn(
        family.horizon, *place.shape[:-1], family.outputs, generator=rng, device=place.device, dtype=place.dtype
    )
    noise *= torch.exp(policy.log_std(params))
    alive = torch.ones(place.shape[:-1], device=place.device, dtype=torch.bool)
    kept: list[tuple] = []
    for time in range(family.horizon):
        action = policy.forward(params, place)[0] + noise[time]
        following, reward, ended = family.step(environments, place, action)
        kept.append((place, action, reward * alive, alive))
        place = torch.where(alive.unsqueeze(-1), following, place)
        alive = alive & ~ended
    observations, actions, rewards, lived = (torch.stack(parts, 2) for parts in zip(*kept, strict=True))
    return Trajectories(observations, actions, rewards, lived.to(rewards.dtype), place)
