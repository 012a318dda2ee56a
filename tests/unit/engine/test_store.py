"""The run store: nothing is lost, mixed or read in part, whatever is cut off when."""

import errno
import os
import threading
from pathlib import Path

import pytest
import torch

from metaplay.config import defaults
from metaplay.engine import store as store_module
from metaplay.engine.checkpoint import load_checkpoint, save_checkpoint
from metaplay.engine.going import Pulse
from metaplay.engine.store import RunStore
from metaplay.events import Checkpointed, Event, Probe, Progress, RunEnded, RunStarted, StateChanged, to_line
from metaplay.text import UserError
from metaplay.training import Snapshot

CONFIG = defaults("maml", "sinusoid")


def progress(*steps: int) -> Progress:
    values = [1.0] * len(steps)
    return Progress(
        step=list(steps), meta_loss=values, loss_before=values, loss_after=values, outer_lr=values, grad_norm=values,
        seconds=steps[-1] / 100, tasks_per_second=1.0,
    )  # fmt: skip


def started(resumed_from: int | None = None) -> RunStarted:
    return RunStarted(
        config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=1, resumed_from=resumed_from
    )


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


@pytest.fixture
def run(store: RunStore) -> str:
    return store.create(CONFIG)


def log(store: RunStore, run: str) -> Path:
    return store.path(run) / "events.jsonl"


def test_a_new_run_is_listed_with_its_configuration_and_waits(store: RunStore):
    runs = [store.create(CONFIG) for _ in range(20)]
    assert len(set(runs)) == 20
    assert set(store.list()) == set(runs)
    assert store.list() == sorted(runs, reverse=True)
    assert store.config(runs[0]) == CONFIG
    assert store.state(runs[0]).state == "queued"
    assert store.tail(runs[0]) == ([], 0)


def test_events_come_back_as_they_were_written_and_only_once(store: RunStore, run: str):
    events: list[Event] = [StateChanged(state="queued"), started(), progress(1, 2), progress(3)]
    for event in events[:3]:
        store.append(run, event)
    first, offset = store.tail(run)
    store.append(run, events[3])
    second, end = store.tail(run, offset)
    assert first + second == events
    assert store.tail(run, end) == ([], end)
    assert store.history(run).progress["step"] == [1, 2, 3]


def test_a_line_still_being_written_is_read_when_it_is_whole(store: RunStore, run: str):
    line = to_line(progress(1)).encode()
    with log(store, run).open("ab", buffering=0) as file:
        for cut in range(1, len(line)):
            file.write(line[cut - 1 : cut])
            assert store.tail(run) == ([], 0)
            assert store.state(run).step == 0
        file.write(line[-1:])
    assert store.tail(run)[1] == len(line)
    assert store.state(run).step == 1


@pytest.mark.parametrize("cut", [1, 20, -2, -1])
def test_what_a_crash_tore_off_spoils_nothing_after_it(store: RunStore, run: str, cut: int):
    store.append(run, progress(1))
    _, offset = store.tail(run)
    with log(store, run).open("ab") as file:
        file.write(to_line(progress(2)).encode()[:cut])
    store.append(run, progress(3))
    store.append(run, progress(4))
    steps = [event.step for event in store.tail(run, offset)[0] if isinstance(event, Progress)]
    # Only the line break was missing at -1: that event is whole.
    assert steps == ([[2], [3], [4]] if cut == -1 else [[3], [4]])


def test_a_reader_beside_a_writer_sees_every_event_once_and_in_order(store: RunStore, run: str):
    writer = threading.Thread(
        target=lambda: [store.append(run, progress(*range(n, n + 50))) for n in range(1, 10_001, 50)]
    )
    writer.start()
    seen: list[int] = []
    offset = 0
    while len(seen) < 10_000:
        done = not writer.is_alive()
        events, offset = store.tail(run, offset)
        seen += [step for event in events if isinstance(event, Progress) for step in event.step]
        assert events or not done, f"only {len(seen)} came"
    writer.join()
    assert seen == list(range(1, 10_001))


