"""MAML and FOMAML against the naive loop and finite differences, in float64."""

import pytest
import torch

from metaplay.verify import naive
from metaplay.verify.compare import difference_error
from metaplay.verify.expected import MetaLoss
from metaplay.verify.subject import tasks_of
from tests.unit.algorithms.conftest import close, make_episodes, make_learner, naive_gradient

NETWORKS = ("mlp", "conv4", "conv4-pool")


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("steps", [1, 3, 5])
@pytest.mark.parametrize("algorithm", ["maml", "fomaml"])
def test_meta_gradient_equals_the_naive_loop(network, steps, algorithm):
    learner = make_learner(algorithm, network, inner_steps=steps)
    ours, report = learner.meta_gradient(make_episodes(network), step=0)
    theirs, loss = naive_gradient(learner, network)
    close(ours, theirs)
    assert report.meta_loss == pytest.approx(loss, rel=1e-10)


@pytest.mark.parametrize("algorithm", ["maml", "fomaml"])
def test_inductive_meta_gradient_equals_the_naive_loop(algorithm):
    learner = make_learner(algorithm, "conv4", inner_steps=2, transductive=False)
    ours, _ = learner.meta_gradient(make_episodes("conv4"), step=0)
    close(ours, naive_gradient(learner, "conv4")[0])


@pytest.mark.parametrize("network", NETWORKS)
def test_meta_gradient_equals_finite_differences(network):
    """First order must fail the same comparison, and pass that with the query loss shifted after adaptation."""
    maml, fomaml = (make_learner(name, network, inner_steps=2) for name in ("maml", "fomaml"))
    episodes, at = make_episodes(network), maml.params
    exact, first = (learner.meta_gradient(episodes, step=0)[0] for learner in (maml, fomaml))
    loss, after = (MetaLoss(learner.config, episodes).value(at) for learner in (maml, fomaml))
    assert difference_error(loss, at, exact, 1e-5) < 1e-5
    assert difference_error(loss, at, first, 1e-5) > 1e-3
    assert difference_error(after, at, first, 1e-5) < 1e-5
    assert difference_error(after, at, exact, 1e-5) > 1e-3


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
