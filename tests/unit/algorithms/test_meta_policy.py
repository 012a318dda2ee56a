"""Meta-learning policies: meta-gradient, curvature and TRPO beside an independent loop over tasks, and what learners do with them."""

from itertools import pairwise
from typing import Any

import pytest
import torch
from torch import Generator, Tensor
from torch.distributions import Normal, kl_divergence

from metaplay.algorithms.policy_gradient import meta, trpo
from metaplay.algorithms.policy_gradient.inner import Experience
from metaplay.config import defaults, revise, trust_region
from metaplay.registry import ALGORITHMS, load
from metaplay.tasks import navigation
from metaplay.tasks.navigation import Navigation
from metaplay.verify.subject import perturb

CPU = torch.device("cpu")
TASKS = 3


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Navigation, "horizon", 5)
    monkeypatch.setattr(meta, "TOGETHER", TASKS)


def make(algorithm: str = "maml", **changes: Any) -> tuple[Any, Navigation]:
    base = {"width": 4, "shot": 2, "query": 3, "meta_batch": TASKS, "seed": 3}
    config = revise(defaults(algorithm, "nav2d"), {**base, **changes})
    family = Navigation(config, CPU)
    learner = load(ALGORITHMS[algorithm], "control")(config, family, CPU)
    perturb(learner.params)
    return learner, family


def environments(family: Navigation):
    return family.sample("train", TASKS, 0, 0, Generator().manual_seed(1))


class Naive:
    """Loss and KL divergence of the adapted policies as functions of the start: a loop over tasks, with torch's distributions."""

    def __init__(self, learner: Any, lessons: list[Experience], test: Experience, first_order: bool = False):
        self.learner, self.lessons, self.test, self.first_order = learner, lessons, test, first_order
        self.names, self.shapes = (
            list(learner.policy.adapted),
            [learner.params[n].shape for n in learner.policy.adapted],
        )
        self.start = torch.cat([learner.params[name].detach().flatten() for name in self.names])
        self.old = [self.acts(self.adapted(self.start, t, create=False), test, t) for t in range(TASKS)]

    def split(self, vector: Tensor) -> list[Tensor]:
        return [
            part.view(shape)
            for part, shape in zip(vector.split([shape.numel() for shape in self.shapes]), self.shapes, strict=True)
        ]

    def acts(self, params: list[Tensor], seen: Experience, t: int) -> Normal:
        w1, b1, w2, b2, w3, b3, log_std = params
        hidden = torch.relu(torch.relu(seen.trajectories.observations[t] @ w1 + b1) @ w2 + b2)
        return Normal(hidden @ w3 + b3, log_std.exp().expand(*hidden.shape[:-1], 2))

    def inner_loss(self, params: list[Tensor], seen: Experience, t: int) -> Tensor:
        logs = self.acts(params, seen, t).log_prob(seen.trajectories.actions[t]).sum(-1)
        gains, lived = seen.advantages[t], seen.trajectories.alive[t] > 0
        estimator = self.learner.config.estimator
        if estimator == "plain":
            return -(logs * gains)[lived].mean()
        if estimator == "lvc":
            return -((logs - logs.detach()).exp() * gains)[lived].mean()
        total = torch.zeros(())
        for n in range(logs.shape[0]):
            before = torch.zeros(())
            for h in range(logs.shape[1]):
                if lived[n, h]:
                    now = before + logs[n, h]
                    total = total - gains[n, h] * ((now - now.detach()).exp() - (before - before.detach()).exp())
                    before = now
        return total / lived.sum()

    def adapted(self, vector: Tensor, t: int, create: bool = True) -> list[Tensor]:
        params = self.split(vector)
        if not create:
            params = [value.detach().requires_grad_() for value in params]
        for k, seen in enumerate(self.lessons):
            grads = torch.autograd.grad(self.inner_loss(params, seen, t), params, create_graph=create)
            if self.first_order:
                grads = [grad.detach() for grad in grads]
            rate = self.learner.config.inner_lr * (1.0 if k == 0 else 0.5)
            head = {"head.weight", "head.bias", "log_std"}
            moves = [self.learner.config.algorithm != "anil" or name in head for name in self.names]
            params = [value - rate * grad * move for value, grad, move in zip(params, grads, moves, strict=True)]
        return params

    def loss(self, vector: Tensor) -> Tensor:
        total, met = torch.zeros(()), self.test.trajectories
        for t in range(TASKS):
            now = self.acts(self.adapted(vector, t), self.test, t).log_prob(met.actions[t]).sum(-1)
            then = self.old[t].log_prob(met.actions[t]).sum(-1).detach()
            lived = met.alive[t] > 0
            total = total - ((now - then).exp() * self.test.advantages[t])[lived].mean()
        return total / TASKS

    def clipped(self, vector: Tensor) -> tuple[Tensor, int]:
        """PPO's loss, and how many time steps count no more."""
        total, beyond, met = torch.zeros(()), 0, self.test.trajectories
        for t in range(TASKS):
            now = self.acts(self.adapted(vector, t), self.test, t).log_prob(met.actions[t]).sum(-1)
            then = self.old[t].log_prob(met.actions[t]).sum(-1).detach()
            ratio, gains = (now - then).exp(), self.test.advantages[t]
            over = ((gains > 0) & (ratio > 1.2)) | ((gains < 0) & (ratio < 0.8))
            counted = torch.where(over, torch.where(gains > 0, 1.2, 0.8), ratio)
            total = total - (counted * gains)[met.alive[t] > 0].mean()
            beyond += int((over & (met.alive[t] > 0)).sum())
        return total / TASKS, beyond

    def divergence(self, vector: Tensor) -> Tensor:
        total, met = torch.zeros(()), self.test.trajectories
        for t in range(TASKS):
            old = Normal(self.old[t].mean.detach(), self.old[t].stddev.detach())
            now = self.acts(self.adapted(vector, t), self.test, t)
            total = total + kl_divergence(old, now).sum(-1)[met.alive[t] > 0].mean()
        return total / TASKS


