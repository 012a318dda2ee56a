"""Runs of agents that learn to act: their events, seeds, resumption and tests, from the same loop as every other run."""

from typing import Any

import pytest
import torch

from metaplay.config import applicable, defaults, revise
from metaplay.events import Evaluated, Probe, ProbeTask, Progress, RunEnded, from_line, to_line
from metaplay.registry import ALGORITHMS, able
from metaplay.tasks.navigation import Navigation
from metaplay.tasks.pendulum import LEVEL, MASS, SWAY, Pendulum
from metaplay.text import UserError
from metaplay.training import Snapshot, Training, compare_snapshots, evaluate_snapshot, train
from metaplay.training.acting import EVERY, PATHS, returns

ABLE = [algorithm for algorithm in ALGORITHMS if able(algorithm, "nav2d")]
HORIZON = 12


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch):
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    monkeypatch.setattr(Navigation, "horizon", HORIZON)
    yield
    torch.set_num_threads(threads)


def small(algorithm: str = "maml", **changes: Any):
    base = defaults(algorithm, "nav2d")
    sizes = {"width": 6, "shot": 3, "query": 3, "eval_tasks": 5, "steps": 3, "meta_batch": 3}
    return revise(base, {**{name: value for name, value in sizes.items() if name in applicable(base)}, **changes})


def weights(run: Training) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in run.learner.state().items()}


@pytest.mark.parametrize("algorithm", ABLE)
def test_every_algorithm_that_can_act_runs_to_its_test(algorithm: str):
    events = [from_line(to_line(event)) for event in train(small(algorithm))]
    task = next(event for event in events if isinstance(event, ProbeTask))
    assert len(task.goal) == 4
    assert task.oracle is not None
    probe = [event for event in events if isinstance(event, Probe)][-1]
    assert probe.inner_steps == [0, 1, 2, 3]
    assert [len(paths) for paths in probe.path_x] == [min(3, PATHS)] * 4
    assert all(path[0] == 0 and len(path) <= HORIZON // EVERY + 2 for paths in probe.path_x for path in paths)
    assert all(loss > 0 for loss in probe.loss)
    tested = next(event for event in events if isinstance(event, Evaluated))
    assert (tested.metric, tested.tasks, len(tested.mean), len(tested.per_task)) == ("return", 5, 4, 5)
    assert tested.oracle is not None
    assert tested.mean[-1] < tested.oracle[0] < 0
    assert sum(tested.per_task) / 5 == pytest.approx(-tested.mean[-1], rel=1e-3)
    assert isinstance(events[-1], RunEnded)
    assert events[-1].status == "finished"


@pytest.mark.parametrize("algorithm", [name for name in ABLE if ALGORITHMS[name].meta_trains])
def test_a_run_goes_on_from_a_snapshot_as_if_it_had_never_stopped(algorithm: str):
    config = small(algorithm)
    whole = train(config)
    list(whole)
    first = train(config)
    for event in first:
        if isinstance(event, Progress) and event.step[-1] == 2:
            break
    kept = first.snapshot()
    resumed = train(
        config, Snapshot(kept.step, {name: value.clone() for name, value in kept.tensors.items()}, kept.meta)
    )
    list(resumed)
    theirs = weights(whole)
    assert all(torch.equal(value, theirs[name]) for name, value in weights(resumed).items())


def test_a_test_changes_nothing_and_is_the_same_each_time():
    run = train(small())
    list(run)
    before, snapshot = weights(run), run.snapshot()
    first, again = (evaluate_snapshot(run.config, snapshot, 6, "test") for _ in range(2))
    assert first.mean == again.mean
    assert first.per_task == again.per_task
    assert all(torch.equal(value, before[name]) for name, value in weights(run).items())


def test_all_algorithms_are_tested_on_the_same_goals_and_told_of_the_same_oracle():
    found = {}
    for algorithm in ("maml", "scratch"):
        run = train(small(algorithm))
        found[algorithm] = returns(run.learner, run.family, run.device, 6, "test")  # type: ignore[arg-type]
    assert torch.equal(found["maml"][1], found["scratch"][1])
    assert torch.equal(found["maml"][0], found["scratch"][0])  # untrained, from the same seed


def test_runs_are_compared_goal_by_goal():
    runs = {}
    for seed in (1, 2):
        run = train(small(seed=seed))
        list(run)
        runs[str(seed)] = (run.config, run.snapshot())
    last = compare_snapshots(runs, 6, "test")[-1]
    assert last.difference[1] == pytest.approx(last.mean[1] - last.mean[0])


def test_runs_with_other_goals_or_wind_are_not_compared():
    runs = {}
    for name, changes in (("square", {}), ("circle", {"goals": "circle"})):
        run = train(small(**changes))
        runs[name] = (run.config, run.snapshot())
    with pytest.raises(UserError, match="goals = square and circle"):
        compare_snapshots(runs, 4, "test")


@pytest.mark.parametrize("algorithm", ["maml", "scratch"])
def test_the_pendulum_runs_to_its_test_and_its_angles_are_kept(algorithm: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Pendulum, "horizon", HORIZON)
    base = defaults(algorithm, "pendulum")
    sizes = {"width": 6, "shot": 3, "query": 3, "eval_tasks": 5, "steps": 2, "meta_batch": 3}
    config = revise(base, {name: value for name, value in sizes.items() if name in applicable(base)})
    events = [from_line(to_line(event)) for event in train(config)]
    task = next(event for event in events if isinstance(event, ProbeTask))
    assert MASS[0] <= task.goal[0] <= MASS[1]
    probe = [event for event in events if isinstance(event, Probe)][-1]
    assert [len(poses) for poses in probe.poses] == [HORIZON // EVERY + 1] * 4
    assert all(abs(poses[0][0] - LEVEL) <= SWAY + 1e-3 for poses in probe.poses)
    tested = next(event for event in events if isinstance(event, Evaluated))
    assert tested.oracle is not None
    assert tested.mean[-1] < tested.oracle[0] < 0
    assert isinstance(events[-1], RunEnded)
    assert events[-1].status == "finished"
