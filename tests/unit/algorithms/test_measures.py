"""What probes measure of the inner loop, against the naive loop in float64: the angle between the orders, and which layers move."""

import math
from dataclasses import replace

import pytest
import torch

from metaplay.algorithms.orders import order_cosine
from metaplay.registry import ALGORITHMS, load
from metaplay.training.evaluate import measure
from metaplay.training.layers import LayerChange
from metaplay.verify import naive
from metaplay.verify.compare import gradient
from metaplay.verify.expected import MetaLoss
from metaplay.verify.subject import tasks_of
from tests.unit.algorithms.conftest import CPU, SETTINGS, make_episodes, make_learner


class Exact(MetaLoss):
    """The meta-loss differentiated through the inner steps, whatever the algorithm does."""

    @property
    def exact(self) -> bool:
        return True


def naive_cosine(learner, network: str, step: int = 0) -> float:
    loss, at = Exact(learner.config, make_episodes(network), step), learner.trainable()
    rows = [
        torch.cat([grads[name].flatten() for name in learner.params])
        for grads in (gradient(loss, at), gradient(loss.first_order, at))
    ]
    return torch.nn.functional.cosine_similarity(*rows, dim=0).item()


@pytest.mark.parametrize("network", ["mlp", "conv4"])
@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "anil", "mamlpp", "metasgd", "cavia"])
def test_the_cosine_between_the_orders_is_that_of_the_naive_gradients(algorithm: str, network: str):
    learner = make_learner(algorithm, network, inner_steps=3)
    before = {name: value.clone() for name, value in learner.state().items()}
    ours = order_cosine(learner, make_episodes(network), 0)
    assert ours == pytest.approx(naive_cosine(learner, network), abs=1e-9)
    assert ours < 1 - 1e-6, "the two gradients must differ, or the test says nothing"
    assert all(torch.equal(value, before[name]) for name, value in learner.state().items())


def test_a_fomaml_run_at_the_same_point_has_the_same_cosine():
    maml, fomaml = (make_learner(name, "conv4", inner_steps=2) for name in ("maml", "fomaml"))
    episodes = make_episodes("conv4")
    assert order_cosine(maml, episodes, 0) == pytest.approx(order_cosine(fomaml, episodes, 0), abs=1e-12)


def test_first_order_annealing_leaves_the_cosine_as_it_is():
    with_da, without = (make_learner("mamlpp", "mlp", da=da, msl=False) for da in (True, False))
    episodes = make_episodes("mlp")
    assert order_cosine(with_da, episodes, 0) == order_cosine(without, episodes, 0)


def test_a_loss_that_is_linear_in_the_weights_has_the_same_direction_in_both_orders():
    """Of a network whose head alone adapts, by steps of no length, the second derivatives count for nothing."""
    learner = make_learner("anil", "mlp", inner_lr=1e-9)
    assert order_cosine(learner, make_episodes("mlp"), 0) == pytest.approx(1, abs=1e-9)


def naive_changes(learner, network: str, steps: int) -> dict[str, list[float]]:
    """Mean over tasks of |fast - theta| / |theta| of each layer after 0, 1, ... steps, a task and a layer at a time."""
    adapts = {"anil": naive.head_only, "cavia": naive.context_only}.get(learner.config.algorithm, naive.adapted)
    layers = sorted({name.split(".")[0] for name in learner.params if naive.adapted(name) and "context" not in name})
    found = {layer: [0.0] * (steps + 1) for layer in layers}
    tasks = list(tasks_of(make_episodes(network)))
    for x, y, _, _ in tasks:
        fast = {name: value.detach().clone().requires_grad_() for name, value in learner.params.items()}
        if learner.config.algorithm == "cavia":
            fast["context"] = torch.zeros(learner.config.context, requires_grad=True)
        for k in range(steps + 1):
            for layer in layers:
                moved = start = 0.0
                for name, value in learner.params.items():
                    if name.split(".")[0] == layer:
                        moved += ((fast[name] - value) ** 2).sum().item()
                        start += (value**2).sum().item()
                found[layer][k] += math.sqrt(moved / start) / len(tasks)
            names = [name for name in fast if adapts(name)]
            loss = naive.loss_of(naive.forward(fast, x, 2, k)[0], y)
            grads = torch.autograd.grad(loss, [fast[name] for name in names])
            step = {n: fast[n] - learner.config.inner_lr * g for n, g in zip(names, grads, strict=True)}
            fast = {name: value.detach().requires_grad_() for name, value in {**fast, **step}.items()}
    return found


@pytest.mark.parametrize("network", ["mlp", "conv4"])
@pytest.mark.parametrize("algorithm", ["maml", "anil", "cavia"])
def test_layers_move_as_far_as_in_the_naive_loop(algorithm: str, network: str):
    learner = make_learner(algorithm, network)
    layers = LayerChange(learner)
    measure(learner, make_episodes(network), 4, [0, 1, 3, 4], layers.see)
    ours, theirs = layers.means(), naive_changes(learner, network, 4)
    assert list(ours) == list(dict.fromkeys(name.split(".")[0] for name in learner.model.adapted))
    for layer, changes in ours.items():
        assert changes == pytest.approx([theirs[layer][k] for k in (0, 1, 3, 4)], abs=1e-9)
    still = [layer for layer, changes in ours.items() if changes[-1] == 0]
    assert (set(ours) - set(still)) == (
        {"head"} if algorithm == "anil" else set() if algorithm == "cavia" else set(ours)
    )


def test_a_layer_that_starts_at_zero_has_no_relative_change_and_no_inner_loop_none_at_all():
    joint = load(ALGORITHMS["joint"])(make_learner("joint", "conv4").config, SETTINGS["conv4"], CPU)
    layers = LayerChange(joint)
    measure(joint, make_episodes("conv4"), 2, seen=layers.see)
    assert all(map(math.isnan, layers.means()["head"]))
    assert layers.means()["conv1"][2] > 0
    protonet = make_learner("protonet", "conv4")
    layers = LayerChange(protonet)
    measure(protonet, make_episodes("conv4"), 1, seen=layers.see)
    assert layers.means() == {}


def test_tasks_count_alike_in_the_cosine():
    """Its meta-gradients are means over tasks: a batch that holds every task twice has the same."""
    learner, episodes = make_learner("maml", "mlp"), make_episodes("mlp")
    parts = {name: getattr(episodes, name) for name in ("support_x", "support_y", "query_x", "query_y")}
    twice = replace(episodes, **{name: torch.cat([part, part]) for name, part in parts.items()})
    assert order_cosine(learner, twice, 0) == pytest.approx(order_cosine(learner, episodes, 0), abs=1e-12)
