"""Races: all runs of one meet the same tasks, in turn, and are paused, stopped, killed and resumed together."""

import hashlib
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from torch import Generator

from metaplay.config import RunConfig, defaults, revise
from metaplay.engine import racing
from metaplay.engine.client import Engine
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_together
from metaplay.episodes import Episodes, Split
from metaplay.events import RunStarted
from metaplay.tasks.sinusoid import Sinusoid
from tests.integration.engine.helpers import endless, numbers, place, places, process_of, short, until, warm


@pytest.fixture
def met(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A digest of every batch of training tasks in the order in which they were drawn."""
    digests, draw = [], Sinusoid.sample

    def noted(
        self: Sinusoid, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        drawn = draw(self, split, tasks, shot, query, rng, way)
        if split == "train":
            parts = (drawn.support_x, drawn.support_y, drawn.query_x, drawn.query_y)
            digests.append(hashlib.sha256(b"".join(part.numpy().tobytes() for part in parts)).hexdigest())
        return drawn

    monkeypatch.setattr(Sinusoid, "sample", noted)
    return digests


def contestants(**values: object) -> list[RunConfig]:
    """Algorithms that draw from different generators and take their own number of inner steps; scratch draws nothing."""
    presets = [defaults(name, "sinusoid") for name in ("maml", "reptile", "mamlpp", "joint")]
    common = {"shot": 10, "query": 10, "meta_batch": 4, "steps": 30, "eval_tasks": 20, "test_inner_steps": 10, **values}
    reptile = revise(presets[1], {"inner_batch": 3})  # minibatches are drawn anew in every meta-step
    return racing.levelled([presets[0], reptile, *presets[2:]], common)


def test_all_runs_of_a_race_meet_the_same_tasks_in_turn(tmp_path: Path, met: list[str]):
    store = RunStore(tmp_path)
    race = racing.create(store, contestants())
    run_together(str(tmp_path), race.members)
    assert [store.state(run).state for run in race.members] == ["finished"] * 4
    rounds = [met[i : i + 4] for i in range(0, len(met), 4)]
    assert len(rounds) == 30
    assert all(len(set(batch)) == 1 for batch in rounds), "one meta-step each in turn, on the same tasks"
    assert len({batch[0] for batch in rounds}) == 30


def test_the_runs_of_a_race_are_probed_together_and_tell_each_task(tmp_path: Path):
    store = RunStore(tmp_path)
    race = racing.create(store, contestants(steps=60))
    run_together(str(tmp_path), race.members)
    histories = [store.history(run) for run in race.members]
    assert len({tuple(probe.step for probe in history.probes) for history in histories}) == 1
    for history in histories:
        last, found = history.probes[-1], history.evaluated[0]
        assert sum(last.per_task) / len(last.per_task) == pytest.approx(last.loss[-1], rel=1e-3)
        assert len(last.per_task) == last.tasks
        assert len(found.per_task) == 20
        assert sum(found.per_task) / 20 == pytest.approx(found.mean[-1], rel=1e-3)


def test_a_run_in_a_race_equals_the_same_run_by_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metaplay.engine.worker.cores", lambda: 1)
    store, configs = RunStore(tmp_path), contestants()
    race = racing.create(store, configs)
    run_together(str(tmp_path), race.members)
    for run, config in zip(race.members, configs, strict=True):
        alone = store.create(config)
        run_together(str(tmp_path), [alone])
        assert numbers(store, alone) == numbers(store, run)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(place(tmp_path_factory.mktemp("runs"), workers=1)) as engine:
        yield warm(engine)


def test_a_race_is_one_job_that_is_paused_resumed_and_stopped_as_one(engine: Engine):
    store = engine.store
    race = engine.submit_race([endless(), endless(algorithm="fomaml"), endless(algorithm="anil")])
    runs = racing.read(store, race).members
    until(lambda: all(store.state(run).step > 3 for run in runs))
    assert len({process_of(store, run) for run in runs}) == 1
    started = [event for run in runs for event in store.tail(run)[0] if isinstance(event, RunStarted)]
    assert len(started) == 3
    engine.control_race(race, "pause")
    until(lambda: all(store.state(run).state == "paused" for run in runs))
    steps = [store.state(run).step for run in runs]
    assert max(steps) - min(steps) <= 1, "they keep abreast"
    engine.control_race(race, "resume")
    until(lambda: all(store.state(run).step > max(steps) for run in runs))
    waiting = engine.submit_race([short(steps=5), short(steps=5, algorithm="fomaml")])
    members = racing.read(store, waiting).members
    assert places(engine) == dict.fromkeys(members, 1)
    engine.control(members[0], "stop")
    assert places(engine) == {members[1]: 1}
    engine.control_race(race, "stop")
    until(lambda: all(store.state(run).state == "stopped" for run in runs))
    until(lambda: store.state(members[1]).state == "finished")
    assert store.state(members[0]).state == "stopped"
    engine.control_race(waiting, "resume")
    until(lambda: store.state(members[0]).state == "finished")


def test_a_killed_worker_costs_no_run_of_a_race(engine: Engine):
    store = engine.store
    race = engine.submit_race([endless(), endless(algorithm="fomaml")])
    runs = racing.read(store, race).members
    engine.control_race(race, "pause")
    until(lambda: all(store.state(run).state == "paused" for run in runs))
    engine.control_race(race, "resume")
    until(lambda: all(store.history(run).checkpoint_step is not None for run in runs))
    until(lambda: all(store.state(run).step > 5 for run in runs))
    os.kill(process_of(store, runs[0]), signal.SIGKILL)
    for run in runs:
        until(lambda run=run: sum(isinstance(event, RunStarted) for event in store.tail(run)[0]) == 2)
    at = [store.state(run).step for run in runs]
    until(lambda: all(store.state(run).step > step for run, step in zip(runs, at, strict=True)))
    for run in runs:
        steps = store.history(run).progress["step"]
        assert steps == list(range(1, len(steps) + 1))
    engine.control_race(race, "stop")
    until(lambda: engine.info().running == 0)
