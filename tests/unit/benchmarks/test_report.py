"""What is told of measured rows."""

from pathlib import Path

import pytest

from benchmarks.peers.figure import figure
from benchmarks.peers.report import to_markdown
from benchmarks.peers.results import Row, load, merged, save

ROWS = [
    Row("W1-1", "metaplay", 1, "abc", None, 0.5, 0.002, 0.003, 40, 8_000_000, 10**8, 10**11, "", "Today."),
    Row("W1-1", "loop", 1, "2", 2e-16, 0.5, 0.05, 0.06, 9, 9_000_000, 10**8, 10**11, "", "Today."),
    Row("W1-1", "vmap", 1, "2", 6e-2, 0.5, 0.01, 0.02, 9, 9_000_000, 10**8, 10**11, "", "Today."),
    Row("W1-1", "jax", 1, problem="ModuleNotFoundError: No module named 'jax'"),
    Row("scaling-way-5", "metaplay", 2, "abc", None, 0.5, 0.1, 0.1, 5, 1, 10**9, 10**11),
    Row("scaling-way-20", "metaplay", 2, "abc", None, 0.5, 0.6, 0.6, 5, 1, 10**9, 10**11),
    Row("W6-sinusoid", "sampling", 1, least=0.0001, median=0.0001),
    Row("W6-sinusoid", "bare loop", 1, least=0.0097, median=0.01),
    Row("W6-sinusoid", "live run", 1, least=0.01, median=0.011),
]


def line(report: str, begin: str) -> list[str]:
    found = next(line for line in report.splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in found.strip("|").split("|")]


def test_a_contender_is_compared_with_metaplay():
    report = to_markdown("A machine", ["Python 3"], ROWS)
    assert line(report, "metaplay")[1:7] == ["2", "3 (40)", "1.00", "0.50", "8", "50%"]
    assert line(report, "plain loop")[3] == "25.00"
    assert line(report, "plain loop")[-1] == "equal: 2e-16"
    assert "Today." in report


def test_one_that_does_not_agree_or_cannot_run_says_so():
    report = to_markdown("A machine", [], ROWS)
    assert line(report, "torch.func.vmap")[-1] == "**DIFFERS**: 6e-02"
    assert line(report, "JAX")[-1] == "not measured: ModuleNotFoundError: No module named 'jax'"


def test_scaling_tells_the_cost_of_one_more():
    report = to_markdown("A machine", [], ROWS)
    assert line(report, "5 ")[1:3] == ["100", "20"]
    assert line(report, "20 ")[1:3] == ["600", "30"]


def test_the_share_of_what_makes_a_run_live():
    assert "takes 3.0% of the time" in to_markdown("A machine", [], ROWS)
    failed = [Row("W6-omniglot", "live run", 1, problem="No such data set")]
    assert "Not measured: No such data set." in to_markdown("A machine", [], failed)


def test_rows_are_read_as_they_were_saved(tmp_path: Path):
    assert load(tmp_path / "none.csv") == []
    save(tmp_path / "rows.csv", ROWS)
    assert load(tmp_path / "rows.csv") == ROWS


def test_a_workload_that_is_measured_again_replaces_all_its_rows():
    again = [Row("W1-1", "metaplay", 1, least=0.001)]
    kept = merged(ROWS, again)
    assert [row for row in kept if row.workload == "W1-1"] == again
    assert len(kept) == len(ROWS) - 4 + 1


def test_the_figure_leaves_out_who_does_not_agree():
    traces = {trace["name"]: trace for trace in figure(ROWS)["data"]}
    assert traces.keys() == {"metaplay", "plain loop (PyTorch)"}
    assert traces["plain loop (PyTorch)"]["x"] == [pytest.approx(25.0)]
    assert traces["plain loop (PyTorch)"]["y"] == ["W1-1"]
