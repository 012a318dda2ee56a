"""Testing policies: returns on fixed tasks after each inner step, and the watched task's paths while training goes on."""

from collections.abc import Iterator
from typing import Any, cast

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.algorithms.policy_gradient.learners import PolicyLearner
from metaplay.config import RunConfig
from metaplay.environments import ControlFamily, Environments, Trajectories
from metaplay.episodes import Split, TaskFamily
from metaplay.events import Probe, ProbeTask
from metaplay.training.fixed import fixed_tasks, mean_ci95, rounded

ACTING_SEED = 7_011
"""Of the trajectories of tests: the same for every run, and apart from those of training."""
PROBE_TASKS = 20
PATHS, EVERY = 3, 2
"""Trajectories of the watched task that are drawn (of bodies one), and of their time steps one in so many."""


def walks(learner: PolicyLearner, parts: list[Environments], device: torch.device) -> Iterator[list[Trajectories]]:
    """Of each part: `shot` trajectories [T, N, ...] after 0, 1, ... inner steps, each step learning from those before it."""
    rng = Generator(device).manual_seed(ACTING_SEED)
    for environments in parts:
        walk = learner.walk(environments, learner.test_steps, learner.config.shot, rng)
        yield [met for _, met in walk]


def returns(
    learner: PolicyLearner, family: ControlFamily, device: torch.device, tasks: int, split: Split
) -> tuple[Tensor, Tensor | None]:
    """On the fixed tasks of a split: mean return [steps, T] after 0, 1, ... inner steps, and the oracle's [1, T] if there is one."""
    parts = _fixed(learner.config, family, split, tasks, device)
    found = [torch.stack([met.returns.mean(1) for met in walk]) for walk in walks(learner, parts, device)]
    return torch.cat(found, 1), _oracle(family, parts)


class PathProbe:
    """The probe tasks of a run whose tasks are to act in; the first of them is the watched one."""

    def __init__(self, config: RunConfig, family: ControlFamily, device: torch.device, steps: int):
        self.family, self.device = family, device
        self.inner_steps = list(range(steps + 1))
        self.parts = _fixed(config, family, "val", PROBE_TASKS, device)

    def task(self) -> ProbeTask:
        """What is drawn of the watched task: its goal (and wind); and what the oracle reaches."""
        oracle = _oracle(self.family, self.parts)
        told = None if oracle is None else rounded([oracle.mean().item()])[0]
        return ProbeTask(goal=rounded(self.parts[0].latent[0].tolist()), oracle=told)

    def run(self, learner: Learner, step: int) -> Probe:
        """Adapt to every probe task and measure. Loss is minus the return."""
        found = [*walks(cast("PolicyLearner", learner), self.parts, self.device)]
        losses = torch.cat([torch.stack([-met.returns.mean(1) for met in walk]) for walk in found], 1)
        loss, loss_ci95 = mean_ci95(losses)
        return Probe(
            step=step,
            tasks=losses.shape[1],
            inner_steps=self.inner_steps,
            loss=rounded(loss),
            loss_ci95=rounded(loss_ci95),
            per_task=rounded(losses[-1].tolist()),
            **self._drawn(found[0]),
        )

    def _drawn(self, walk: list[Trajectories]) -> dict[str, Any]:
        """What a few agents of the watched task did after each inner step."""
        if posed := self.family.posed:
            return {"poses": [_plain(_states(met, 0)[:, :posed]) for met in walk]}
        paths = [[_states(met, place) for place in range(min(PATHS, met.alive.shape[1]))] for met in walk]
        return {f"path_{axis}": [[_plain(path[:, k]) for path in few] for few in paths] for k, axis in enumerate("xy")}


def _fixed(
    config: RunConfig, family: ControlFamily, split: Split, tasks: int, device: torch.device
) -> list[Environments]:
    drawn = fixed_tasks(config, cast("TaskFamily", family), split, tasks, config.query, device)
    return cast("list[Environments]", list(drawn))


def _oracle(family: ControlFamily, parts: list[Environments]) -> Tensor | None:
    """The oracle's returns [1, T]."""
    found = [family.oracle(part) for part in parts]
    return torch.cat([returns for returns in found if returns is not None])[None] if found[0] is not None else None


def _states(met: Trajectories, trajectory: int) -> Tensor:
    """A trajectory of the watched task, some of its states [time, S], up to where it ends."""
    length = int(met.alive[0, trajectory].sum())
    return torch.cat((met.states[0, trajectory, :length:EVERY], met.last[:1, trajectory]))


def _plain(values: Tensor) -> list[Any]:
    return values.double().cpu().numpy().round(3).tolist()
