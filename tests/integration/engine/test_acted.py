"""What the lab asks of runs that learn to act: a held-out goal for a seed, paths and returns that agree, a goal of one's own."""

from typing import Any

import numpy as np
import pytest
import torch

from metaplay.config import defaults, revise
from metaplay.engine.acted import FURTHER, PATHS
from metaplay.engine.answers import answer
from metaplay.engine.restoring import restored
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.tasks.navigation import ARRIVED, CELLS, HORIZON, REACH, SPEED, Navigation
from metaplay.text import UserError
from metaplay.walks import PlaneWalk

SMALL = {"steps": 1, "eval_tasks": 2, "meta_batch": 2, "shot": 6, "query": 4, "width": 16}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    torch.set_num_threads(1)
    return RunStore(tmp_path_factory.mktemp("acting-runs"))


@pytest.fixture(scope="module")
def run(store: RunStore) -> str:
    made = store.create(revise(defaults("maml", "nav2d"), SMALL))
    run_job(str(store.root), made)
    return made


def walked(store: RunStore, run: str, seed: int = 5, **more: Any) -> PlaneWalk:
    found = answer(str(store.root), "walked", {"run": run, "step": None, "seed": seed, **more})
    assert isinstance(found, PlaneWalk)
    return found


def test_a_seed_is_a_goal_that_training_never_had(store: RunStore, run: str):
    first, again, other = (walked(store, run, seed) for seed in (5, 5, 6))
    assert np.array_equal(first.returns, again.returns)
    assert np.array_equal(first.paths, again.paths)
    assert first.goal != other.goal
    family = restored(store, run).family
    assert isinstance(family, Navigation)
    column, row = (int((place / REACH + 1) / 2 * CELLS) for place in first.goal)
    assert column + CELLS * row in family.cells["test"].tolist()
    assert first.last == first.tested + FURTHER == 3 + FURTHER


def test_returns_are_those_of_the_paths(store: RunStore, run: str):
    found = walked(store, run)
    assert found.paths.shape == (found.last + 1, PATHS, HORIZON + 1, 2)
    for step in range(found.last + 1):
        for path, told in zip(found.paths[step], found.returns[step], strict=False):
            total = 0.0
            for place in path[1:]:
                total -= float(np.hypot(*(place - found.goal)))
                if np.abs(place - found.goal).max() < ARRIVED:
                    break
            assert told == pytest.approx(total, rel=1e-4)
    assert found.query_loss == pytest.approx(-found.returns.mean(1))


def test_an_arrow_is_the_mean_action_as_the_environment_takes_it(store: RunStore, run: str):
    found, learner = walked(store, run), restored(store, run).learner
    places = torch.tensor(found.places, dtype=torch.float32)[None]
    mean = learner.model.forward(learner.params, places)[0][0].detach().numpy()
    np.testing.assert_allclose(found.field[0], SPEED * mean.clip(-1, 1), atol=1e-6)
    assert not np.allclose(found.field[0], found.field[1])


def test_a_goal_of_ones_own_meets_the_same_agents(store: RunStore, run: str):
    given = walked(store, run)
    same = walked(store, run, points=[given.goal])
    assert np.allclose(same.returns, given.returns)
    moved = walked(store, run, points=[(-0.4, 0.45)])
    assert moved.goal == pytest.approx((-0.4, 0.45))
    assert np.array_equal(moved.paths[0], given.paths[0])  # nothing was learned yet
    assert np.array_equal(moved.field[0], given.field[0])
    assert not np.allclose(moved.field[1], given.field[1])
    assert moved.oracle != given.oracle


def test_others_are_compared_on_the_same_goal(store: RunStore, run: str):
    own, fresh = walked(store, run), walked(store, run, compared="scratch")
    assert (fresh.algorithm, fresh.trained, fresh.goal) == ("scratch", None, own.goal)
    assert not np.allclose(fresh.field[0], own.field[0])
    wave = store.create(revise(defaults("maml", "sinusoid"), {"steps": 1, "eval_tasks": 2, "meta_batch": 2}))
    run_job(str(store.root), wave)
    with pytest.raises(UserError, match="other tasks"):
        walked(store, run, compared=wave)
