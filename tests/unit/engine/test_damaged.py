"""Files of a run that a crash, or a person, damaged: they cost that run what they held, and nothing else."""

import os
from pathlib import Path

import pytest

from benchmarks.ground import disk, fill
from metaplay.config import RunConfig, defaults
from metaplay.engine import labels, marks
from metaplay.engine.control import Wish, order, wished
from metaplay.engine.labels import Label
from metaplay.engine.listing import Listing
from metaplay.engine.store import RunStore
from metaplay.events import StateChanged
from metaplay.text import UserError

DAMAGED = [b"", b"{", b"[3]", b"\xff\x00", b'{"state": 3, "name": 3}', b"null"]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def config() -> RunConfig:
    return defaults("maml", "sinusoid")


@pytest.mark.parametrize("content", DAMAGED)
def test_damaged_orders_are_as_if_nothing_had_been_asked(store: RunStore, content: bytes):
    run = store.create(config())
    order(store, run, "pause")
    (store.path(run) / "orders.json").write_bytes(content)
    assert wished(store, run) == Wish()
    order(store, run, "step")
    assert wished(store, run) == Wish(state="pause", steps=1)


@pytest.mark.parametrize("content", DAMAGED)
def test_a_damaged_label_is_an_empty_one(store: RunStore, content: bytes):
    run = store.create(config())
    (store.path(run) / "label.json").write_bytes(content)
    assert labels.read(store, run) == Label()
    assert [row.run for row in Listing(store).rows()] == [run]


@pytest.mark.parametrize("content", DAMAGED)
def test_a_run_without_its_settings_hides_no_other(store: RunStore, content: bytes):
    broken, other = store.create(config()), store.create(config())
    (store.path(broken) / "config.json").write_bytes(content)
    with pytest.raises(UserError):
        store.config(broken)
    assert [row.run for row in Listing(store).rows()] == [other]


def test_a_run_that_lost_its_process_is_told_so_once_the_full_disk_has_room_again(tmp_path: Path):
    with disk(tmp_path, 1) as small:
        if not small:
            pytest.skip("a small disk can only be made by root on Linux")
        store = RunStore(tmp_path / "runs")
        run = store.create(config())
        store.append(run, StateChanged(state="running"))
        # The log's last page is full, too.
        page = os.sysconf("SC_PAGE_SIZE")
        log, filler = store.path(run) / "events.jsonl", tmp_path / "filler"
        log.write_bytes(log.read_bytes() + b"\n" * (page - log.stat().st_size % page))
        fill(filler)
        assert marks.broken(store, run, "gone", marks.HELD) is False
        assert marks.failed(store, run, "no room") is False
        filler.unlink()
        assert marks.broken(store, run, "gone", marks.HELD)
        assert (store.state(run).state, store.state(run).reason) == ("interrupted", "gone")
