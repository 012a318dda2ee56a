"""The queue: whose turn it is, beside a computation of the fair order by hand, and when it will begin."""

import math
from pathlib import Path
from typing import Any

import pytest

from metaplay.config import defaults, flops, revise
from metaplay.engine import owners, turns
from metaplay.engine.lengths import Lengths
from metaplay.engine.queueing import Queue
from metaplay.engine.store import RunState, RunStore
from metaplay.engine.turns import Held, Place, Turns
from metaplay.events import Progress, RunStarted

A, B, C = ("a" * 64, "b" * 64, "c" * 64)
CONFIG = revise(defaults("maml", "sinusoid"), {"steps": 1000})


def store_with(root: Path, *whose: str | None) -> tuple[RunStore, list[str]]:
    store = RunStore(root)
    return store, [store.create(CONFIG, owners.files(owner)) for owner in whose]


def begun(queue: Queue, count: int) -> list[str]:
    """The runs that begin on one worker, one after another."""
    return [job[0] for job in (queue.next([]) for _ in range(count)) if job]


def test_owners_take_turns_however_many_runs_one_has_handed_in(tmp_path: Path):
    store, (a1, a2, a3, b1, b2, c1) = store_with(tmp_path, A, A, A, B, B, C)
    queue = Queue(store, workers=1, most=None)
    for run in (a1, a2, a3, b1, b2, c1):
        queue.join((run,))
    assert list(queue.places([])) == [a1, b1, c1, a2, b2, a3], "what is shown is what will be"
    assert begun(queue, 6) == [a1, b1, c1, a2, b2, a3]
    assert queue.next([]) is None


def test_one_who_comes_late_waits_for_a_run_of_each_at_most(tmp_path: Path):
    store, runs = store_with(tmp_path, A, A, A, A, B, B, B, B)
    late = store.create(CONFIG, owners.files(C))
    queue = Queue(store, 1, None)
    for run in runs:
        queue.join((run,))
    assert begun(queue, 2) == [runs[0], runs[4]]
    queue.join((late,))
    assert late in begun(queue, 3)


def test_one_who_hands_in_a_run_whenever_the_last_has_ended_passes_nobody_twice(tmp_path: Path):
    store, runs = store_with(tmp_path, *[B] * 4, *[A] * 4)
    queue = Queue(store, 1, None)
    for run in runs[:4]:
        queue.join((run,))
    order = []
    for run in runs[4:]:
        queue.join((run,))
        order += begun(queue, 1)
    order += begun(queue, 4)
    who = "".join("b" if run in runs[:4] else "a" for run in order)
    assert who in ("babababa", "abababab", "bababaab", "babaabab")
    assert "aa" not in who[:6], "B has runs that wait, so A never goes twice in a row"


def test_a_single_owner_is_served_in_the_order_of_coming(tmp_path: Path):
    store, runs = store_with(tmp_path, *[None] * 5)
    queue = Queue(store, 1, None)
    for run in runs:
        queue.join((run,))
    queue.leave(runs[2])
    assert begun(queue, 5) == [runs[0], runs[1], runs[3], runs[4]]


def test_no_more_of_one_visitor_train_than_may_and_the_host_always_may(tmp_path: Path):
    store, (a1, a2, b1, h1, h2) = store_with(tmp_path, A, A, B, None, None)
    queue = Queue(store, workers=4, most=1)
    for run in (a1, a2, b1, h1, h2):
        queue.join((run,))
    going = []
    while job := queue.next(going):
        going.append(job)
    assert [run for (run,) in going] == [a1, b1, h1, h2]
    assert queue.jobs == [(a2,)]
    assert queue.next([(b1,)]) == (a2,)


def test_a_resumed_run_waits_for_its_own_last_process(tmp_path: Path):
    store, (run,) = store_with(tmp_path, A)
    queue = Queue(store, 2, None)
    queue.join((run,))
    assert queue.next([(run,)]) is None
    assert queue.next([]) == (run,)


