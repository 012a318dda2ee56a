"""Inductive predictions do not depend on the other queries; transductive ones do; and prediction changes no state."""

import pytest
import torch

from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS
from tests.unit.algorithms.conftest import make_episodes, make_learner


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
@pytest.mark.parametrize("transductive", [True, False])
def test_whether_a_query_is_judged_alone(algorithm, transductive):
    learner, episodes = make_learner(algorithm, "conv4", transductive=transductive), make_episodes("conv4")
    others = episodes.query_x.clone()
    others[:, 1:] = others[:, 1:].flip(0) * 2
    changed = Episodes(episodes.support_x, episodes.support_y, others, episodes.query_y)
    *_, fast = learner.adapt(episodes, 2)
    same = torch.equal(learner.predict(fast, episodes, 2)[:, 0], learner.predict(fast, changed, 2)[:, 0])
    assert same == (not transductive)


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_adaptation_never_sees_query_labels_or_images(algorithm):
    learner, episodes = make_learner(algorithm, "conv4"), make_episodes("conv4")
    blind = Episodes(episodes.support_x, episodes.support_y, torch.zeros_like(episodes.query_x), 0 * episodes.query_y)
    for ours, theirs in zip(learner.adapt(episodes, 3), learner.adapt(blind, 3), strict=True):
        assert all(torch.equal(value, theirs[name]) for name, value in ours.items())


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_tasks_do_not_leak_into_each_other(algorithm):
    learner, episodes = make_learner(algorithm, "conv4"), make_episodes("conv4")
    *_, together = learner.adapt(episodes, 3)
    *_, alone = learner.adapt(episodes[2:3], 3)
    one = learner.predict(alone, episodes[2:3], 3)[0]
    assert torch.allclose(one, learner.predict(together, episodes, 3)[2], rtol=1e-9)


@pytest.mark.parametrize("algorithm", list(ALGORITHMS))
def test_adapting_and_predicting_change_no_state(algorithm):
    learner, episodes = make_learner(algorithm, "conv4", transductive=False), make_episodes("conv4")
    if ALGORITHMS[algorithm].meta_trains:
        learner.update(episodes, 0, torch.Generator())
    before = {name: value.clone() for name, value in learner.state().items()}
    for k, fast in enumerate(learner.adapt(episodes, 4)):
        learner.predict(fast, episodes, k)
    after = learner.state()
    assert before.keys() == after.keys()
    assert all(torch.equal(value, after[name]) for name, value in before.items())
