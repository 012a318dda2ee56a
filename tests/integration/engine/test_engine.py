"""The engine end to end, on real worker processes and real training."""

import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import cast

import numpy as np
import psutil
import pytest

from benchmarks.processes import children
from metaplay.engine import moments
from metaplay.engine.checkpoint import load_checkpoint, save_checkpoint
from metaplay.engine.client import Engine
from metaplay.events import Progress, RunStarted, StateChanged
from metaplay.text import UserError
from tests.integration.engine.helpers import (
    endless,
    long_evaluation,
    numbers,
    place,
    places,
    process_of,
    short,
    states,
    until,
    warm,
)

WORKERS = 2


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with Engine(place(tmp_path_factory.mktemp("runs"), workers=WORKERS)) as engine:
        yield warm(engine)
        children = psutil.Process().children(recursive=True)
    _, alive = psutil.wait_procs(children, timeout=10)
    assert not alive, "the engine's processes end with it"


@pytest.fixture(autouse=True)
def _nothing_left_going(engine: Engine) -> Iterator[None]:
    yield
    for run in engine.store.list():
        if not engine.store.state(run).ended:
            engine.control(run, "stop")
    until(lambda: engine.info().running == 0)


def going(engine: Engine) -> str:
    """A run that has taken some steps and goes on."""
    run = engine.submit(endless())
    until(lambda: engine.store.state(run).step > 2)
    return run


def test_a_run_is_trained_to_its_end_and_told_in_its_log(engine: Engine):
    run = engine.submit(short())
    until(lambda: engine.store.state(run).ended)
    history = engine.store.history(run)
    assert (history.state, history.checkpoint_step) == ("finished", 200)
    assert history.progress["step"] == list(range(1, 201))
    assert history.evaluated[0].tasks == 20
    assert states(engine.store, run) == ["queued", "running", "finished"]


def test_steps_are_gathered_into_few_records(engine: Engine):
    run = engine.submit(short(steps=400))
    until(lambda: engine.store.state(run).ended)
    events = [event for event in engine.store.tail(run)[0] if isinstance(event, Progress)]
    assert len(events[0].step) == 1, "the first point must not wait"
    probes = len(engine.store.history(run).probes)
    assert len(events) <= 3 + probes + 10 * (events[-1].at - events[0].at)


def test_the_first_point_of_a_warm_engine_is_there_within_a_second(engine: Engine):
    began = time.monotonic()
    run = engine.submit(endless())
    until(lambda: engine.store.state(run).step)
    assert time.monotonic() - began < 1


def test_pause_step_resume_and_stop_reach_a_run_within_half_a_second(engine: Engine):
    store, run = engine.store, going(engine)
    engine.control(run, "pause")
    until(lambda: store.state(run).state == "paused", 0.5)
    at = store.state(run).step
    assert store.history(run).checkpoint_step == at
    for n in (1, 2):
        engine.control(run, "step")
        until(lambda n=n: store.state(run).step == at + n, 0.5)
        until(lambda: store.state(run).state == "paused", 0.5)
    assert engine.info().running == 1
    engine.control(run, "resume")
    until(lambda: store.state(run).state == "running", 0.5)
    until(lambda: store.state(run).step > at + 5)
    engine.control(run, "stop")
    until(lambda: store.state(run).state == "stopped", 0.5)
    assert store.history(run).checkpoint_step == store.state(run).step
    assert numbers(store, run) == sorted(set(numbers(store, run))), "no step twice or out of order"


def test_a_long_computation_is_broken_off_by_stop(engine: Engine):
    run = engine.submit(long_evaluation())
    until(lambda: engine.store.history(run).probes)
    engine.control(run, "stop")
    until(lambda: engine.store.state(run).ended, 2)
    assert engine.store.state(run).state == "stopped"


def test_a_stopped_run_goes_on_where_it_was(engine: Engine):
    store, run = engine.store, going(engine)
    engine.control(run, "stop")
    at = until(lambda: store.state(run).ended and store.state(run).step)
    with pytest.raises(UserError, match="is stopped: there is nothing to pause"):
        engine.control(run, "pause")
    engine.control(run, "resume")
    until(lambda: store.state(run).step > at)
    assert store.history(run).started is not None
    assert [event.resumed_from for event in store.tail(run)[0] if isinstance(event, RunStarted)] == [None, at]
    steps = store.history(run).progress["step"]
    assert steps == list(range(1, len(steps) + 1))