def setting(**changes: Any) -> tuple[Any, meta.MetaProblem, Naive]:
    learner, family = make(**changes)
    lessons, test = learner.collect(environments(family), Generator().manual_seed(2))
    return learner, learner.problem(lessons, test), Naive(learner, lessons, test, not learner.second_order)


def at(vector: Tensor) -> Tensor:
    return vector.clone().requires_grad_()


@pytest.mark.parametrize("estimator", ["plain", "lvc", "dice"])
@pytest.mark.parametrize("inner_steps", [1, 2])
def test_the_meta_gradient_is_that_of_a_loop_over_tasks(inner_steps: int, estimator: str):
    _, problem, naive = setting(inner_steps=inner_steps, estimator=estimator)
    start = at(problem.start)
    (theirs,) = torch.autograd.grad(naive.loss(start), start)
    torch.testing.assert_close(problem.gradient, theirs, rtol=1e-9, atol=1e-12)


def test_the_meta_gradient_is_the_limit_of_differences():
    _, problem, _ = setting(inner_steps=2)
    ours, tiny = problem.gradient, 1e-5
    direction = torch.randn(ours.shape, generator=Generator().manual_seed(0))
    ahead, behind = (problem.judge(problem.start + sign * tiny * direction)[0] for sign in (1, -1))
    assert (ours @ direction).item() == pytest.approx((ahead - behind) / (2 * tiny), rel=1e-6)


def test_anil_adapts_the_last_layer_alone_and_its_meta_gradient_is_of_everything():
    learner, problem, naive = setting(algorithm="anil", inner_steps=2)
    start = at(problem.start)
    (theirs,) = torch.autograd.grad(naive.loss(start), start)
    torch.testing.assert_close(problem.gradient, theirs, rtol=1e-9, atol=1e-12)
    *_, (fast, _) = learner.walk(environments(learner.acting), 2, 2, Generator().manual_seed(2))
    moved = {name for name, value in fast.items() if not torch.equal(value[0], learner.params[name])}
    assert moved == {"head.weight", "head.bias", "log_std"}


def test_first_order_is_the_gradient_at_the_adapted_parameters_and_not_the_exact_one():
    _, problem, naive = setting(algorithm="fomaml", inner_steps=2)
    start = at(problem.start)
    (theirs,) = torch.autograd.grad(naive.loss(start), start)
    torch.testing.assert_close(problem.gradient, theirs, rtol=1e-9, atol=1e-12)
    exact = setting(inner_steps=2)[1].gradient
    assert (problem.gradient - exact).norm() > 0.01 * exact.norm()


def test_estimators_agree_on_the_adapted_policies_and_not_on_the_meta_gradient():
    found = {name: setting(estimator=name)[1] for name in ("plain", "lvc", "dice")}
    for one, other in pairwise(found.values()):
        assert one.judge(one.start + 0.01) == other.judge(other.start + 0.01)
        assert (one.gradient - other.gradient).norm() > 1e-3 * one.gradient.norm()


