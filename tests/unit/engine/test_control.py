"""What is asked of a run, and whether its process lives."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from metaplay.config import ConfigError, defaults
from metaplay.engine import going
from metaplay.engine.control import Orders, change, order, slow, wished
from metaplay.engine.going import Pulse, alive
from metaplay.engine.interrupt import Interrupter
from metaplay.engine.store import RunStore


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path)


@pytest.fixture
def run(store: RunStore) -> str:
    return store.create(defaults("maml", "sinusoid"))


def test_orders_are_seen_and_each_single_step_is_taken_once(store: RunStore, run: str):
    orders = Orders(store, run)
    assert (orders.look().state, orders.pause()) == ("run", False)
    order(store, run, "pause")
    assert orders.look().pause()
    order(store, run, "step")
    order(store, run, "step")
    for _ in range(2):
        assert not orders.look().pause()
        orders.stepped()
    assert orders.look().pause()
    order(store, run, "step")
    order(store, run, "resume")
    assert not orders.look().pause()
    order(store, run, "pause")
    assert orders.look().pause(), "a step that was asked for before going on is no longer owed"
    order(store, run, "stop")
    assert (orders.look().state, orders.pause()) == ("stop", False)


def test_a_process_that_takes_over_a_paused_run_holds_it_paused(store: RunStore, run: str):
    order(store, run, "step")
    assert Orders(store, run).look().pause()


def test_a_fresh_run_owes_the_steps_that_it_was_asked_for_while_it_waited(store: RunStore, run: str):
    order(store, run, "step")
    orders = Orders(store, run, fresh=True)
    assert not orders.look().pause()
    orders.stepped()
    assert orders.look().pause()


def test_changes_and_pace_outlast_other_orders_and_what_is_refused_is_not_written(store: RunStore, run: str):
    orders = Orders(store, run)
    assert (orders.look().values, orders.gap) == ({}, 0)
    change(store, run, {"inner_lr": 0.02})
    slow(store, run, 4)
    for command in ("pause", "step", "resume"):
        order(store, run, command)
    change(store, run, {"inner_steps": 2})
    with pytest.raises(ConfigError):
        change(store, run, {"inner_lr": 100.0})
    assert (orders.look().values, orders.gap, orders.state) == ({"inner_lr": 0.02, "inner_steps": 2}, 0.25, "run")
    slow(store, run, None)
    assert (orders.look().gap, wished(store, run).values) == (0, orders.values)


def test_a_look_at_the_orders_costs_microseconds(store: RunStore, run: str):
    order(store, run, "resume")
    orders = Orders(store, run)
    began = time.perf_counter()
    for _ in range(1000):
        orders.look()
    assert (time.perf_counter() - began) / 1000 < 200e-6


def test_runs_that_train_here_are_counted_and_paused_ones_not(store: RunStore):
    def second() -> None:
        with Pulse(store.root, "two") as two:
            seen.append(two.sharing)
            two.training(False)
            seen.append(two.sharing)
            assert alive(store.root, "two")

    seen: list[int] = []
    with Pulse(store.root, "one") as one:
        assert (alive(store.root, "one"), one.sharing) == (True, 1)
        thread = threading.Thread(target=second)
        thread.start()
        thread.join()
        assert not alive(store.root, "two")
    assert seen == [2, 1]
    assert not alive(store.root, "one")


def test_runs_that_one_thread_trains_in_turn_share_no_cores_with_each_other(store: RunStore):
    with Pulse(store.root, "one"), Pulse(store.root, "two") as two:
        assert two.sharing == 1


def test_a_dead_process_and_one_that_got_its_number_are_not_the_run(store: RunStore):
    code = f"from metaplay.engine.going import Pulse; import pathlib, time; p = Pulse(pathlib.Path({str(store.root)!r}), 'run'); p.__enter__(); print(1, flush=True); time.sleep(60)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=Path(going.__file__).parents[2]
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert alive(store.root, "run")
        child.send_signal(signal.SIGKILL)
    assert not alive(store.root, "run")
    sign = store.root / ".going" / "run"
    sign.write_text(json.dumps({**json.loads(sign.read_bytes()), "pid": os.getpid()}))
    assert not alive(store.root, "run")


def test_a_run_elsewhere_lives_as_long_as_it_gives_signs(store: RunStore):
    with Pulse(store.root, "run"):
        sign = store.root / ".going" / "run"
        sign.write_text(json.dumps({**json.loads(sign.read_bytes()), "host": "elsewhere"}))
        assert alive(store.root, "run")
        os.utime(sign, (time.time() - 60, time.time() - 60))
        assert not alive(store.root, "run")


class Halt(BaseException):
    pass


def test_what_takes_too_long_is_broken_off_and_what_is_quick_is_not():
    wanted, reached = threading.Event(), []

    def work(breaker: Interrupter) -> None:
        with breaker.inside():
            time.sleep(0.2)
        wanted.set()
        for _ in range(20):
            with breaker.inside():
                pass
            time.sleep(0.01)
        reached.append("quick ones")
        with breaker.inside():
            deadline = time.monotonic() + 30
            while time.monotonic() < deadline:
                pass
        reached.append("the end")

    with Interrupter(wanted.is_set, Halt, patience=0.05) as breaker, pytest.raises(Halt):
        work(breaker)
    assert reached == ["quick ones"]