def test_more_runs_than_workers_wait_in_the_order_they_came(engine: Engine):
    first = [going(engine) for _ in range(WORKERS)]
    second, third, fourth = (engine.submit(endless(seed=n)) for n in range(3))
    assert places(engine) == {second: 1, third: 2, fourth: 3}
    assert (engine.info().running, engine.info().queued) == (WORKERS, 3)
    assert engine.store.state(third).state == "queued"
    engine.control(third, "stop")
    assert engine.store.state(third).state == "stopped"
    assert places(engine) == {second: 1, fourth: 2}
    engine.control(first[0], "stop")
    until(lambda: engine.store.state(second).step > 0)
    assert places(engine) == {fourth: 1}
    engine.control(second, "stop")
    until(lambda: engine.store.state(fourth).step > 0)
    assert "running" not in states(engine.store, third)


def test_a_run_that_begins_with_a_step_takes_it_and_waits(engine: Engine):
    run = engine.submit(endless(), "step")
    until(lambda: engine.store.state(run).state == "paused")
    assert engine.store.state(run).step == 1
    engine.control(run, "step")
    until(lambda: engine.store.state(run).step == 2)
    engine.control(run, "stop")


def test_another_engine_leaves_the_queue_of_this_one_alone(engine: Engine):
    for _ in range(WORKERS):
        going(engine)
    run = engine.submit(endless())
    with Engine(place(engine.store.root, workers=1)) as other:
        time.sleep(2.5)  # it looks once a second for runs that nobody has
        assert other.queue() == {}
        assert engine.store.state(run).state == "queued"


def test_several_questions_are_answered_in_order_and_whoever_was_asked_is_free_again(engine: Engine):
    drawn = {"support": np.eye(28, dtype=np.uint8)[None].repeat(2, 0), "labels": [0, 1]}
    several = [{"starts": [start], "queries": drawn["support"], **drawn} for start in ("scratch", "shipped protonet")]
    assert [list(one) for one in engine.ask_each("drawn", several)] == [["scratch"], ["shipped protonet"]]
    with pytest.raises(UserError, match="no run named nothing"):
        list(engine.ask_each("drawn", [*several, {**several[0], "starts": ["nothing"]}]))
    assert not any(engine._asking._asked.values())


def test_workers_keep_freed_memory(engine: Engine):
    """Dask's own setting, 65536, makes a meta-step on images take three times as long."""
    assert engine._client is not None
    kept = cast("dict[str, str]", engine._client.run(os.getenv, "MALLOC_TRIM_THRESHOLD_"))
    assert [int(value) >= 2**28 for value in kept.values()] == [True] * WORKERS


@pytest.mark.skipif(
    not Path("/proc/self/autogroup").exists(), reason="this system does not deal processors out to sessions"
)
def test_training_has_the_smaller_share_of_the_processors(engine: Engine):
    def nice(pid: int) -> int:
        """What the share of its session is lowered by. It must be in one: not every process is, the test's own for one."""
        return int(Path(f"/proc/{pid}/autogroup").read_text().split()[-1])

    keepers, schedulers = children(os.getpid(), "nanny"), children(os.getpid(), "scheduler")
    assert [nice(one.pid) for one in [*keepers, *children(os.getpid(), "worker")]] == [10] * 4
    assert [nice(one.pid) for one in schedulers] == [0]