@pytest.mark.parametrize(
    ("events", "state", "step"),
    [
        ([started()], "running", 0),
        ([started(), progress(1, 2)], "running", 2),
        ([started(), progress(1), StateChanged(state="paused"), progress(2)], "paused", 2),
        ([started(), progress(5), started(resumed_from=3)], "running", 3),
        ([started(), progress(5), RunEnded(status="stopped", step=5, seconds=1)], "stopped", 5),
        ([started(), progress(5), RunEnded(status="stopped", step=5, seconds=1), StateChanged(state="queued")], "queued", 5),
    ],
)  # fmt: skip
def test_the_state_is_that_of_the_whole_log(store: RunStore, run: str, events: list[Event], state: str, step: int):
    for event in events:
        store.append(run, event)
    found = store.state(run)
    assert (found.state, found.step) == (state, step)
    assert store.history(run).state == state


def test_the_state_of_a_long_log_is_read_from_its_end(store: RunStore, run: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(store_module, "_FIRST_LOOK", 2000)
    store.append(run, started())
    for step in range(1, 200):
        store.append(run, progress(step))
    with log(store, run).open("r+b") as file:
        file.write(b"\0" * 10_000)  # whoever reads the beginning fails
    assert (store.state(run).state, store.state(run).step) == ("running", 199)
    store.append(run, Probe(step=199, tasks=1, inner_steps=[0], loss=[0.0] * 5000, loss_ci95=[0.0]))
    assert store.state(run).step == 199


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../runs", "/etc", ".going", "20260101-000000-abcdef", "20260101-000000-abcdef/..", "a\0b", "%2e%2e"],
)  # fmt: skip
def test_what_is_no_run_is_refused(store: RunStore, run: str, name: str):
    (store.root.parent / "config.json").write_text("{}")
    for use in (store.path, store.tail, store.state, store.history, store.config, store.delete):
        with pytest.raises(UserError, match="no run named"):
            use(name)
    assert store.list() == [run]


def test_a_deleted_run_is_gone_and_a_going_one_stays(store: RunStore, run: str):
    with Pulse(store.root, run), pytest.raises(UserError, match="stop it first"):
        store.delete(run)
    folder = store.path(run)
    store.delete(run)
    assert not folder.exists()
    assert store.list() == []


def snapshot(step: int) -> Snapshot:
    rng = torch.Generator().manual_seed(step)
    tensors = {
        "weights": torch.randn(5, 4, generator=rng).t(),
        "rng": rng.get_state(),
        "count": torch.tensor(float(step)),
        "bits": torch.tensor([1e-45, -0.0, float("inf")], dtype=torch.float64),
    }
    return Snapshot(step, tensors, {"seconds": 0.1 + 0.2, "step": step})


def same(one: Snapshot | None, other: Snapshot) -> bool:
    assert one is not None
    return (
        (one.step, one.meta) == (other.step, other.meta)
        and one.tensors.keys() == other.tensors.keys()
        and all(torch.equal(value, other.tensors[name]) for name, value in one.tensors.items())
    )


def test_a_checkpoint_comes_back_bit_for_bit(store: RunStore, run: str):
    assert load_checkpoint(store, run) is None
    for step in (0, 7):
        save_checkpoint(store, run, snapshot(step))
        assert same(load_checkpoint(store, run), snapshot(step))


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_is_told_and_costs_no_checkpoint(
    store: RunStore, run: str, monkeypatch: pytest.MonkeyPatch, call: str
):
    save_checkpoint(store, run, snapshot(1))
    before = set(store.path(run).iterdir())

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, call, full) if call == "fsync" else patch.setattr(Path, call, full)
        with pytest.raises(UserError, match="is full: free some space"):
            save_checkpoint(store, run, snapshot(2))
    assert same(load_checkpoint(store, run), snapshot(1))
    assert set(store.path(run).iterdir()) == before


def test_a_disk_that_fills_up_in_mid_line_is_told(store: RunStore, run: str):
    store.append(run, progress(1))
    log(store, run).unlink()
    log(store, run).symlink_to("/dev/full")
    if not Path("/dev/full").exists():
        pytest.fail("this test needs /dev/full")
    with pytest.raises(UserError, match="is full"):
        store.append(run, Checkpointed(step=1))


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match="set METAPLAY_RUNS to one that can"):
        RunStore(tmp_path / "file" / "runs").create(CONFIG)
