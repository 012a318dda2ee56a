"""ANIL, Meta-SGD, CAVIA and ProtoNet against the naive loop and finite differences, in float64."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Generator

from metaplay.verify import naive
from metaplay.verify.compare import difference_error, gradient
from metaplay.verify.expected import MetaLoss, prototype_loss
from metaplay.verify.subject import perturb_learned, tasks_of
from tests.unit.algorithms.conftest import close, make_episodes, make_learner, naive_gradient

NETWORKS = ("mlp", "conv4", "conv4-pool")


def make(algorithm: str, network: str, steps: int, **changes: Any):
    extra = {"context": 4} if algorithm == "cavia" else {}
    learner = make_learner(algorithm, network, inner_steps=steps, **extra, **changes)
    perturb_learned(learner)
    return learner


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("steps", [1, 2, 5])
@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_meta_gradient_equals_the_naive_loop(algorithm: str, network: str, steps: int):
    learner = make(algorithm, network, steps)
    ours, report = learner.meta_gradient(make_episodes(network), 0)
    theirs, loss = naive_gradient(learner, network)
    close(ours, theirs)
    assert report.meta_loss == pytest.approx(loss, rel=1e-10)


@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_inductive_meta_gradient_equals_the_naive_loop(algorithm: str):
    learner = make(algorithm, "conv4", 2, transductive=False)
    close(learner.meta_gradient(make_episodes("conv4"), 0)[0], naive_gradient(learner, "conv4")[0])


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", ["anil", "metasgd", "cavia"])
def test_meta_gradient_equals_finite_differences_and_first_order_does_not(
    algorithm: str, network: str, monkeypatch: pytest.MonkeyPatch
):
    learner, episodes = make(algorithm, network, 2), make_episodes(network)
    loss, at = MetaLoss(learner.config, episodes).value(learner.trainable()), learner.trainable()
    assert difference_error(loss, at, learner.meta_gradient(episodes, 0)[0], 1e-5) < 1e-5
    monkeypatch.setattr(type(learner), "second_order", lambda self, step: False)
    assert difference_error(loss, at, learner.meta_gradient(episodes, 0)[0], 1e-5) > 1e-3


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
    assert learner.learned_rates()["head.bias"] == [pytest.approx(learner.rates["rate.head.bias"].item())]
    other = make("metasgd", "mlp", 1)
    other.load_state({name: value.clone() for name, value in learner.state().items()})
    assert all(torch.equal(value, other.rates[name]) for name, value in learner.rates.items())


@pytest.mark.parametrize("network", ["conv4", "conv4-pool"])
def test_protonet_is_the_nearest_class_mean_under_its_own_gradient(network: str):
    learner, episodes = make_learner("protonet", network, train_way=0), make_episodes(network)
    leaves = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
    theirs = gradient(prototype_loss(learner.config, episodes), leaves)
    adam = torch.optim.Adam(leaves.values(), lr=learner.config.outer_lr)
    for name, value in leaves.items():
        value.grad = theirs[name].clone()
    loss, _, _ = learner.episode_loss(episodes)
    ours = torch.autograd.grad(loss, list(learner.params.values()))
    close(dict(zip(learner.params, ours, strict=True)), theirs)
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


def test_protonet_permutes_its_answers_with_the_labels():
    learner, episodes = make_learner("protonet", "conv4", train_way=0), make_episodes("conv4")
    names = torch.tensor([2, 0, 1])
    renamed = replace(episodes, support_y=names[episodes.support_y], query_y=names[episodes.query_y])
    *_, fast = learner.adapt(episodes, 1)
    *_, other = learner.adapt(renamed, 1)
    assert torch.equal(learner.predict(fast, episodes, 1), learner.predict(other, renamed, 1)[..., names])