def test_runs_share_the_cores(engine: Engine):
    runs = [going(engine) for _ in range(2)]
    started = [event for event in engine.store.tail(runs[1])[0] if isinstance(event, RunStarted)]
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    assert started[0].threads <= max(1, cores // 2)


def test_a_killed_worker_costs_no_run_and_no_later_one(engine: Engine):
    store, run = engine.store, going(engine)
    engine.control(run, "pause")
    until(lambda: store.state(run).state == "paused")
    at = store.state(run).step
    engine.control(run, "resume")
    until(lambda: store.state(run).step > at + 2)
    killed = process_of(store, run)
    os.kill(killed, signal.SIGKILL)
    until(lambda: [e for e in store.tail(run)[0] if isinstance(e, RunStarted) and e.resumed_from == at])
    until(lambda: store.state(run).step > at)
    told = [event for event in store.tail(run)[0] if isinstance(event, StateChanged) and event.state == "interrupted"]
    assert "worker process died" in told[0].reason
    assert process_of(store, run) != killed
    steps = store.history(run).progress["step"]
    assert steps == list(range(1, len(steps) + 1))
    engine.control(run, "stop")
    after = engine.submit(short(steps=20))
    until(lambda: store.state(after).state == "finished")


def test_killed_worker_keepers_are_replaced_and_the_run_goes_on(engine: Engine):
    store, run = engine.store, going(engine)
    for keeper in children(os.getpid(), "nanny"):
        keeper.kill()
    until(lambda: states(store, run)[-3:] == ["running", "interrupted", "running"])
    at = store.state(run).step
    until(lambda: store.state(run).step > at)
    until(lambda: engine.info().workers == WORKERS)


def test_a_run_that_kills_its_worker_again_and_again_fails_with_a_reason(engine: Engine):
    store, run = engine.store, going(engine)
    for deaths in range(1, 5):
        # Asked again each time, for the run may be paused between two workers.
        pid = until(lambda: (store.root / ".going" / run).exists() and process_of(store, run))
        until(lambda: store.state(run).step > 2)
        os.kill(pid, signal.SIGKILL)
        until(lambda n=deaths, p=pid: store.state(run).ended or (states(store, run).count("running") > n and process_of(store, run) != p))  # fmt: skip
    until(lambda: store.state(run).ended)
    assert store.state(run).state == "failed"
    assert store.state(run).reason.startswith(
        "Its worker process died again and again. If the machine ran out of memory: "
    )
    until(lambda: engine.info().workers == WORKERS)
    engine.control(run, "resume")
    until(lambda: store.state(run).state == "running")


def stopped(engine: Engine) -> str:
    """A run that was stopped after some steps."""
    run = going(engine)
    engine.control(run, "stop")
    until(lambda: engine.store.state(run).ended)
    return run


def test_a_checkpoint_that_lacks_weights_is_said_to_be_damaged(engine: Engine):
    run = stopped(engine)
    snapshot = load_checkpoint(engine.store, run)
    assert snapshot
    save_checkpoint(engine.store, run, replace(snapshot, tensors={}))
    engine.control(run, "resume")
    until(lambda: engine.store.state(run).ended)
    assert engine.store.state(run).state == "failed"
    assert engine.store.state(run).reason.startswith("The checkpoint is damaged: it does not hold what this run needs")


def test_a_run_whose_checkpoint_is_damaged_goes_on_from_its_last_whole_state(engine: Engine):
    store, run = engine.store, stopped(engine)
    last = max(moments.kept(store, run))
    file = store.path(run) / "checkpoint.safetensors"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    engine.control(run, "resume")
    until(lambda: states(store, run)[-1] == "running" and store.state(run).step > last)
    assert [event.resumed_from for event in store.tail(run)[0] if isinstance(event, RunStarted)] == [None, last]
    told = [event.reason for event in store.tail(run)[0] if isinstance(event, StateChanged)]
    assert f"Its checkpoint is damaged; it goes on from its state after {last:,} meta-steps." in told
    engine.control(run, "stop")
    until(lambda: store.state(run).ended)
    steps = store.history(run).progress["step"]
    assert steps == list(range(1, len(steps) + 1))
    assert load_checkpoint(store, run)


def test_a_run_of_which_nothing_is_whole_says_so(engine: Engine):
    run = stopped(engine)
    for file in engine.store.path(run).rglob("*.safetensors"):
        file.write_bytes(b"not one")
    engine.control(run, "resume")
    until(lambda: engine.store.state(run).ended)
    state = engine.store.state(run)
    assert state.state == "failed"
    assert state.reason.endswith("checkpoint.safetensors is damaged: it is not what was written there.")


def test_a_run_that_diverges_fails_and_keeps_a_good_checkpoint(engine: Engine):
    run = engine.submit(short(inner_lr=10, outer_lr=10, inner_steps=10, test_inner_steps=10))
    until(lambda: engine.store.state(run).ended)
    state = engine.store.state(run)
    assert state.state == "failed"
    assert "stopped being a number" in state.reason
    assert engine.store.history(run).checkpoint_step == state.step


def test_the_engine_survives_its_scheduler(engine: Engine):
    run = going(engine)
    assert engine._cluster is not None
    psutil.Process(engine._cluster.scheduler.process.pid).kill()  # type: ignore[union-attr]
    until(lambda: engine.store.state(run).state == "interrupted")
    engine.control(run, "resume")
    until(lambda: states(engine.store, run)[-1] == "running")


def test_what_waits_goes_on_by_itself_with_the_next_scheduler(engine: Engine):
    begun = [going(engine) for _ in range(WORKERS)]
    waits = engine.submit(short(steps=5))
    assert engine._cluster is not None
    psutil.Process(engine._cluster.scheduler.process.pid).kill()  # type: ignore[union-attr]
    handed_in_meanwhile = engine.submit(short(steps=5))
    until(lambda: all(engine.store.state(run).state == "finished" for run in (waits, handed_in_meanwhile)))
    assert [engine.store.state(run).state for run in begun] == ["interrupted"] * WORKERS


def test_the_engine_survives_the_loss_of_all_its_processes(engine: Engine):
    run = going(engine)
    for process in psutil.Process().children(recursive=True):
        if "dask" in " ".join(process.cmdline()):
            process.terminate()
    until(lambda: engine.store.state(run).state == "interrupted")
    engine.control(run, "resume")
    until(lambda: states(engine.store, run)[-1] == "running")
