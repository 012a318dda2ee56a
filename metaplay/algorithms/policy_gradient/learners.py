"""MAML and its kin for families to act in: Algorithm 3 of Finn et al. 2017, and what it is compared with."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import cast

import torch
from torch import Generator, Tensor

from metaplay.algorithms.adam import AdamOuter
from metaplay.algorithms.base import Learner, Report, finite_norm
from metaplay.algorithms.policy_gradient.inner import Experience, Rates, inner_rates, inner_step
from metaplay.algorithms.policy_gradient.meta import MetaProblem
from metaplay.algorithms.policy_gradient.rollout import rollout
from metaplay.algorithms.policy_gradient.trpo import line_search, natural_step
from metaplay.config import RunConfig
from metaplay.config.trust_region import CLIPPED_STEPS
from metaplay.environments import ControlFamily, Environments, Trajectories
from metaplay.models.base import Params
from metaplay.models.policy import GaussianPolicy

_WALK_SEED = 0
"""Of the trajectories of tests, which so are the same whenever they are asked for."""


class PolicyLearner(Learner):
    """A policy that adapts to a task by policy gradient, on fresh trajectories before every inner step."""

    def __init__(self, config: RunConfig, family: ControlFamily, device: torch.device):
        super().__init__(config, family, device)  # type: ignore[arg-type]
        self.acting = family
        self.policy = cast("GaussianPolicy", self.model)

    @property
    def adapted(self) -> tuple[str, ...]:
        return self.policy.adapted

    def rates(self, step: int) -> Rates:
        """The inner rate of each parameter at an inner step."""
        return inner_rates(self.policy, self.adapted, self.config.inner_lr, step)

    def spread(self, tasks: int) -> Params:
        """The parameters, the same for each task, [T, ...]; the copies share memory."""
        return {
            name: self.params[name].detach().expand(tasks, *self.params[name].shape) for name in self.policy.adapted
        }

    def act(self, environments: Environments, fast: Params, trajectories: int, rng: Generator) -> Trajectories:
        return rollout(self.acting, environments, self.policy, fast, trajectories, rng)

    def walk(
        self, environments: Environments, steps: int, trajectories: int, rng: Generator
    ) -> Iterator[tuple[Params, Trajectories]]:
        """The parameters [T, ...] after 0, 1, ..., `steps` inner steps, and N trajectories of each, from which the next step learns."""
        fast = self.spread(environments.tasks)
        for k in range(steps + 1):
            met = self.act(environments, fast, trajectories, rng)
            yield fast, met
            if k < steps:
                fast = inner_step(self.policy, fast, Experience.of(met), self.rates(k))

    def adapt(self, episodes: Environments, steps: int) -> Iterator[Params]:  # type: ignore[override]
        rng = Generator(episodes.latent.device).manual_seed(_WALK_SEED)
        for fast, _ in self.walk(episodes, steps, self.config.shot, rng):
            yield fast

    @abstractmethod
    def update(self, episodes: Environments, step: int, rng: Generator) -> Report:  # type: ignore[override]
        ...


class PolicyMaml(PolicyLearner):
    """Algorithm 3: inner steps of policy gradient, fresh trajectories of the adapted policies, and an outer step on them.

    The outer step is TRPO on the adapted policies' surrogate within a KL limit (the paper's), Adam on its gradient, or several steps
    of Adam on PPO's clipped surrogate, adapting anew before each (Rothfuss et al. 2019, Algorithm 1, without its KL penalty). The
    meta-gradient is exact for the given trajectories; how trajectories would have changed is the estimator's (surrogate.py).
    """

    second_order = True

    def __init__(self, config: RunConfig, family: ControlFamily, device: torch.device):
        super().__init__(config, family, device)
        self.outer = AdamOuter(self.params)

    @property
    def train_steps(self) -> int:
        """Inner steps of a meta-step."""
        return self.config.inner_steps

    def update(self, episodes: Environments, step: int, rng: Generator) -> Report:  # type: ignore[override]
        lessons, test = self.collect(episodes, rng)
        problem = self.problem(lessons, test)
        first = (lessons[0] if lessons else test).trajectories
        before, after = -first.returns.mean().item(), -test.trajectories.returns.mean().item()
        norm = finite_norm(after, [problem.gradient])
        self._move(problem)
        return Report(after, before, after, None, None, self.config.outer_lr, norm)

    def collect(self, environments: Environments, rng: Generator) -> tuple[list[Experience], Experience]:
        """What each inner step learns from (`shot` trajectories a task), and what comes of the last (`query` trajectories)."""
        lessons, fast = [], self.spread(environments.tasks)
        for k in range(self.train_steps):
            lessons.append(Experience.of(self.act(environments, fast, self.config.shot, rng)))
            fast = inner_step(self.policy, fast, lessons[-1], self.rates(k))
        return lessons, Experience.of(self.act(environments, fast, self.config.query, rng))

    def problem(self, lessons: list[Experience], test: Experience) -> MetaProblem:
        rates = [self.rates(k) for k in range(len(lessons))]
        return MetaProblem(self.policy, self.params, lessons, test, rates, self.config.estimator, self.second_order)

    def _move(self, problem: MetaProblem) -> None:
        if self.config.outer_optimizer != "trpo":
            self._step(problem.split(problem.gradient))
            for _ in range(CLIPPED_STEPS - 1 if self.config.outer_optimizer == "ppo" else 0):
                here = torch.cat([self.params[name].detach().flatten() for name in self.policy.adapted])
                self._step(problem.split(problem.clipped(here)))
            return
        limit = self.config.kl_limit
        step = natural_step(problem.gradient, problem.fisher, limit)
        there = problem.split(line_search(problem.judge, problem.start, step, limit))
        with torch.no_grad():
            for name, value in self.params.items():
                value.copy_(there[name])

    def _step(self, grads: Params) -> None:
        self.outer.step([grads[name] for name in self.params], self.config.outer_lr)

    def state(self) -> dict[str, Tensor]:
        return {**super().state(), **self.outer.state()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        self.outer.load_state(tensors)


class PolicyFomaml(PolicyMaml):
    """Algorithm 3 without second derivatives: the Jacobian of an inner step counts as 1."""

    second_order = False


class PolicyAnil(PolicyMaml):
    """Algorithm 3 with inner steps of the last layer and the log-deviations alone (Raghu et al. 2020); the outer step moves all."""

    @property
    def adapted(self) -> tuple[str, ...]:
        return self.policy.head


class PolicyJoint(PolicyMaml):
    """One policy for all goals, trained by the same outer step with no inner steps: it learns what is best without knowing the goal
    (the paper's "pretrained"). At test it adapts as the others do."""

    @property
    def train_steps(self) -> int:
        return 0


class PolicyReptile(PolicyLearner):
    """phi <- phi + eps * mean over tasks of (fast - phi) with eps falling to 0 over the run (Nichol et al. 2018, Algorithm 2), fast
    being `inner_steps` steps of policy gradient, each on fresh trajectories."""

    def update(self, episodes: Environments, step: int, rng: Generator) -> Report:  # type: ignore[override]
        config = self.config
        walk = [*self.walk(episodes, config.inner_steps, config.shot, rng)]
        fast, returns = walk[-1][0], [met.returns.mean().item() for _, met in walk]
        rate = config.outer_lr * (1 - step / config.steps)
        moves = {name: fast[name].mean(0) - value.detach() for name, value in self.params.items()}
        norm = finite_norm(returns[-1], [*moves.values()])
        with torch.no_grad():
            for name, value in self.params.items():
                value.add_(moves[name], alpha=rate)
        return Report(-returns[-1], -returns[0], -returns[-1], None, None, rate, norm)


class PolicyScratch(PolicyLearner):
    """No meta-training: the same fresh policy learns each task by policy gradient alone. `update` is never called."""

    def update(self, episodes: Environments, step: int, rng: Generator) -> Report:  # type: ignore[override]
        raise NotImplementedError("learning from scratch has no meta-step")
