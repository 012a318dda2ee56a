"""MAML and FOMAML against the naive loop and finite differences, in float64."""

import pytest
import torch

from metaplay.verify import naive
from tests.unit.algorithms.conftest import close, make_episodes, make_learner, stride_of, tasks_of

NETWORKS = ("mlp", "conv4", "conv4-pool")


def naive_gradient(learner, network, steps, second_order, transductive=True, weights=None, rate=None):
    params = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
    weights = weights or [0.0] * (steps - 1) + [1.0]
    losses = [
        naive.maml_loss(
            params,
            task,
            stride=stride_of(network),
            weights=weights,
            rate=rate or (lambda name, k: learner.config.inner_lr),
            second_order=second_order,
            transductive=transductive,
        )
        for task in tasks_of(make_episodes(network))
    ]
    loss = torch.stack(losses).mean()
    grads = torch.autograd.grad(loss, list(params.values()), allow_unused=True)
    filled = [torch.zeros_like(p) if g is None else g for p, g in zip(params.values(), grads, strict=True)]
    return dict(zip(params, filled, strict=True)), loss.item()


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize(("algorithm", "second_order"), [("maml", True), ("fomaml", False)])
def test_meta_gradient_equals_the_naive_loop(network, steps, algorithm, second_order):
    learner = make_learner(algorithm, network, inner_steps=steps)
    ours, report = learner.meta_gradient(make_episodes(network), step=0)
    theirs, loss = naive_gradient(learner, network, steps, second_order)
    close(ours, theirs)
    assert report.meta_loss == pytest.approx(loss, rel=1e-10)


@pytest.mark.parametrize("algorithm", ["maml", "fomaml"])
def test_inductive_meta_gradient_equals_the_naive_loop(algorithm):
    learner = make_learner(algorithm, "conv4", inner_steps=2, transductive=False)
    ours, _ = learner.meta_gradient(make_episodes("conv4"), step=0)
    theirs, _ = naive_gradient(learner, "conv4", 2, algorithm == "maml", transductive=False)
    close(ours, theirs)


@pytest.mark.parametrize("network", NETWORKS)
def test_meta_gradient_equals_finite_differences(network):
    """Central differences of the meta-loss along random directions; first order must fail the same comparison."""
    learner, episodes = make_learner("maml", network, inner_steps=2), make_episodes(network)
    exact, _ = learner.meta_gradient(episodes, step=0)
    first, _ = make_learner("fomaml", network, inner_steps=2).meta_gradient(episodes, step=0)
    rng = torch.Generator().manual_seed(1)
    error, error_first = [], []
    for _ in range(3):
        direction = {name: torch.randn(value.shape, generator=rng) for name, value in learner.params.items()}
        slope = (
            shifted_loss(learner, episodes, direction, 1e-6) - shifted_loss(learner, episodes, direction, -1e-6)
        ) / 2e-6
        error.append(abs(slope - along(exact, direction)) / abs(slope))
        error_first.append(abs(slope - along(first, direction)) / abs(slope))
    assert max(error) < 1e-5
    assert max(error_first) > 1e-3


def shifted_loss(learner, episodes, direction, size):
    kept = {name: value.detach().clone() for name, value in learner.params.items()}
    with torch.no_grad():
        for name, value in learner.params.items():
            value.add_(size * direction[name])
    loss, _ = learner.meta_loss(episodes, 0)
    with torch.no_grad():
        for name, value in learner.params.items():
            value.copy_(kept[name])
    return loss.item()


def along(gradient, direction):
    return sum((gradient[name] * direction[name]).sum().item() for name in gradient)


def test_fomaml_is_the_query_gradient_at_the_fast_weights():
    """Finn et al. 2017, section 5.2: the meta-gradient is the mean over tasks of the query gradient, taken at fast weights."""
    learner, episodes = make_learner("fomaml", "mlp", inner_steps=3), make_episodes("mlp")
    ours, _ = learner.meta_gradient(episodes, step=0)
    *_, fast = learner.adapt(episodes, 3)
    leaves = {name: value.detach().requires_grad_() for name, value in fast.items()}
    losses = [
        naive.loss_of(
            naive.forward({n: v[t] for n, v in leaves.items()}, episodes.query_x[t], 2)[0], episodes.query_y[t]
        )
        for t in range(episodes.tasks)
    ]
    grads = torch.autograd.grad(torch.stack(losses).mean(), list(leaves.values()))
    close(ours, {name: grad.sum(0) for name, grad in zip(leaves, grads, strict=True)})


def test_chunks_of_tasks_give_the_same_meta_gradient(monkeypatch):
    learner, episodes = make_learner("maml", "conv4"), make_episodes("conv4")
    whole, report = learner.meta_gradient(episodes, step=0)
    monkeypatch.setattr("metaplay.algorithms.maml.CHUNK", 1)
    parts, report_parts = learner.meta_gradient(episodes, step=0)
    close(parts, whole, 1e-12)
    assert report_parts.metric_after == pytest.approx(report.metric_after)
    assert report_parts.loss_before == pytest.approx(report.loss_before)


def test_the_outer_step_is_adam_on_the_meta_gradient():
    learner, episodes = make_learner("maml", "mlp"), make_episodes("mlp")
    copies = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
    adam = torch.optim.Adam(copies.values(), lr=learner.config.outer_lr)
    for step in range(3):
        grads, _ = learner.meta_gradient(episodes, step)
        for name, value in copies.items():
            value.grad = grads[name].clone()
        adam.step()
        learner.update(episodes, step, torch.Generator())
    close({n: v.detach() for n, v in learner.params.items()}, {n: v.detach() for n, v in copies.items()}, 1e-12)


def test_adaptation_at_evaluation_equals_the_naive_steps():
    learner, episodes = make_learner("maml", "conv4"), make_episodes("conv4")
    *_, fast = learner.adapt(episodes, 4)
    for t, (x, y, _, _) in enumerate(tasks_of(episodes)):
        alone = {name: value.detach().clone() for name, value in learner.params.items()}
        for k in range(4):
            leaves = {n: v.requires_grad_(naive.adapted(n)) for n, v in alone.items()}
            names = [name for name in leaves if naive.adapted(name)]
            loss = naive.loss_of(naive.forward(leaves, x, 2, k)[0], y)
            grads = torch.autograd.grad(loss, [leaves[n] for n in names])
            alone = {n: v.detach() for n, v in leaves.items()}
            alone.update({n: alone[n] - learner.config.inner_lr * g for n, g in zip(names, grads, strict=True)})
        close({n: fast[n][t] for n in learner.model.adapted}, {n: alone[n] for n in learner.model.adapted})


def test_a_loss_that_is_not_a_number_changes_nothing():
    from metaplay.algorithms.base import Diverged

    learner, episodes = make_learner("maml", "mlp"), make_episodes("mlp")
    before = {name: value.clone() for name, value in learner.state().items()}
    episodes.query_y[0, 0] = float("nan")
    with pytest.raises(Diverged, match="lower the inner or outer rate"):
        learner.update(episodes, 0, torch.Generator())
    assert all(torch.equal(before[name], value) for name, value in learner.state().items())
