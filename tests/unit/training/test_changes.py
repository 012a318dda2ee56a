"""A run that is changed on its way: it goes on by the new values, as an event says, and a resumed one does so bit for bit."""

from collections.abc import Callable
from typing import Any

import pytest
import torch

from metaplay.config import ConfigError, RunConfig, changeable, defaults, fixed, revise
from metaplay.events import Changed, Evaluated, Event, Probe, Progress, RunStarted
from metaplay.training import Training, train

CHANGES: dict[int, dict[str, float]] = {2: {"inner_lr": 0.02, "outer_lr": 0.01}, 4: {"inner_steps": 3}}
"""After which meta-step which values are changed."""


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def small(algorithm: str, **changes: Any) -> RunConfig:
    sizes = {"eval_tasks": 8, "test_inner_steps": 5, "steps": 8, "meta_batch": 4, "inner_steps": 2}
    return revise(defaults(algorithm, "sinusoid"), {**sizes, **changes})


def go(run: Training, end: Callable[[Event], bool] = lambda event: False) -> list[Event]:
    """The events of the run, changed at CHANGES as far as it allows, until one is the end."""
    events: list[Event] = []
    for event in run:
        events.append(event)
        if isinstance(event, Progress):
            wanted = CHANGES.get(run.step, {})
            changed = run.change({name: value for name, value in wanted.items() if fixed(run.config, name) is None})
            events += [changed] if changed else []
        if end(event):
            break
    return events


def state(run: Training) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in run.learner.state().items()}


def same(ours: Training, theirs: Training) -> bool:
    a, b = state(ours), state(theirs)
    return a.keys() == b.keys() and all(torch.equal(value, b[name]) for name, value in a.items())


@pytest.mark.parametrize("algorithm", ["maml", "mamlpp", "metasgd", "cavia", "reptile", "joint"])
@pytest.mark.parametrize("at", [3, 4, 6])
def test_a_resumed_run_equals_an_unbroken_one_with_the_same_changes(algorithm: str, at: int):
    config = small(algorithm) if algorithm != "joint" else revise(small("maml"), {"algorithm": "joint"})
    unbroken, broken = train(config), train(config)
    whole = go(unbroken)
    go(broken, lambda event: isinstance(event, Progress) and event.step == [at])
    resumed = train(config, broken.snapshot())
    assert resumed.config == broken.config != config
    rest = go(resumed)
    assert isinstance(rest[0], RunStarted)
    assert rest[0].config == broken.config.model_dump()
    assert same(resumed, unbroken)
    ours, theirs = (next(event.mean for event in events if isinstance(event, Evaluated)) for events in (rest, whole))
    assert ours == theirs


def test_a_change_is_an_event_with_what_is_new_and_holds_from_the_next_step_on():
    run = train(small("maml"))
    events = go(run)
    assert [(event.step, event.values) for event in events if isinstance(event, Changed)] == list(CHANGES.items())
    rates = {event.step[0]: event.outer_lr[0] for event in events if isinstance(event, Progress)}
    assert [rates[step] for step in range(1, 9)] == [0.001] * 2 + [0.01] * 6
    assert run.change({"inner_lr": 0.02}) is None, "nothing is new"


@pytest.mark.parametrize("algorithm", ["maml", "reptile"])
def test_a_run_that_is_changed_before_its_first_step_is_one_started_so(algorithm: str):
    values = {"inner_lr": 0.03, "outer_lr": 0.005, "inner_steps": 4}
    changed, started = train(small(algorithm)), train(small(algorithm, **values))
    changed.change(values)
    for run in (changed, started):
        list(run)
    assert same(changed, started)
    assert changed.snapshot().meta["config"] == small(algorithm).model_dump(), "it is still the run that was started"


@pytest.mark.parametrize(
    ("algorithm", "settings", "values", "why"),
    [
        ("metasgd", {}, {"inner_lr": 0.1}, "Meta-SGD learns its inner rates"),
        ("mamlpp", {}, {"inner_lr": 0.1}, r"MAML\+\+ learns its inner rates"),
        ("mamlpp", {}, {"inner_steps": 2}, "each inner step"),
        ("maml", {}, {"inner_steps": 6}, "test_inner_steps = 5"),
        ("maml", {}, {"outer_lr": -1.0}, "outer_lr = -1"),
        ("maml", {}, {"inner_lr": float("nan")}, "inner_lr = nan"),
        ("maml", {}, {"inner_steps": 2.5}, "inner_steps = 2.5"),
        ("maml", {}, {"steps": 9}, "start a new run"),
        ("maml", {}, {"nonsense": 9}, "start a new run"),
    ],
)
def test_what_may_not_change_is_refused_with_the_reason_and_changes_nothing(
    algorithm: str, settings: dict[str, Any], values: dict[str, float], why: str
):
    run = train(revise(defaults(algorithm, "sinusoid"), {"test_inner_steps": 5, "inner_steps": 3, **settings}))
    before = run.config
    with pytest.raises(ConfigError, match=why):
        run.change(values)
    assert run.config == run.learner.config == before


def test_maml_plus_plus_without_its_learned_rates_takes_all_changes():
    run = train(small("mamlpp", lslr=False, msl=True))
    assert changeable(run.config) == ["inner_lr", "outer_lr", "inner_steps"]
    assert all(fixed(run.config, name) is None for name in changeable(run.config))
    assert changeable(defaults("scratch", "sinusoid")) == []
    assert changeable(defaults("protonet", "strokes")) == ["outer_lr"]


def test_a_step_with_leisure_after_it_is_probed():
    run = train(small("maml", steps=40))
    run.leisure = 1000.0
    probed = [event.step for event in run if isinstance(event, Probe)]
    assert probed == list(range(41))


@pytest.mark.parametrize(("algorithm", "compares"), [("maml", True), ("fomaml", True), ("reptile", False)])
def test_probes_of_a_run_hold_what_is_measured_beside_the_loss(algorithm: str, compares: bool):
    run = train(small(algorithm, steps=2))
    first, *_, last = [event for event in run if isinstance(event, Probe)]
    assert all((probe.order_cosine is not None) == compares for probe in (first, last))
    assert list(last.layer_change) == ["layer1", "layer2", "head"]
    assert all(len(changes) == len(last.inner_steps) and changes[0] == 0 for changes in last.layer_change.values())
    assert first.step_seconds is None
    assert last.step_seconds
    assert last.memory
    assert last.memory > 10_000_000
