"""The charts of the benchmark beside other libraries: their figures are those of the rows."""

from typing import Any, cast

import plotly.graph_objects as go
import pytest

from metaplay.charts import peers, scaling
from metaplay.measured import LABELS, TITLES
from tests.unit.benchmarks.rows import ROWS


def drawn(figure: go.Figure) -> list[Any]:
    """Its traces."""
    return list(cast("Any", figure).data)


def test_the_bars_are_the_rows_times_the_fastest_first():
    (trace,) = drawn(peers.bars(ROWS, "W2-stride2-5", "en", "light"))
    assert list(trace.y) == ["JAX jit + vmap", "metaplay", "learn2learn"]
    assert list(trace.x) == [200, 400, 2000]
    assert [text.strip() for text in trace.text] == ["200 ms · 0.5×", "400 ms · 1×", "2,000 ms · 5×"]


def test_whose_meta_gradient_differs_or_who_was_not_measured_is_not_drawn():
    (trace,) = drawn(peers.bars(ROWS, "W1-1", "en", "dark"))
    assert list(trace.y) == ["metaplay", "plain loop (PyTorch)"]
    traces = {trace.name: trace for trace in drawn(peers.overview(ROWS, "en", "dark"))}
    assert traces.keys() == {"learn2learn", "plain loop (PyTorch)", "JAX jit + vmap"}
    assert list(traces["JAX jit + vmap"].y) == [peers.SHORT["W2-stride2-5"].en]


def test_the_overview_draws_times_metaplays():
    traces = {trace.uid: trace for trace in drawn(peers.overview(ROWS, "en", "light"))}
    assert list(traces["loop"].x) == [pytest.approx(25)]
    assert list(traces["jax"].x) == [pytest.approx(0.5)]


def test_they_are_said_in_words():
    assert peers.alt(ROWS, "W1-1", "en") == (
        "metaplay: 2 ms, 1 times metaplay's; plain loop (PyTorch): 50 ms, 25 times metaplay's"
    )
    assert "25 倍" in peers.overview_alt(ROWS, "zh")
    assert peers.alt([], "W1-1", "en") == "Nothing was measured."


def test_every_workload_and_contender_has_its_look():
    assert peers.SHORT.keys() == TITLES.keys()
    assert len({*peers.SHORT.values()}) == len(peers.SHORT)
    assert {"metaplay", *peers.LOOKS} == LABELS.keys()


def test_scaling_draws_multiples_of_the_smallest():
    traces = {trace.uid: trace for trace in drawn(scaling.lines(ROWS, "en", "light"))}
    assert list(traces["way"].x) == [1, 2, 4]
    assert list(traces["way"].y) == [1, 2.5, 6]
    assert list(traces["way-memory"].y) == [1, 2, 2.05]
    assert "width" not in traces
    assert scaling.alt(ROWS, "en") == "ways from 5 to 20: 6 times the time, 2.05 times the memory"
