"""Runs compared task by task: the arithmetic, what pairing gains, and which runs can be compared."""

from collections.abc import Iterator
from math import sqrt
from statistics import mean, stdev
from typing import Any

import pytest
import torch
from torch import Generator

from metaplay.config import RunConfig, defaults, revise
from metaplay.text import UserError
from metaplay.training import Snapshot, compare_snapshots, evaluate_snapshot, train
from metaplay.training.paired import paired


@pytest.fixture(autouse=True)
def _on_one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def kept(algorithm: str = "maml", family: str = "sinusoid", **changes: Any) -> tuple[RunConfig, Snapshot]:
    """A run before its first step."""
    config = revise(defaults(algorithm, family), changes)
    return config, train(config).snapshot()


def test_figures_equal_a_computation_by_hand():
    rng = Generator().manual_seed(1)
    values = [torch.rand(3, 50, generator=rng) for _ in range(3)]
    rows = paired(values)
    assert [row.steps for row in rows] == [[0, 0, 0], [1, 1, 1], [2, 2, 2]]
    for row in rows:
        first = values[0][row.steps[0]].tolist()
        for i, value in enumerate(values):
            results = value[row.steps[i]].tolist()
            differences = [a - b for a, b in zip(results, first, strict=True)]
            assert row.mean[i] == pytest.approx(mean(results))
            assert row.ci95[i] == pytest.approx(1.96 * stdev(results) / sqrt(50))
            assert row.difference[i] == pytest.approx(mean(differences))
            assert row.difference_ci95[i] == pytest.approx(1.96 * stdev(differences) / sqrt(50))
        assert (row.difference[0], row.difference_ci95[0]) == (0, 0)


def test_pairing_narrows_the_interval_of_runs_that_find_the_same_tasks_hard():
    rng = Generator().manual_seed(2)
    hardness = torch.rand(1, 400, generator=rng)
    runs = [hardness + gain + 0.1 * torch.randn(1, 400, generator=rng) for gain in (0.0, 0.02)]
    (row,) = paired(runs)
    unpaired = sqrt(row.ci95[0] ** 2 + row.ci95[1] ** 2)
    assert row.difference_ci95[1] < 0.5 * unpaired
    assert abs(row.difference[1] - 0.02) < row.difference_ci95[1] < unpaired


def test_runs_with_other_numbers_of_steps_are_compared_after_the_common_ones_and_at_their_ends():
    one, three = torch.rand(2, 9), torch.rand(4, 9)
    rows = paired([three, one])
    assert [row.steps for row in rows] == [[0, 0], [1, 1], [3, 1]]
    assert rows[-1].difference[1] == pytest.approx((one[1] - three[3]).mean().item())


def test_snapshots_are_compared_by_the_results_of_their_evaluations():
    runs = {"a": kept(test_inner_steps=2), "b": kept(test_inner_steps=4, seed=5)}
    rows = compare_snapshots(runs, 30, "test")
    alone = [evaluate_snapshot(*run, 30, "test") for run in runs.values()]
    assert [row.steps for row in rows] == [[0, 0], [1, 1], [2, 2], [2, 4]]
    for row in rows:
        assert row.mean == pytest.approx([found.mean[step] for found, step in zip(alone, row.steps, strict=True)])
        assert row.ci95 == pytest.approx([found.ci95[step] for found, step in zip(alone, row.steps, strict=True)])
        assert row.difference[1] == pytest.approx(row.mean[1] - row.mean[0], abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"way": 3}, r"way = 5 and 3"),
        ({"shot": 2}, r"shot = 1 and 2"),
        ({"query": 5}, r"query = 3 and 5"),
        ({"hold_out": "images"}, r"hold_out = classes and images"),
    ],
)
def test_runs_of_other_tasks_are_refused(changes: dict[str, Any], told: str):
    runs = {"first": kept(family="strokes", width=8), "other": kept(family="strokes", width=8, **changes)}
    with pytest.raises(UserError, match=rf"^Runs first and other are tested on different tasks \({told}\)"):
        compare_snapshots(runs, 4, "test")


def test_what_only_turns_training_classes_matters_only_for_training_tasks():
    runs = {"a": kept(family="strokes", width=8), "b": kept(family="strokes", width=8, rotations=True)}
    assert len(compare_snapshots(runs, 2, "test")) == 4
    with pytest.raises(UserError, match="rotations = False and True"):
        compare_snapshots(runs, 2, "train")
