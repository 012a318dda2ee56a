"""What is told of measured rows."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.peers.report import section, to_markdown
from benchmarks.peers.results import merged, save
from metaplay.measured import Row, load
from tests.unit.benchmarks.rows import ROWS


def line(report: str, begin: str) -> list[str]:
    found = next(line for line in report.splitlines() if line.startswith(f"| {begin}"))
    return [cell.strip() for cell in found.strip("|").split("|")]


@pytest.fixture(scope="module")
def report() -> str:
    return to_markdown("A machine", ["Python 3"], ROWS)


def test_a_contender_is_compared_with_metaplay(report: str):
    assert line(report, "metaplay")[1:8] == ["2", "3 (40)", "1.00", "0.50", "8", "1.00", "50%"]
    loop = line(report, "plain loop")
    assert loop[3] == "25.00"
    assert loop[6] == "2.00"
    assert loop[-1] == "equal: 2e-16"


def test_it_says_where_it_comes_from(report: str):
    assert "Threads: 1. 2026-11-25, load before 0.1, metaplay at commit abc: `python -m benchmarks.peers`" in report


def test_one_that_does_not_agree_or_cannot_run_says_so(report: str):
    assert line(report, "torch.func.vmap")[-1] == "**DIFFERS**: 6e-02"
    assert line(report, "JAX")[-1] == "not measured: ModuleNotFoundError: No module named 'jax'"


def test_scaling_tells_the_cost_of_one_more_and_where_memory_bends(report: str):
    assert line(report, "5 ")[1:3] == ["100", "20"]
    assert line(report, "20 ")[1:3] == ["600", "30"]
    assert "From 5 to 20 (4 times): 6 times the time, 2.05 times the memory, level from 10 on." in report


def test_the_share_of_what_makes_a_run_live(report: str):
    assert "takes 3.0% of the time" in report
    failed = [Row("W6-omniglot", "live run", 1, problem="No such data set")]
    assert "Not measured: No such data set." in to_markdown("A machine", [], failed)


def test_the_race_tells_who_was_there_and_who_was_not(report: str):
    race = report.split("## race-strokes")[1]
    assert line(race, "metaplay")[1:] == ["12.5", "200", "1.00"]
    assert line(race, "plain loop")[3] == "4.00"
    assert line(race, "learn2learn")[1] == "not reached: 80.0% after 150 meta-steps and 40.0 s"


def test_the_machines_peak_is_told(report: str):
    assert "threads 2: 170 GFLOP/s." in report
    assert section("gemm-2", [replace(ROWS[-1], peak=None, problem="No torch")]).endswith("not measured: No torch.")


def test_rows_are_read_as_they_were_saved(tmp_path: Path):
    assert load(tmp_path / "none.csv") == []
    save(tmp_path / "rows.csv", ROWS)
    assert load(tmp_path / "rows.csv") == ROWS


def test_a_workload_that_is_measured_again_replaces_all_its_rows():
    again = [Row("W1-1", "metaplay", 1, least=0.001)]
    kept = merged(ROWS, again)
    assert [row for row in kept if row.workload == "W1-1"] == again
    assert len(kept) == len(ROWS) - 4 + 1
