"""A walk tells what the learner's own adaptation and prediction do, for every algorithm; in float64."""

from collections.abc import Iterator

import pytest
import torch

from metaplay.models.losses import task_losses
from metaplay.registry import ALGORITHMS
from metaplay.training.walk import walk
from metaplay.verify import subject
from tests.unit.algorithms.conftest import SHOT, TASKS, WAY, make_episodes, make_learner

STEPS = 4
PAIRS = [
    (name, network) for name in ALGORITHMS for network in ("mlp", "conv4") if (name, network) != ("protonet", "mlp")
]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with subject.float64():
        yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(("algorithm", "network"), PAIRS)
def test_a_walk_is_the_learners_own_adaptation(algorithm: str, network: str):
    learner, episodes = make_learner(algorithm, network), make_episodes(network)
    before = {name: value.clone() for name, value in learner.state().items()}
    found = walk(learner, episodes, STEPS)
    for k, fast in enumerate(learner.adapt(episodes, STEPS)):
        assert all(torch.equal(found.fast[k][name], value) for name, value in fast.items())
        outputs = learner.predict(fast, episodes, k).detach()
        assert torch.equal(found.query[k], outputs)
        assert torch.equal(found.query_loss[k], task_losses(outputs, episodes.query_y))
    assert all(torch.equal(before[name], value) for name, value in learner.state().items())
    assert found.support_features.shape[:3] == (STEPS + 1, TASKS, episodes.support_x.shape[1])


def test_support_examples_are_judged_by_the_weights_that_their_gradient_moves():
    learner, episodes = make_learner("maml", "conv4"), make_episodes("conv4")
    found = walk(learner, episodes, 1)
    for k, fast in enumerate(found.fast):
        outputs, _ = learner.model.forward(fast, episodes.support_x, k)
        assert torch.equal(found.support[k], outputs)
    assert (found.support_loss[1] < found.support_loss[0]).all()


@pytest.mark.parametrize("transductive", [True, False])
def test_the_features_are_what_the_head_is_given(transductive: bool):
    learner, episodes = make_learner("maml", "conv4", transductive=transductive), make_episodes("conv4")
    found = walk(learner, episodes, 2)
    weight, bias = found.fast[2]["head.weight"], found.fast[2]["head.bias"]
    for features, outputs in ((found.query_features, found.query), (found.support_features, found.support)):
        assert torch.allclose(features[2] @ weight + bias.unsqueeze(1), outputs[2], rtol=0, atol=1e-12)


def test_a_prototype_is_the_mean_of_the_support_features():
    learner, episodes = make_learner("protonet", "conv4"), make_episodes("conv4")
    found = walk(learner, episodes, 1)
    means = found.support_features[1].view(TASKS, WAY, SHOT, -1).mean(2)
    assert torch.allclose(means, found.fast[1]["prototypes"], rtol=0, atol=1e-12)
