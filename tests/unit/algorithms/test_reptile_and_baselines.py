"""Reptile, joint training and training from scratch against torch's own optimisers, a task at a time."""

import pytest
import torch
from torch import Generator

from metaplay.algorithms.inner import example_order
from metaplay.verify import naive
from metaplay.verify.expected import STRIDES, joint_loss
from metaplay.verify.subject import tasks_of
from tests.unit.algorithms.conftest import close, make_episodes, make_learner


@pytest.mark.parametrize("network", ["mlp", "conv4", "conv4-pool"])
@pytest.mark.parametrize("kind", ["adam", "sgd"])
@pytest.mark.parametrize("batch", [0, 3, 4])
def test_reptile_moves_towards_the_mean_of_the_trained_weights(network, kind, batch):
    """Two meta-steps, so that Adam's second moments are seen to be carried, and a test task that starts from them."""
    steps = 5
    learner = make_learner(
        "reptile", network, inner_steps=steps, inner_optimizer=kind, inner_batch=batch, steps=100, outer_lr=0.5
    )
    episodes = make_episodes(network)
    weights = {name: value.detach().clone() for name, value in learner.params.items()}
    squares = {name: torch.zeros_like(value) for name, value in weights.items()}
    for meta_step in (40, 41):
        order = example_order(episodes, steps, batch, Generator().manual_seed(meta_step))
        ends, moments = [], []
        for t, (x, y, _, _) in enumerate(tasks_of(episodes)):
            rows = [slice(None) if order is None else order[t, k] for k in range(steps)]
            moments.append(dict(squares))
            taken = (meta_step - 40) * steps
            batches = [(x[row], y[row]) for row in rows]
            rate = learner.config.inner_lr
            *_, end = naive.walk(weights, batches, STRIDES[network], kind, rate, moments[-1], taken)
            ends.append(end)
        eps = 0.5 * (1 - meta_step / 100)
        means = {name: torch.stack([end[name] for end in ends]).mean(0) for name in weights}
        weights = {name: value + eps * (means[name] - value) for name, value in weights.items()}
        squares = {name: torch.stack([found[name] for found in moments]).mean(0) for name in weights}
        learner.update(episodes, meta_step, Generator().manual_seed(meta_step))
    # Adam divides each gradient by its own size, which blows up the rounding of gradients that are all but zero.
    tolerance = 1e-6 if kind == "adam" else 1e-10
    close({name: value.detach() for name, value in learner.params.items()}, weights, tolerance)
    *_, tested = learner.adapt(episodes, 1)
    order = example_order(episodes, 1, batch, Generator().manual_seed(0))
    for t, (x, y, _, _) in enumerate(tasks_of(episodes)):
        row = slice(None) if order is None else order[t, 0]
        batches, rate = [(x[row], y[row])], learner.config.inner_lr
        *_, alone = naive.walk(weights, batches, STRIDES[network], kind, rate, dict(squares), 2 * steps)
        close({name: value[t] for name, value in tested.items()}, alone, tolerance)


def test_minibatches_cycle_without_replacement():
    episodes = make_episodes("mlp")  # 5 support points
    order = example_order(episodes, 10, 2, Generator().manual_seed(0))
    assert order is not None
    assert order.shape == (4, 10, 2)
    for task in order.flatten(1):
        rounds = task.view(4, 5)
        assert all(sorted(row.tolist()) == [0, 1, 2, 3, 4] for row in rounds)
    assert len({tuple(task.flatten().tolist()) for task in order}) == 4


def test_reptile_anneals_its_step_to_zero():
    learner = make_learner("reptile", "mlp", steps=100, outer_lr=0.8)
    assert [learner.outer_lr(step) for step in (0, 50, 100)] == pytest.approx([0.8, 0.4, 0.0])


def test_joint_training_is_adam_on_the_pooled_loss_with_the_splits_own_labels():
    learner, episodes = make_learner("joint", "conv4"), make_episodes("conv4")
    assert learner.params["head.bias"].shape == (7,)
    leaves = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
    adam = torch.optim.Adam(leaves.values(), lr=learner.config.outer_lr)
    joint_loss(learner.config, episodes)(leaves).backward()
    adam.step()
    learner.update(episodes, 0, Generator())
    close({n: v.detach() for n, v in learner.params.items()}, {n: v.detach() for n, v in leaves.items()}, 1e-8)


def test_joint_meets_new_classes_with_a_new_head_and_known_classes_with_its_own():
    episodes = make_episodes("conv4")
    assert next(make_learner("joint", "conv4").adapt(episodes, 0))["head.weight"].abs().max() == 0
    known = make_learner("joint", "conv4", hold_out="images")
    assert torch.equal(next(known.adapt(episodes, 0))["head.weight"][2], known.params["head.weight"])
    assert known.params["head.bias"].shape == (3,)


@pytest.mark.parametrize("algorithm", ["joint", "scratch", "reptile"])
def test_adaptation_is_ordinary_training_from_the_parameters(algorithm):
    learner, episodes = make_learner(algorithm, "mlp"), make_episodes("mlp")
    kind = "sgd" if algorithm == "joint" else learner.config.inner_optimizer
    *_, fast = learner.adapt(episodes, 6)
    for t, (x, y, _, _) in enumerate(tasks_of(episodes)):
        *_, alone = naive.walk(dict(learner.params), [(x, y)] * 6, 2, kind, learner.config.inner_lr)
        close({name: value[t] for name, value in fast.items()}, alone, 1e-8)


@pytest.mark.parametrize("algorithm", ["reptile", "joint"])
def test_a_loss_that_is_not_a_number_changes_nothing(algorithm):
    from metaplay.algorithms.base import Diverged

    learner, episodes = make_learner(algorithm, "mlp"), make_episodes("mlp")
    before = {name: value.clone() for name, value in learner.state().items()}
    episodes.support_y[0] = float("inf")
    with pytest.raises(Diverged):
        learner.update(episodes, 0, Generator())
    assert all(torch.equal(before[name], value) for name, value in learner.state().items())
