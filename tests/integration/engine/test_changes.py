"""Changes and slow motion reach a run while it goes; stopped and resumed it is, bit for bit, the unbroken run with the same changes."""

import threading
import time
from pathlib import Path

import pytest
import torch

from metaplay.config import ConfigError
from metaplay.engine.checkpoint import load_checkpoint
from metaplay.engine.control import change, order, slow
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.events import Changed, Paced, Probe, Progress, RunStarted, StateChanged
from metaplay.training import train
from tests.integration.engine.helpers import numbers, short, until


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed bit for bit depends on the number of threads."""
    monkeypatch.setattr("metaplay.engine.worker.cores", lambda: 1)


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


def begin(store: RunStore, run: str) -> threading.Thread:
    worker = threading.Thread(target=run_job, args=(str(store.root), run))
    worker.start()
    return worker


def changes(store: RunStore, run: str) -> list[Changed]:
    return store.history(run).changes


def reached(store: RunStore, run: str, step: int) -> None:
    until(lambda: store.state(run).step >= step)


@pytest.mark.parametrize("algorithm", ["maml", "reptile"])
def test_a_stopped_and_resumed_run_equals_an_unbroken_one_with_the_same_changes(store: RunStore, algorithm: str):
    run = store.create(short(algorithm=algorithm, steps=80, inner_steps=2, test_inner_steps=4))
    slow(store, run, 20)
    worker = begin(store, run)
    reached(store, run, 5)
    change(store, run, {"inner_lr": 0.015, "outer_lr": 0.002})
    until(lambda: len(changes(store, run)) == 1)
    reached(store, run, changes(store, run)[0].step + 5)
    order(store, run, "stop")
    worker.join()
    assert store.state(run).state == "stopped", "it was over before it could be stopped"
    store.append(run, StateChanged(state="queued"))
    order(store, run, "resume")
    slow(store, run, None)
    change(store, run, {"inner_steps": 3})
    run_job(str(store.root), run)
    told = changes(store, run)
    assert [event.values for event in told] == [{"inner_lr": 0.015, "outer_lr": 0.002}, {"inner_steps": 3}]
    paces = [event.pace for event in store.tail(run)[0] if isinstance(event, Paced)]
    assert paces == [20], (
        "slow motion is in the log, once; a run that starts again is at full speed until told otherwise"
    )
    assert store.config(run).inner_lr != 0.015, "the folder says what it was started with"

    unbroken = train(store.config(run))
    rows = []
    for event in unbroken:
        if isinstance(event, Progress):
            rows.append((event.step[0], event.meta_loss[0], event.grad_norm[0]))
        for made in told:
            if made.step == unbroken.step and not isinstance(event, RunStarted):
                unbroken.change(made.values)
    last = {row[0]: row for row in numbers(store, run)}
    assert list(last.values()) == rows
    kept = load_checkpoint(store, run)
    assert kept is not None
    assert all(torch.equal(value, kept.tensors[name]) for name, value in unbroken.snapshot().tensors.items())
    assert kept.meta["changed"] == {"inner_lr": 0.015, "outer_lr": 0.002, "inner_steps": 3}


def test_what_is_refused_never_reaches_the_run(store: RunStore):
    run = store.create(short())
    with pytest.raises(ConfigError, match="test_inner_steps"):
        change(store, run, {"inner_steps": 2})
    change(store, run, {"outer_lr": 0.002})
    with pytest.raises(ConfigError, match="outer_lr"):
        change(store, run, {"outer_lr": 0.0})
    run_job(str(store.root), run)
    assert [(event.step, event.values) for event in changes(store, run)] == [(0, {"outer_lr": 0.002})]
    assert store.state(run).state == "finished"


def test_a_change_is_told_at_once_while_paused_and_holds_from_the_next_single_step(store: RunStore):
    run = store.create(short())
    order(store, run, "step")
    worker = begin(store, run)
    until(lambda: store.state(run).state == "paused")
    change(store, run, {"outer_lr": 0.002})
    until(lambda: changes(store, run))
    assert (store.state(run).step, changes(store, run)[0].step) == (1, 1)
    order(store, run, "step")
    until(lambda: store.state(run).step == 2)
    assert store.history(run).progress["outer_lr"] == [0.001, 0.002]
    order(store, run, "stop")
    worker.join()


def test_slow_motion_holds_the_pace_probes_every_step_and_ends_when_asked(store: RunStore):
    run = store.create(short(steps=300))
    slow(store, run, 5)
    worker = begin(store, run)
    reached(store, run, 2)
    began, first = time.monotonic(), store.state(run).step
    reached(store, run, first + 6)
    assert time.monotonic() - began > 0.8  # 1.2 but for the time to notice the first
    history = store.history(run)
    assert {probe.step for probe in history.probes} >= set(range(first + 5))
    slow(store, run, None)
    worker.join(60)
    assert store.state(run).state == "finished"
    events = store.tail(run)[0]
    assert sum(isinstance(event, Probe) for event in events) < 150, "at full speed few steps are probed"


def test_a_pause_ends_slow_motion_at_once(store: RunStore):
    run = store.create(short())
    slow(store, run, 0.1)
    worker = begin(store, run)
    reached(store, run, 1)
    asked = time.monotonic()
    order(store, run, "pause")
    until(lambda: store.state(run).state == "paused")
    assert time.monotonic() - asked < 4
    order(store, run, "stop")
    worker.join()


def test_a_single_step_is_seen_with_what_was_measured_after_it(store: RunStore):
    run = store.create(short())
    order(store, run, "step")
    worker = begin(store, run)
    for step in range(1, 7):
        until(lambda at=step: [probe for probe in store.history(run).probes if probe.step == at])
        assert store.state(run).step == step
        order(store, run, "step")
    order(store, run, "stop")
    worker.join()
