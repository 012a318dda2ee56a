"""How a policy adapts to one task to act in, inner step by inner step: its returns, its paths, its field. On the torch side."""

from dataclasses import replace
from typing import cast

import torch
from torch import Generator, Tensor

from metaplay.algorithms.policy_gradient.learners import PolicyLearner
from metaplay.config import applicable
from metaplay.environments import ControlFamily, Environments, Trajectories
from metaplay.models.base import Params
from metaplay.tasks.navigation import REACH, Navigation
from metaplay.walks import Array, PlaneWalk, PolicyWalk

FURTHER = 2
"""Inner steps that are shown beyond those of the test."""
PATHS = 5
"""Trajectories that are drawn, the first of those that returns are the mean of."""
SHOWN = 1.7
"""The plane is shown as far as so many times the reach of its goals."""
AROUND = 11
"""Places of the field on each side of the plane."""


def acted(
    learner: PolicyLearner, family: ControlFamily, task: Environments, seed: int, goal: tuple[float, float] | None
) -> PolicyWalk:
    """The walk on one task; in a plane to `goal`, if one is given in place of the task's own.

    The trajectories' random numbers go by `seed` alone: the same noise meets each goal and each learner.
    """
    plane = isinstance(family, Navigation)
    if plane and goal:
        latent = torch.cat((task.latent.new_tensor([goal]), task.latent[:, 2:]), 1)
        task = replace(task, latent=latent)
    rng = Generator(task.latent.device).manual_seed(seed)
    steps = learner.test_steps + FURTHER
    walk = [*learner.walk(task, steps, learner.config.shot, rng)]
    returns = _plain(torch.stack([met.returns[0] for _, met in walk]))
    trained = learner.config.inner_steps if "inner_steps" in applicable(learner.config) else None
    cost, oracle = -returns.mean(1), family.oracle(task)
    best = None if oracle is None else oracle[0].item()
    measured = (learner.config.algorithm, trained, learner.test_steps, cost, cost, returns, best)
    if not plane:
        return PolicyWalk(*measured)
    side = torch.linspace(-1, 1, AROUND, device=task.latent.device) * SHOWN * REACH
    places = torch.cartesian_prod(side, side)
    return PlaneWalk(
        *measured,
        goal=_pair(task.latent[0, :2]),
        wind=_pair(task.latent[0, 2:4]),
        paths=_plain(torch.stack([_paths(met) for _, met in walk])),
        places=_plain(places),
        field=_plain(torch.stack([_moves(learner, family, task, fast, places) for fast, _ in walk])),
        reach=REACH,
        shown=SHOWN * REACH,
        circle=family.circle,
        obstacles=family.pillars,
    )


def _paths(met: Trajectories) -> Tensor:
    """Where the first trajectories are at each time [P, H + 1, 2]; one that has ended stays where it is."""
    return met.states[0, :PATHS]


@torch.no_grad()
def _moves(learner: PolicyLearner, family: ControlFamily, task: Environments, fast: Params, places: Tensor) -> Tensor:
    """Where the mean action takes an agent from each place [G, 2] in one time step [G, 2]."""
    actions = learner.policy.forward(fast, places[None])[0]
    return (family.step(task, places[None], actions)[0] - places)[0]


def _pair(values: Tensor) -> tuple[float, float]:
    return cast("tuple[float, float]", tuple(values.tolist()))


def _plain(values: Tensor) -> Array:
    return values.detach().double().cpu().numpy()
