"""Inner steps of policy gradient, and how what they end at changes with what they begin at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

import torch
from torch import Tensor

from metaplay.algorithms.policy_gradient.advantages import advantages
from metaplay.algorithms.policy_gradient.surrogate import Estimator, surrogate
from metaplay.environments import Trajectories
from metaplay.models.base import Params
from metaplay.models.policy import GaussianPolicy

Rates = dict[str, float]
"""The inner rate of each parameter, 0 for one that does not adapt."""
LATER_RATE = 0.5
"""Inner steps after the first are this much smaller (Finn et al. 2017, appendix A.2)."""


@dataclass(frozen=True)
class Experience:
    """Trajectories and their advantages [T, N, H], which are constants: what a gradient step learns from."""

    trajectories: Trajectories
    advantages: Tensor

    @classmethod
    def of(cls, trajectories: Trajectories) -> Self:
        return cls(trajectories, advantages(trajectories))

    def __getitem__(self, tasks: slice) -> Self:
        return type(self)(self.trajectories[tasks], self.advantages[tasks])


def inner_rates(policy: GaussianPolicy, adapted: Iterable[str], rate: float, step: int) -> Rates:
    """The rates of inner step `step`, from 0."""
    names = {*adapted}
    scale = rate if step == 0 else LATER_RATE * rate
    return {name: scale if name in names else 0.0 for name in policy.adapted}


def policy_gradient(
    policy: GaussianPolicy, params: Params, seen: Experience, estimator: Estimator, differentiable: bool = False
) -> dict[str, Tensor]:
    """The gradient of each task's surrogate in its own parameters, [T, ...] each; `differentiable` keeps the graph."""
    met = seen.trajectories
    log_probs = policy.log_probs(params, met.observations, met.actions)
    loss = surrogate(log_probs, seen.advantages, met.alive, estimator).sum()
    grads = torch.autograd.grad(loss, [params[name] for name in policy.adapted], create_graph=differentiable)
    return dict(zip(policy.adapted, grads, strict=True))


def leaves(params: Params) -> Params:
    """The same values, to be differentiated in."""
    return {name: value.detach().requires_grad_() for name, value in params.items()}


def inner_step(policy: GaussianPolicy, params: Params, seen: Experience, rates: Rates) -> Params:
    """theta - alpha * gradient (Algorithm 3, line 7), without a graph. All estimators have the same gradient."""
    with torch.enable_grad():
        grads = policy_gradient(policy, leaves(params), seen, "plain")
    return {name: (params[name] - rates[name] * grads[name]).detach() for name in policy.adapted}


class Walk:
    """The inner steps from `start` [T, ...] on given trajectories, one set a step, with the derivative of where they end.

    A step is theta_{k+1} = theta_k - A g_k(theta_k), A the diagonal of its rates, so its Jacobian is I - A H_k with H_k the
    symmetric derivative of g_k. `push` and `pull` multiply by the Jacobian of all steps and by its transpose, exactly, with
    one pass through each gradient's graph. First order: H_k counts as 0.
    """

    def __init__(
        self,
        policy: GaussianPolicy,
        start: Params,
        experiences: Sequence[Experience],
        rates: Sequence[Rates],
        estimator: Estimator,
        second_order: bool,
    ):
        self.names, self.rates = policy.adapted, rates if second_order else []
        self._graphs: list[tuple[Params, Params]] = []
        fast = start
        for seen, rate in zip(experiences, rates, strict=True):
            if not second_order:
                fast = inner_step(policy, fast, seen, rate)
                continue
            at = leaves(fast)
            with torch.enable_grad():
                grads = policy_gradient(policy, at, seen, estimator, differentiable=True)
            self._graphs.append((at, grads))
            fast = {name: (at[name] - rate[name] * grads[name]).detach() for name in self.names}
        self.end = fast
        """The adapted parameters [T, ...], without a graph."""

    def push(self, vectors: Params) -> Params:
        """The Jacobian times vectors [T, ...]: how the end moves when the start does."""
        for k, rate in enumerate(self.rates):
            curved = self._curved(k, vectors)
            vectors = {name: vectors[name] - rate[name] * curved[name] for name in self.names}
        return vectors

    def pull(self, vectors: Params) -> Params:
        """The transposed Jacobian times vectors [T, ...]: a gradient at the end, seen from the start."""
        for k, rate in reversed([*enumerate(self.rates)]):
            curved = self._curved(k, {name: rate[name] * vectors[name] for name in self.names})
            vectors = {name: vectors[name] - curved[name] for name in self.names}
        return vectors

    def _curved(self, k: int, vectors: Params) -> Params:
        """H_k times vectors."""
        at, grads = self._graphs[k]
        outputs, directions = [grads[name] for name in self.names], [vectors[name] for name in self.names]
        found = torch.autograd.grad(
            outputs, [at[name] for name in self.names], directions, retain_graph=True, materialize_grads=True
        )
        return dict(zip(self.names, found, strict=True))
