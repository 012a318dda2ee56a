"""What saves memory changes no gradient: chunks of tasks, and inner steps that are computed once more; in float64."""

from typing import Any

import pytest
import torch
from torch import Generator

from metaplay.algorithms.base import Report
from metaplay.algorithms.orders import order_cosine
from metaplay.config import RunConfig, applicable, defaults
from metaplay.registry import ALGORITHMS, able
from metaplay.verify.subject import perturb_learned
from tests.unit.algorithms.conftest import close, make_episodes, make_learner

NETWORKS = ("mlp", "conv4", "conv4-pool")
EXACT = ("maml", "mamlpp", "anil", "metasgd", "cavia")
SWITCHES: dict[str, Any] = {"msl": True, "lslr": True}
IMAGE_SWITCHES: dict[str, Any] = {**SWITCHES, "bnrs": True, "bnwb": True}


def make(algorithm: str, network: str, **changes: Any) -> Any:
    extra = {"context": 4} if algorithm == "cavia" else {}
    if algorithm == "mamlpp":
        extra = SWITCHES if network == "mlp" else IMAGE_SWITCHES
    learner = make_learner(algorithm, network, **{**extra, **changes})
    perturb_learned(learner)
    return learner


def numbers(report: Report) -> dict[str, float]:
    return {name: value for name, value in vars(report).items() if value is not None}


@pytest.mark.parametrize(
    ("network", "transductive"), [("mlp", True), ("conv4", True), ("conv4", False), ("conv4-pool", True)]
)
@pytest.mark.parametrize("algorithm", EXACT)
def test_recomputing_the_inner_steps_changes_nothing(algorithm: str, network: str, transductive: bool):
    """Also with the loss of every inner step in it, with learned rates, and with normalisation of each step's own."""
    manner = {} if network == "mlp" else {"transductive": transductive}
    episodes = make_episodes(network)
    kept, again = (make(algorithm, network, inner_steps=3, recompute=on, **manner) for on in (False, True))
    ours, theirs = kept.meta_gradient(episodes, 0), again.meta_gradient(episodes, 0)
    close(theirs[0], ours[0], 1e-12)
    assert numbers(theirs[1]) == pytest.approx(numbers(ours[1]))
    assert order_cosine(again, episodes, 0) == pytest.approx(order_cosine(kept, episodes, 0), rel=1e-10)
    for learner in (kept, again):
        learner.update(episodes, 0, Generator())
    for name, value in kept.state().items():
        assert torch.allclose(value, again.state()[name], rtol=1e-10, atol=1e-12), name


def test_recomputing_leaves_the_last_loss_alone_to_count_when_msl_is_over():
    episodes = make_episodes("conv4")
    kept, again = (make("mamlpp", "conv4", inner_steps=3, steps=100, recompute=on) for on in (False, True))
    close(again.meta_gradient(episodes, 50)[0], kept.meta_gradient(episodes, 50)[0], 1e-12)


def test_recomputing_is_asked_only_where_the_graph_of_the_steps_is_kept():
    fields = {name: "recompute" in applicable(defaults(name, "strokes")) for name in ALGORITHMS}
    assert {name for name, applies in fields.items() if applies} == set(EXACT)
    assert not RunConfig().recompute


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if name not in ("joint", "scratch")])
def test_chunks_of_tasks_change_nothing(algorithm: str, network: str, monkeypatch: pytest.MonkeyPatch):
    """(Joint training has no chunks: its batch normalisation goes over all tasks at once.)"""
    if not able(algorithm, "sinusoid" if network == "mlp" else "strokes"):
        pytest.skip("it tells classes apart")
    judged_alone = {} if network == "mlp" else {"transductive": False}  # where running statistics would tell
    states, reports = [], []
    for chunk in (1_000_000, 1):
        monkeypatch.setattr("metaplay.config.chunks.CHUNK", chunk)
        learner = make(algorithm, network, **judged_alone)
        assert len(list(learner.chunks(make_episodes(network)))) == (1 if chunk > 1 else 4)
        rng = Generator().manual_seed(0)
        reports.append([numbers(learner.update(make_episodes(network, step), step, rng)) for step in range(2)])
        states.append(learner.state())
    assert reports[1] == [pytest.approx(report, rel=1e-9) for report in reports[0]]
    for name, value in states[0].items():
        assert torch.allclose(value, states[1][name], rtol=1e-9, atol=1e-11), name


@pytest.mark.parametrize("network", NETWORKS)
@pytest.mark.parametrize("algorithm", [*EXACT, "fomaml"])
def test_chunks_of_tasks_give_the_same_meta_gradient(algorithm: str, network: str, monkeypatch: pytest.MonkeyPatch):
    learner, episodes = make(algorithm, network), make_episodes(network)
    whole, report = learner.meta_gradient(episodes, step=0)
    monkeypatch.setattr("metaplay.config.chunks.CHUNK", 1)
    parts, report_parts = learner.meta_gradient(episodes, step=0)
    close(parts, whole, 1e-12)
    assert numbers(report_parts) == pytest.approx(numbers(report))
