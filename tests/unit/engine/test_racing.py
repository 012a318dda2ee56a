"""Which runs may race, how they are made alike, and how a race is found again."""

from pathlib import Path

import pytest

from metaplay.config import ConfigError, RunConfig, defaults, revise
from metaplay.engine import racing
from metaplay.engine.store import RunStore
from metaplay.text import UserError


def sinusoid(algorithm: str, **values: object) -> RunConfig:
    return revise(defaults(algorithm, "sinusoid"), values)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


def test_a_race_is_its_runs_and_is_found_by_its_name(store: RunStore):
    configs = [sinusoid("maml"), sinusoid("fomaml"), sinusoid("scratch")]
    race = racing.create(store, configs)
    assert racing.read(store, race.name) == race
    assert racing.names(store) == [race.name]
    assert [store.config(run) for run in race.members] == configs
    assert sorted(store.list()) == sorted(race.members), "a race is no run"
    store.delete(race.members[1])
    assert racing.read(store, race.name).members == (race.members[0], race.members[2])


@pytest.mark.parametrize("name", ["20200101-000000-abcdef", "../../etc/passwd", ""])
def test_a_name_from_an_address_that_is_no_race_is_refused(store: RunStore, name: str):
    with pytest.raises(UserError, match="There is no race named"):
        racing.read(store, name)


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"meta_batch": 5}, "meta_batch = 25 and 5|meta_batch = 5 and 25"),
        ({"seed": 1}, "seed = "),
        ({"shot": 5}, "shot = "),
        ({"query": 5}, "query = "),
        ({"eval_tasks": 30}, "eval_tasks = "),
    ],
)
def test_runs_that_would_meet_different_tasks_do_not_race(values: dict[str, object], told: str):
    with pytest.raises(UserError, match=told):
        racing.check([sinusoid("maml"), sinusoid("maml", **values)])


def test_training_on_more_shots_is_another_stream_of_tasks():
    reptile = sinusoid("reptile")
    assert reptile.train_shot == 50
    with pytest.raises(UserError, match="train_shot = "):
        racing.check([sinusoid("maml"), reptile])
    racing.check([sinusoid("maml"), sinusoid("reptile", train_shot=0)])
    racing.check([sinusoid("maml"), sinusoid("reptile", train_shot=10)])


def test_what_does_not_meta_train_is_only_tested_on_the_same_tasks():
    racing.check([sinusoid("maml", meta_batch=4), sinusoid("scratch")])


@pytest.mark.parametrize("n", [1, 7])
def test_two_to_six_race(n: int):
    with pytest.raises(UserError, match=f"2 to 6 runs, not {n}"):
        racing.check([sinusoid("maml")] * n)


def test_presets_are_levelled_so_that_they_can_race():
    presets = [defaults(name, "strokes") for name in ("maml", "reptile", "protonet", "scratch")]
    with pytest.raises(UserError):
        racing.check(presets)
    level = racing.levelled(presets, {"way": 3, "shot": 2, "meta_batch": 4, "steps": 50, "seed": 9, "eval_tasks": 20})
    racing.check(level)
    assert {config.way for config in level} == {3}
    assert [config.train_shot for config in level] == [0] * 4
    with pytest.raises(ConfigError):
        racing.levelled(presets, {"way": 1000})


def test_a_sweep_races_within_each_value_of_its_field():
    configs = [sinusoid("maml"), sinusoid("fomaml")]
    found = racing.swept(configs, "shot", [5, 10, 20])
    assert [(config.algorithm, config.shot) for config in found] == [
        (name, shot) for shot in (5, 10, 20) for name in ("maml", "fomaml")
    ]
    racing.check(found, "shot")
    with pytest.raises(UserError, match="shot = "):
        racing.check(found)
    with pytest.raises(UserError, match="seed = "):
        racing.check([*found[:-1], revise(found[-1], {"seed": 3})], "shot")
    deep = racing.swept([sinusoid("maml", test_inner_steps=2)], "inner_steps", [1, 5])
    assert [config.test_inner_steps for config in deep] == [2, 5]