@pytest.mark.parametrize(
    "changes",
    [
        {"inner_steps": 1},
        {"inner_steps": 2},
        {"algorithm": "anil", "inner_steps": 2},
        {"algorithm": "fomaml"},
        {"algorithm": "joint"},
    ],
)
def test_products_with_the_hessian_are_those_of_the_whole_hessian(changes: dict[str, Any]):
    _, problem, naive = setting(**changes)
    hessian = torch.autograd.functional.hessian(naive.divergence, problem.start)
    vector = torch.randn(problem.start.shape, generator=Generator().manual_seed(0))
    torch.testing.assert_close(problem.fisher(vector), hessian @ vector, rtol=1e-8, atol=1e-10)


def test_loss_and_divergence_elsewhere_are_those_of_a_loop_over_tasks():
    _, problem, naive = setting(inner_steps=2)
    assert problem.judge(problem.start) == pytest.approx((0.0, 0.0), abs=1e-12)
    there = problem.start + 0.05 * torch.randn(problem.start.shape, generator=Generator().manual_seed(0))
    loss, divergence = problem.judge(there)
    assert loss == pytest.approx(naive.loss(there.requires_grad_()).item(), rel=1e-9)
    assert divergence == pytest.approx(naive.divergence(there).item(), rel=1e-9)
    assert divergence > 0


def test_tasks_that_are_gone_through_together_do_not_change_the_result(monkeypatch: pytest.MonkeyPatch):
    whole = setting(inner_steps=2)[1]
    monkeypatch.setattr(meta, "TOGETHER", 1)
    parts = setting(inner_steps=2)[1]
    torch.testing.assert_close(parts.gradient, whole.gradient)
    vector = torch.randn(whole.start.shape, generator=Generator().manual_seed(0))
    assert (parts.fisher(vector) - whole.fisher(vector)).norm() > 0.01  # of one task of three
    monkeypatch.setattr(meta, "CURVED", 1)
    torch.testing.assert_close(setting(inner_steps=2)[1].fisher(vector), whole.fisher(vector))
    assert parts.judge(parts.start + 0.02) == pytest.approx(whole.judge(whole.start + 0.02))


def positive_definite(size: int = 12) -> Tensor:
    root = torch.randn(size, size, generator=Generator().manual_seed(0))
    return root @ root.T + 0.5 * torch.eye(size)


def test_conjugate_gradient_solves():
    matrix, right = positive_definite(), torch.randn(12, generator=Generator().manual_seed(1))
    found, residual = trpo.conjugate_gradient(lambda vector: matrix @ vector, right, 40)
    torch.testing.assert_close(found, torch.linalg.solve(matrix, right), rtol=1e-4, atol=1e-5)
    few, left = trpo.conjugate_gradient(lambda vector: matrix @ vector, right, 3)
    torch.testing.assert_close(matrix @ few, right - left)
    assert left.norm() > residual.norm()


def test_the_natural_step_is_as_long_as_the_limit_allows(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(trpo, "CONJUGATE_STEPS", 40)
    monkeypatch.setattr(trpo.conjugate_gradient, "__defaults__", (40,))
    matrix, gradient = positive_definite(), torch.randn(12, generator=Generator().manual_seed(1))
    step = trpo.natural_step(gradient, lambda vector: matrix @ vector, 0.01)
    assert (step @ matrix @ step / 2).item() == pytest.approx(0.01, rel=1e-3)
    newton = -torch.linalg.solve(matrix, gradient)
    torch.testing.assert_close(step / step.norm(), newton / newton.norm(), rtol=1e-3, atol=1e-4)


def test_the_line_search_takes_the_first_place_that_is_better_and_within_the_limit():
    asked: list[float] = []

    def judge(vector: Tensor) -> tuple[float, float]:
        asked.append(vector.item())
        return (vector.item() - 0.3) ** 2, vector.item() ** 2

    found = trpo.line_search(judge, torch.tensor([0.0]), torch.tensor([1.0]), 0.2)
    assert found.item() == pytest.approx(0.8**4)  # 0.51 is within the loss, but beyond the limit
    assert asked == pytest.approx([0, 1, 0.8, 0.64, 0.512, 0.4096])
    stays = trpo.line_search(lambda vector: (abs(vector.item()), 0.0), torch.tensor([0.0]), torch.tensor([1.0]), 0.2)
    assert stays.item() == 0


@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "joint"])
def test_a_trpo_step_lowers_the_loss_within_the_limit(algorithm: str):
    learner, family = make(algorithm)
    lessons, test = learner.collect(environments(family), Generator().manual_seed(2))
    problem = learner.problem(lessons, test)
    learner.update(environments(family), 0, Generator().manual_seed(2))
    moved = torch.cat([learner.params[name].detach().flatten() for name in learner.policy.adapted])
    loss, divergence = problem.judge(moved)
    assert loss < 0
    assert 0 < divergence <= learner.config.kl_limit


