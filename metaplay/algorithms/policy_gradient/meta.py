"""A meta-step's problem: loss and KL divergence of the adapted policies, as functions of the parameters they adapt from."""

from collections.abc import Sequence

import torch
from torch import Tensor

from metaplay.algorithms.policy_gradient.inner import Experience, Rates, Walk, leaves
from metaplay.algorithms.policy_gradient.surrogate import Estimator, clipped, importance
from metaplay.config.trust_region import CURVED
from metaplay.models.base import Params
from metaplay.models.policy import LOG_STD, GaussianPolicy, gaussian_kl, gaussian_log_prob

TOGETHER = 2
"""Tasks whose graphs are gone through together: more leave a processor's cache."""


class MetaProblem:
    """Means over the tasks of a meta-batch, at `params` (without a task dimension) and around it, all trajectories given.

    `lessons` are what each inner step learns from, [T, ...]; `test` are trajectories of the policies after the last of them. Loss:
    the surrogate of `test`, adapted through the lessons. Vectors are in the order of the policy's `adapted`.
    """

    def __init__(
        self,
        policy: GaussianPolicy,
        params: Params,
        lessons: Sequence[Experience],
        test: Experience,
        rates: Sequence[Rates],
        estimator: Estimator,
        second_order: bool,
    ):
        self.shapes = {name: params[name].shape for name in policy.adapted}
        self.tasks = test.advantages.shape[0]
        self.start = torch.cat([params[name].detach().flatten() for name in policy.adapted])
        slices = [slice(begin, begin + TOGETHER) for begin in range(0, self.tasks, TOGETHER)]
        self._curved = -(-len(slices) // CURVED)
        self._parts, gradients = list[_Part](), list[Params]()
        for some in slices:
            of_some = [seen[some] for seen in lessons]
            self._parts.append(_Part(policy, params, of_some, test[some], rates, estimator, second_order))
            gradients.append(self._parts[-1].gradient())
            if len(self._parts) > self._curved:
                self._parts[-1].forget()
        self.gradient = self._mean(gradients, self.tasks)
        """The meta-gradient: of the loss in the parameters that the tasks adapt from."""

    def fisher(self, vector: Tensor) -> Tensor:
        """The Hessian of the KL divergence at the start, times a vector, over a share of the tasks. Exact: as the divergence is least there, it is that of
        the adapted policies (their Fisher matrix) between the Jacobian of adapting and its transpose."""
        direction, some = self.split(vector), self._parts[: self._curved]
        return self._mean([part.fisher(direction) for part in some], sum(part.tasks for part in some))

    def clipped(self, vector: Tensor) -> Tensor:
        """The gradient of PPO's clipped loss where the parameters are these: they adapt anew, through the same lessons. At the start
        it is `gradient`."""
        params = self.split(vector)
        return self._mean([part.clipped(params) for part in self._parts], self.tasks)

    def judge(self, vector: Tensor) -> tuple[float, float]:
        """Loss, and KL divergence from the adapted policies at the start, where the parameters are these."""
        params = self.split(vector)
        loss, divergence = torch.stack([part.judge(params) for part in self._parts]).sum(0).tolist()
        return loss / self.tasks, divergence / self.tasks

    def split(self, vector: Tensor) -> Params:
        """A vector as parameters."""
        parts = vector.split([shape.numel() for shape in self.shapes.values()])
        return {name: part.view(shape) for part, (name, shape) in zip(parts, self.shapes.items(), strict=True)}

    def _mean(self, sums: list[Params], tasks: int) -> Tensor:
        """The mean over so many tasks, from its sums over some of them each."""
        return torch.stack([torch.cat([part[name].flatten() for name in self.shapes]) for part in sums]).sum(0) / tasks


class _Part:
    """Some of the tasks; each of its answers is a sum over them."""

    def __init__(
        self,
        policy: GaussianPolicy,
        params: Params,
        lessons: Sequence[Experience],
        test: Experience,
        rates: Sequence[Rates],
        estimator: Estimator,
        second_order: bool,
    ):
        self.policy, self.lessons, self.test, self.rates = policy, lessons, test, rates
        self.estimator: Estimator = estimator
        self.second_order = second_order
        met = test.trajectories
        self.tasks = met.alive.shape[0]
        self.observations, self.actions = met.observations.flatten(1, 2), met.actions.flatten(1, 2)
        self.weights = (met.alive / met.alive.sum((1, 2), keepdim=True)).flatten(1)  # of each time step in a mean
        self.walk = self._walk(params)
        self.at = leaves(self.walk.end)
        with torch.enable_grad():
            self.mean, self.log_std, self.log_probs = self._act(self.at)
        self.old = [value.detach() for value in (self.mean, self.log_std, self.log_probs)]

    def gradient(self) -> Params:
        with torch.enable_grad():
            loss = self._loss(self.log_probs).sum()
        return self._pulled(self.walk, self.at, loss)

    def forget(self) -> None:
        """Let the graphs go: from now on it only judges."""
        del self.walk, self.at, self.mean, self.log_std, self.log_probs

    def clipped(self, params: Params) -> Params:
        walk, alive = self._walk(params), self.test.trajectories.alive
        at = leaves(walk.end)
        with torch.enable_grad():
            log_probs = self._act(at)[2].view(alive.shape)
            loss = clipped(log_probs, self.old[2].view(alive.shape), self.test.advantages, alive).sum()
        return self._pulled(walk, at, loss)

    def fisher(self, direction: Params) -> Params:
        return self._sums(self.walk.pull(self._fisher_at_end(self.walk.push(self._spread(direction)))))

    @torch.no_grad()
    def judge(self, params: Params) -> Tensor:
        end = Walk(self.policy, self._spread(params), self.lessons, self.rates, "plain", False).end
        mean, log_std, log_probs = self._act(end)
        divergence = gaussian_kl(self.old[0], self.old[1], mean, log_std) * self.weights
        return torch.stack((self._loss(log_probs).sum(), divergence.sum()))

    def _fisher_at_end(self, vectors: Params) -> Params:
        """The Fisher matrix of each task's policy, mean over its time steps, times vectors: J^T diag(1 / std^2) J for the mean, and
        2 for each log-deviation."""
        others = [name for name in self.policy.adapted if name != LOG_STD]
        moved = self.policy.tangent(self.walk.end, vectors, self.observations)
        pulled = moved * torch.exp(-2 * self.old[1]) * self.weights.unsqueeze(-1)
        grads = torch.autograd.grad(self.mean, [self.at[name] for name in others], pulled, retain_graph=True)
        return {**dict(zip(others, grads, strict=True)), LOG_STD: 2 * vectors[LOG_STD]}

    def _walk(self, params: Params) -> Walk:
        return Walk(self.policy, self._spread(params), self.lessons, self.rates, self.estimator, self.second_order)

    def _pulled(self, walk: Walk, at: Params, loss: Tensor) -> Params:
        """The gradient of a loss of the adapted parameters `at`, seen from where the walk starts; graphs stay."""
        names = self.policy.adapted
        grads = torch.autograd.grad(loss, [at[name] for name in names], retain_graph=True)
        return self._sums(walk.pull(dict(zip(names, grads, strict=True))))

    def _act(self, params: Params) -> tuple[Tensor, Tensor, Tensor]:
        """Means [T, M, A], log-deviations [T, 1, A] and log-probabilities [T, M] of the test's actions."""
        mean, log_std = self.policy.forward(params, self.observations)[0], self.policy.log_std(params)
        return mean, log_std, gaussian_log_prob(self.actions, mean, log_std)

    def _loss(self, log_probs: Tensor) -> Tensor:
        advantages, alive = self.test.advantages, self.test.trajectories.alive
        return importance(log_probs.view(alive.shape), self.old[2].view(alive.shape), advantages, alive)

    def _spread(self, params: Params) -> Params:
        """The same for every task, [T, ...]; the copies share memory."""
        return {name: params[name].detach().expand(self.tasks, *params[name].shape) for name in self.policy.adapted}

    def _sums(self, vectors: Params) -> Params:
        return {name: value.sum(0) for name, value in vectors.items()}