def test_a_race_waits_as_one_and_loses_single_runs(tmp_path: Path):
    store, (one, two, other) = store_with(tmp_path, A, A, B)
    queue = Queue(store, 1, None)
    queue.join((one, two))
    queue.join((other,))
    assert queue.places([]) == {one: Place(1, 0.0), two: Place(1, 0.0), other: Place(2, None)}
    queue.leave(one)
    assert queue.next([]) == (two,)


def test_the_tags_of_those_who_have_been_served_are_forgotten():
    held = Turns()
    for number in range(1000):
        held.join((str(number),), str(number))
        held.begin((str(number),))
    assert len(held._last) <= 1000
    for number in range(5):
        held.join((f"x{number}",), "x")
    for number in range(5):
        held.begin((f"x{number}",))
    assert len(held._last) == 1
    assert not held._tags


def test_when_the_waiting_begin():
    going = [Held(("g1",), A, 10.0), Held(("g2",), B, 30.0)]
    waiting = [Held(("w1",), None, 5.0), Held(("w2",), None, 50.0), Held(("w3",), None, 1.0)]
    # Worker 1 is free at 10 and takes w1 to 15, then w2 to 65; worker 2 is free at 30 and takes w3.
    assert turns.plan(waiting, going, 2, None) == {("w1",): 10.0, ("w2",): 15.0, ("w3",): 30.0}


def test_one_who_has_as_many_going_as_may_is_passed_meanwhile():
    going = [Held(("g1",), A, 10.0)]
    waiting = [Held(("a",), A, 5.0), Held(("b",), B, 2.0)]
    assert turns.plan(waiting, going, 2, 1) == {("b",): 0.0, ("a",): 10.0}


def test_what_nobody_knows_is_not_told():
    going = [Held(("g1",), A, math.inf)]
    planned = turns.plan([Held(("w1",), B, 5.0), Held(("w2",), B, 5.0)], going, 1, None)
    assert turns.places(planned) == {"w1": Place(1, None), "w2": Place(2, None)}


def test_other_processes_read_what_was_told(tmp_path: Path):
    assert turns.told(tmp_path) == {}
    found = {"one": Place(1, 2.5), "two": Place(2, None)}
    turns.tell(tmp_path, found)
    assert turns.told(tmp_path) == found


def test_a_run_lasts_as_long_as_the_last_of_its_kind():
    lengths, twice = Lengths(), revise(CONFIG, {"meta_batch": 2 * CONFIG.meta_batch})
    assert lengths.left(CONFIG, RunState()) == math.inf
    assert lengths.left(CONFIG, RunState("running", step=100, seconds=4.0)) == pytest.approx(36.0)
    assert lengths.left(CONFIG, RunState()) == pytest.approx(40.0)
    assert flops.meta_step(twice) == 2 * flops.meta_step(CONFIG)
    assert lengths.left(twice, RunState()) == pytest.approx(80.0)
    assert lengths.left(CONFIG, RunState("paused", step=100, seconds=4.0)) == math.inf, "nobody knows for how long"
    assert lengths.left(revise(CONFIG, {"algorithm": "fomaml"}), RunState()) == math.inf


def test_a_queue_learns_from_what_is_going(tmp_path: Path):
    store, (going, waiting, third) = store_with(tmp_path, A, B, C)
    queue = Queue(store, 1, None)
    store.append(going, RunStarted(config=CONFIG.model_dump(), device="CPU", versions={}, parameters=1, threads=1))
    assert queue.places([(going,)]) == {}
    queue.join((waiting,))
    assert queue.places([(going,)]) == {waiting: Place(1, None)}
    zeros: dict[str, Any] = {
        name: [0.0] for name in ("meta_loss", "loss_before", "loss_after", "grad_norm", "outer_lr")
    }
    store.append(going, Progress(step=[250], seconds=5.0, tasks_per_second=1.0, **zeros))
    queue.join((third,))
    found = queue.places([(going,)])
    assert found[waiting].seconds == pytest.approx(15.0)
    assert found[third].seconds == pytest.approx(35.0)
