"""The benchmark as it is run: processes, pipes, turns, and what becomes of those that fail."""

from pathlib import Path

import pytest

from benchmarks.peers.process import Problem, Process
from benchmarks.peers.runner import Bench, Plan


def test_contenders_take_turns_and_one_that_fails_says_why(tmp_path: Path):
    plan = Plan(["metaplay", "loop", "nobody"], 2, 1.0, 1, "cpu", tmp_path, lambda _: None)
    with Bench(plan) as bench:
        ours, loop, failing = bench.measure("W1-1")
    assert "nobody" in failing.problem
    assert failing.least is None
    assert loop.error is not None
    assert loop.agrees
    for row in (ours, loop):
        assert row.least
        assert row.median
        assert 0 < row.least <= row.median
        assert row.steps >= 2
        assert row.share
        assert row.share > 0


def test_without_tasks_there_are_rows_that_say_why(tmp_path: Path):
    plan = Plan(["loop"], 2, 1.0, 1, "cpu", tmp_path / "missing", lambda _: None)
    with Bench(plan) as bench:
        (row,) = bench.measure("W1-1")
    assert row.problem.startswith("metaplay cannot: FileNotFoundError")


def test_a_process_that_dies_says_its_last_words():
    with Process("metaplay", 1, "no-such-device") as process:
        with pytest.raises(Problem, match="AttributeError"):
            process.ask("nothing")
        process.kill()
        with pytest.raises(Problem, match="ended with code"):
            process.ask("commit")
