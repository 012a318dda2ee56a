"""Contenders compute what metaplay does, in float64; and the operations counted on paper are those that a loop does."""

from typing import Any

import pytest
import torch
from torch import Generator
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.peers import flops
from benchmarks.peers.contenders import load
from benchmarks.peers.problem import SEED, Problem
from benchmarks.peers.worker import relative_error
from benchmarks.peers.workloads import WORKLOADS
from metaplay.algorithms.inner import example_order
from metaplay.config import revise
from metaplay.episodes import Episodes
from metaplay.measured import ENOUGH
from metaplay.registry import NETWORKS
from metaplay.registry import load as load_network
from metaplay.verify.subject import perturb


def problem(workload: str, **changes: Any) -> Problem:
    """A narrow network on two tasks of noise: no data set is needed."""
    config = revise(WORKLOADS[workload].config, {"width": 6, "meta_batch": 2, **changes})
    rng, curves = Generator().manual_seed(1), config.network == "mlp"
    shape, ways = ((1,), 1) if curves else ((1, 28, 28), config.way)
    support, query = ways * (config.train_shot or config.shot), ways * config.query
    model = load_network(NETWORKS[config.network])(
        shape, ways, config.width, config.inner_steps + 1 if config.bnwb else 1, 0
    )
    params = model.init(rng)
    perturb(params)
    x, labels = torch.rand(2, support + query, *shape, generator=rng), torch.arange(ways)
    y = (
        torch.sin(3 * x)
        if curves
        else torch.cat([labels.repeat_interleave(n // ways) for n in (support, query)]).expand(2, -1)
    )
    episodes = Episodes(x[:, :support], y[:, :support], x[:, support:], y[:, support:])
    order = example_order(episodes, config.inner_steps, config.inner_batch, Generator().manual_seed(SEED))
    parts = (part.numpy() for part in (episodes.support_x, episodes.support_y, episodes.query_x, episodes.query_y))
    start = {name: value.numpy() for name, value in params.items()}
    return Problem(config, start, *parts, order=None if order is None else order.numpy())


@pytest.mark.parametrize("workload", ["W1-5", "W2-stride2-1", "W2-max-pool-5", "W2-max-pool-1-first", "W4", "W5"])
def test_the_plain_loop_has_metaplays_meta_gradient(workload: str):
    exact = problem(workload).as_type("float64")
    ours = load("metaplay")(exact, "cpu").gradient()
    assert relative_error(load("loop")(exact, "cpu").gradient(), ours) < ENOUGH


@pytest.mark.parametrize("contender", ["higher", "vmap"])
@pytest.mark.parametrize("workload", ["W1-5", "W2-stride2-5", "W2-max-pool-1-first"])
def test_libraries_that_the_tests_have_do_too(contender: str, workload: str):
    exact = problem(workload).as_type("float64")
    ours = load("metaplay")(exact, "cpu").gradient()
    assert relative_error(load(contender)(exact, "cpu").gradient(), ours) < ENOUGH


@pytest.mark.parametrize("contender", ["metaplay", "loop"])
@pytest.mark.parametrize("workload", ["W1-1", "W2-stride2-1", "W4", "W5"])
def test_a_meta_step_moves_the_parameters(contender: str, workload: str):
    built = load(contender)(problem(workload), "cpu")
    before = built.gradient()
    built.step()
    assert relative_error(built.gradient(), before) > 1e-3


@pytest.mark.parametrize(
    ("workload", "excess"),
    [
        ("W1-1", 1.0),
        ("W1-5", 1.0),
        ("W2-stride2-5-first", 1.0),
        ("W5", 1.0),
        ("W2-stride2-5", 1.1),
        ("W2-max-pool-1", 1.1),
        ("W4", 1.1),
    ],
)
def test_operations_on_paper_are_those_of_a_loop(workload: str, excess: float):
    """Of second order, torch computes a few that nothing depends on, in the first convolution."""
    given = problem(workload)
    loop = load("loop")(given, "cpu")
    with FlopCounterMode(display=False) as counter:
        loop.gradient()
    needed = flops.meta_step(given.config)
    assert needed <= counter.get_total_flops() <= excess * needed


def test_an_error_shows():
    ours = load("metaplay")(problem("W1-1"), "cpu").gradient()
    assert relative_error({name: 1.001 * value for name, value in ours.items()}, ours) == pytest.approx(1e-3, rel=1e-3)
    with pytest.raises(ValueError, match="other parameters"):
        relative_error({}, ours)
