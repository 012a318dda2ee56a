"""A slice of the loss surface: its three points have the losses computed directly, and everything on it is where it should be."""

from collections.abc import Iterator

import pytest
import torch

from metaplay.models.losses import task_losses
from metaplay.training import surface
from metaplay.training.projection import principal
from metaplay.training.surface import support_losses, through
from metaplay.verify import subject
from tests.unit.algorithms.conftest import make_episodes, make_learner

STEPS = 3
SETTINGS = [
    ("maml", "mlp", {}),
    ("cavia", "mlp", {}),
    ("maml", "conv4", {}),
    ("anil", "conv4-pool", {}),
    ("cavia", "conv4", {}),
    ("reptile", "conv4", {}),
    ("joint", "conv4", {"transductive": False}),
    ("mamlpp", "conv4", {"bnwb": True, "bnrs": True, "lslr": True}),
    ("metasgd", "conv4", {}),
]


@pytest.fixture(autouse=True)
def _float64() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with subject.float64():
        yield
    torch.set_num_threads(threads)


@pytest.mark.parametrize(("algorithm", "network", "changes"), SETTINGS, ids=[f"{a}-{n}" for a, n, _ in SETTINGS])
def test_the_planes_own_points_have_the_losses_computed_directly(
    algorithm: str, network: str, changes: dict, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(surface, "CHUNK", 1)  # a point at a time: chunks change nothing
    learner, episodes = make_learner(algorithm, network, **changes), make_episodes(network)
    one, two = episodes[:1], episodes[1:2]
    way, other = list(learner.adapt(one, STEPS)), list(learner.adapt(two, STEPS))[-1]
    plane = through(learner, way[0], way[-1], other)
    points = [way[0], way[-1], other]
    places = torch.tensor([plane.place(weights) for weights in points])
    assert torch.allclose(places[0], torch.zeros(3), atol=1e-12)
    assert places[:, 2].abs().max() < 1e-7
    assert places[1, 0] > 0
    assert places[1, 1].abs() < 1e-9
    assert places[2, 1] > 0
    found = support_losses(learner, one, plane, places[:, 0], places[:, 1], STEPS)
    for loss, weights in zip(found, points, strict=True):
        outputs, _ = learner.model.forward(weights, one.support_x, STEPS)
        assert loss.item() == pytest.approx(task_losses(outputs, one.support_y).item(), rel=1e-9)


def test_lengths_on_the_plane_are_those_between_the_weights():
    learner, episodes = make_learner("maml", "mlp"), make_episodes("mlp")
    way = list(learner.adapt(episodes[:1], STEPS))
    other = list(learner.adapt(episodes[1:2], STEPS))[-1]
    plane = through(learner, way[0], way[-1], other)
    for weights in (*way, other):
        x, y, off = plane.place(weights)
        apart = torch.cat([(weights[name] - way[0][name]).flatten() for name in learner.adapted]).norm()
        assert (x**2 + y**2 + off**2) ** 0.5 == pytest.approx(apart.item(), rel=1e-9)


def test_weights_in_a_line_have_a_plane_all_the_same():
    learner, episodes = make_learner("maml", "mlp"), make_episodes("mlp")
    way = list(learner.adapt(episodes[:1], STEPS))
    plane = through(learner, way[0], way[-1], way[-1])
    assert plane.up.norm().item() == pytest.approx(1)
    assert (plane.up @ plane.across).item() == pytest.approx(0, abs=1e-12)


def test_principal_components_are_the_directions_that_spread_most():
    rng = torch.Generator().manual_seed(1)
    features = torch.randn(200, 2, generator=rng) @ torch.tensor([[3.0, 0, 4.0, 0], [0, 0.5, 0, 0]]) + 7
    found = principal(features)
    assert found.axes[:, 0].tolist() == pytest.approx([0.6, 0, 0.8, 0], abs=0.02)
    assert sum(found.explained) == pytest.approx(1)
    assert found.place(features).mean(0).tolist() == pytest.approx([0, 0], abs=1e-9)
    spread = found.place(features).var(0)
    assert (spread / spread.sum()).tolist() == pytest.approx(list(found.explained))
