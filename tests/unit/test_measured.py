"""What the benchmark's files say, as the page asks for it."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers.contenders import CONTENDERS
from benchmarks.peers.results import save
from benchmarks.peers.workloads import SCALED as VALUES
from benchmarks.peers.workloads import WORKLOADS
from metaplay import measured
from tests.unit.benchmarks.rows import ROWS


def test_devices_are_told_apart(tmp_path: Path):
    assert measured.devices(tmp_path) == {}
    gpu = [replace(row, device="A GPU") for row in ROWS[:2]]
    save(tmp_path / "a.csv", ROWS)
    save(tmp_path / "b.csv", gpu)
    assert measured.devices(tmp_path) == {"A machine, 2 cores": ROWS, "A GPU": gpu}


def test_only_what_others_were_measured_on_is_compared():
    assert measured.meta_steps(ROWS) == ["W1-1", "W2-stride2-5"]
    assert [row.contender for row in measured.compared(ROWS, "W1-1")] == ["metaplay", "loop"]
    assert measured.compared(ROWS[1:], "W1-1") == []  # without metaplay there is nothing to compare with


def test_scaling_goes_by_value():
    assert [(value, row.least) for value, row in measured.scaling(ROWS, "way").items()] == [
        (5, 0.1),
        (10, 0.25),
        (20, 0.6),
    ]
    assert measured.scaling(ROWS, "width") == {}


def test_the_overhead_is_what_the_bare_loop_leaves():
    assert measured.overhead(ROWS, "W6-sinusoid") == pytest.approx(0.03)
    assert measured.overhead(ROWS, "W6-omniglot") is None


def test_whatever_is_measured_has_a_name():
    assert {name for name in WORKLOADS if not name.startswith("scaling")} == measured.TITLES.keys()
    assert CONTENDERS.keys() == measured.LABELS.keys()
    assert VALUES.keys() == measured.SCALED.keys()