def test_adam_goes_against_the_gradient_at_its_rate():
    learner, family = make(outer_optimizer="adam", outer_lr=0.01)
    lessons, test = learner.collect(environments(family), Generator().manual_seed(2))
    gradient = learner.problem(lessons, test).gradient
    before = {name: value.detach().clone() for name, value in learner.params.items()}
    learner.update(environments(family), 0, Generator().manual_seed(2))
    moved = torch.cat([(learner.params[name].detach() - before[name]).flatten() for name in learner.policy.adapted])
    large = gradient.abs() > 1e-5
    torch.testing.assert_close(moved[large], -0.01 * gradient[large].sign(), rtol=1e-2, atol=0)


def test_ppo_takes_the_steps_of_a_loop_that_adapts_anew_before_each():
    learner, family = make(outer_optimizer="ppo", outer_lr=0.02, inner_steps=2)
    lessons, test = learner.collect(environments(family), Generator().manual_seed(2))
    naive = Naive(learner, lessons, test)
    theirs = at(naive.start)
    adam = torch.optim.Adam([theirs], lr=0.02)
    reached = []
    for _ in range(trust_region.CLIPPED_STEPS):
        adam.zero_grad()
        loss, beyond = naive.clipped(theirs)
        loss.backward()
        adam.step()
        reached.append(beyond)
    learner.update(environments(family), 0, Generator().manual_seed(2))
    ours = torch.cat([learner.params[name].detach().flatten() for name in learner.policy.adapted])
    torch.testing.assert_close(ours, theirs.detach(), rtol=1e-8, atol=1e-10)
    assert reached[0] == 0 < reached[-1]  # so that clipping was seen


def test_the_clipped_gradient_at_the_start_is_the_gradient():
    _, problem, _ = setting(inner_steps=2, estimator="dice")
    torch.testing.assert_close(problem.clipped(problem.start), problem.gradient)


def test_reptile_moves_towards_the_mean_of_the_adapted_policies():
    learner, family = make("reptile", inner_steps=2, outer_lr=0.5, steps=10)
    before = {name: value.detach().clone() for name, value in learner.params.items()}
    walk = [*learner.walk(environments(family), 2, 2, Generator().manual_seed(2))]
    report = learner.update(environments(family), 5, Generator().manual_seed(2))
    for name, value in learner.params.items():
        torch.testing.assert_close(value.detach(), before[name] + 0.25 * (walk[-1][0][name].mean(0) - before[name]))
    assert report.loss_before == pytest.approx(-walk[0][1].returns.mean().item())
    assert report.loss_after == pytest.approx(-walk[-1][1].returns.mean().item())


@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "reptile", "joint"])
def test_the_seed_decides_a_meta_step_and_the_state_is_all_there_is(algorithm: str):
    learner, family = make(algorithm, outer_optimizer="adam") if algorithm != "reptile" else make(algorithm)
    again, _ = make(algorithm, outer_optimizer="adam") if algorithm != "reptile" else make(algorithm)
    learner.update(environments(family), 0, Generator().manual_seed(2))
    again.load_state({name: value.clone() for name, value in learner.state().items()})
    reports = [one.update(environments(family), 1, Generator().manual_seed(7)) for one in (learner, again)]
    assert reports[0] == reports[1]
    for name, value in learner.params.items():
        assert torch.equal(value, again.params[name])


def test_each_inner_step_learns_from_fresh_trajectories_at_half_the_rate_after_the_first():
    learner, family = make(inner_steps=3, test_inner_steps=3)
    lessons, test = learner.collect(environments(family), Generator().manual_seed(2))
    drawn = [seen.trajectories.actions for seen in lessons]
    assert all(not torch.equal(one, other) for one, other in pairwise(drawn))
    assert [seen.trajectories.actions.shape[1] for seen in (*lessons, test)] == [2, 2, 2, 3]
    assert [learner.rates(k)["head.weight"] for k in range(3)] == [0.5, 0.25, 0.25]


def test_what_is_adapted_for_a_test_is_the_same_each_time_and_changes_nothing():
    learner, family = make()
    before = {name: value.detach().clone() for name, value in learner.state().items()}
    first, again = ([*learner.adapt(environments(family), 2)] for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert all(torch.equal(one[name], other[name]) for name in one)
    assert not torch.equal(first[0]["head.weight"], first[2]["head.weight"])
    assert all(torch.equal(value, before[name]) for name, value in learner.state().items())


def test_the_horizon_of_the_paper_is_100():
    assert navigation.HORIZON == 100
