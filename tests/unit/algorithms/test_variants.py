"""ANIL, Meta-SGD, CAVIA and ProtoNet against the naive loop and finite differences, in float64."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from metaplay.verify import naive
from tests.unit.algorithms.conftest import close, make_episodes, make_learner, stride_of, tasks_of
from tests.unit.algorithms.test_maml import along

NETWORKS = ("mlp", "conv4", "conv4-pool")
CONTEXT = 4
Loss = Callable[[dict[str, Tensor], Any, int], Tensor]


def make(algorithm: str, network: str, steps: int, **changes: Any):
    extra = {"context": CONTEXT} if algorithm == "cavia" else {}
    learner = make_learner(algorithm, network, inner_steps=steps, **extra, **changes)
    if algorithm == "metasgd":
        rng = Generator().manual_seed(2)
        with torch.no_grad():
            for value in learner.rates.values():
                value.add_(0.05 * torch.randn(value.shape, generator=rng))
    return learner


def naive_loss(learner: Any, network: str, leaves: dict[str, Tensor], steps: int) -> Tensor:
    """Mean over tasks of the naive loop's query loss; `leaves` hold parameters, and Meta-SGD's rates under rate.<name>."""
    algorithm = learner.config.algorithm
    adapts = {"anil": naive.head_only, "cavia": naive.context_only}.get(algorithm, naive.adapted)
    params = {name: value for name, value in leaves.items() if not name.startswith("rate.")}
    losses = []
    for task in tasks_of(make_episodes(network)):
        start = {**params, "context": torch.zeros(CONTEXT, requires_grad=True)} if algorithm == "cavia" else params
        losses.append(
            naive.maml_loss(
                start,
                task,
                stride=stride_of(network),
                weights=[0.0] * (steps - 1) + [1.0],
                rate=lambda name, k: leaves.get(f"rate.{name}", learner.config.inner_lr),
                second_order=True,
                transductive=learner.config.transductive,
                adapts=adapts,
            )
        )
    return torch.stack(losses).mean()


def leaves_of(learner: Any) -> dict[str, Tensor]:
    return {name: value.detach().clone().requires_grad_() for name, value in learner.trainable().items()}


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_meta_gradient_equals_the_naive_loop(algorithm: str, network: str, steps: int):
    learner = make(algorithm, network, steps)
    ours, report = learner.meta_gradient(make_episodes(network), 0)
    leaves = leaves_of(learner)
    loss = naive_loss(learner, network, leaves, steps)
    close(ours, dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True)))
    assert report.meta_loss == pytest.approx(loss.item(), rel=1e-10)


@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_inductive_meta_gradient_equals_the_naive_loop(algorithm: str):
    learner = make(algorithm, "conv4", 2, transductive=False)
    leaves = leaves_of(learner)
    loss = naive_loss(learner, "conv4", leaves, 2)
    theirs = dict(zip(leaves, torch.autograd.grad(loss, list(leaves.values())), strict=True))
    close(learner.meta_gradient(make_episodes("conv4"), 0)[0], theirs)


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_meta_gradient_equals_finite_differences_and_first_order_does_not(
    algorithm: str, network: str, monkeypatch: pytest.MonkeyPatch
):
    learner, episodes = make(algorithm, network, 2), make_episodes(network)
    exact, _ = learner.meta_gradient(episodes, 0)
    rng = Generator().manual_seed(1)
    direction = {name: torch.randn(value.shape, generator=rng) for name, value in exact.items()}
    moved = []
    for size in (1e-6, -1e-6):
        leaves = {name: (value + size * direction[name]).detach() for name, value in learner.trainable().items()}
        leaves = {name: value.requires_grad_() for name, value in leaves.items()}
        moved.append(naive_loss(learner, network, leaves, 2).item())
    slope = (moved[0] - moved[1]) / 2e-6
    assert along(exact, direction) == pytest.approx(slope, rel=1e-5)
    monkeypatch.setattr(type(learner), "second_order", lambda self, step: False)
    first, _ = learner.meta_gradient(episodes, 0)
    assert along(first, direction) != pytest.approx(slope, rel=1e-3)


def test_anil_leaves_the_body_alone_and_cavia_every_weight():
    episodes = make_episodes("conv4")
    for algorithm, moves in (("anil", {"head.weight", "head.bias"}), ("cavia", {"context"})):
        learner = make(algorithm, "conv4", 2)
        start, *_, end = learner.adapt(episodes, 3)
        assert {name for name in end if not torch.equal(start[name], end[name])} == moves


def test_meta_sgd_learns_its_rates_and_saves_them():
    learner, episodes = make("metasgd", "mlp", 1), make_episodes("mlp")
    before = {name: value.detach().clone() for name, value in learner.rates.items()}
    learner.update(episodes, 0, Generator())
    assert all((value != before[name]).any() for name, value in learner.rates.items())
    other = make("metasgd", "mlp", 1)
    other.load_state({name: value.clone() for name, value in learner.state().items()})
    assert all(torch.equal(value, other.rates[name]) for name, value in learner.rates.items())


@pytest.mark.parametrize("network", ["conv4", "conv4-pool"])
def test_protonet_is_the_nearest_class_mean_under_its_own_gradient(network: str):
    learner, episodes = make_learner("protonet", network, train_way=0), make_episodes(network)
    leaves = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
    losses = [naive.prototype_loss(leaves, task, stride=stride_of(network)) for task in tasks_of(episodes)]
    theirs = torch.autograd.grad(torch.stack(losses).mean(), list(leaves.values()))
    adam = torch.optim.Adam(leaves.values(), lr=learner.config.outer_lr)
    for value, grad in zip(leaves.values(), theirs, strict=True):
        value.grad = grad
    loss, _, _ = learner.episode_loss(episodes)
    ours = torch.autograd.grad(loss, list(learner.params.values()))
    close(dict(zip(learner.params, ours, strict=True)), dict(zip(leaves, theirs, strict=True)))
    adam.step()
    learner.update(episodes, 0, Generator())
    close({n: v.detach() for n, v in learner.params.items()}, {n: v.detach() for n, v in leaves.items()}, 1e-8)


@pytest.mark.parametrize("transductive", [True, False])
def test_protonet_tests_by_nearest_mean_under_the_right_statistics(transductive: bool):
    learner, episodes = (
        make_learner("protonet", "conv4", transductive=transductive, train_way=0),
        make_episodes("conv4"),
    )
    learner.update(episodes, 0, Generator())
    before, after = learner.adapt(episodes, 1)
    assert torch.equal(
        learner.predict(before, episodes, 0), learner.predict(before, episodes, 0)[..., :1].expand(-1, -1, 3)
    )
    outputs = learner.predict(after, episodes, 1)
    use = None if transductive else [(mean[0], variance[0]) for mean, variance in learner.running.values]
    for t, (x, y, qx, qy) in enumerate(tasks_of(episodes)):
        support, query = (naive.embed(dict(learner.params), images, 2, 0, use)[0] for images in (x, qx))
        mine = torch.nn.functional.cross_entropy(outputs[t], qy)
        assert mine.item() == pytest.approx(naive.nearest_mean_loss(support, y, query, qy).item(), rel=1e-9)


def test_protonet_halves_its_outer_rate_every_two_thousand_episodes():
    learner = make_learner("protonet", "conv4", meta_batch=4, outer_lr=0.001, train_way=0)
    assert [learner.outer_lr(step) for step in (0, 499, 500, 1000)] == pytest.approx([1e-3, 1e-3, 5e-4, 2.5e-4])
