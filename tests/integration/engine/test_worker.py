"""A run that was broken off and goes on from its checkpoint equals one that never stopped, bit for bit."""

import threading
from pathlib import Path

import pytest
import torch

from metaplay.engine.checkpoint import load_checkpoint
from metaplay.engine.control import order
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.events import RunEnded, RunStarted, StateChanged
from tests.integration.engine.helpers import numbers, short, until


@pytest.fixture(autouse=True)
def _one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is computed bit for bit depends on the number of threads."""
    monkeypatch.setattr("metaplay.engine.worker.cores", lambda: 1)


def trained(store: RunStore, algorithm: str) -> str:
    """A run trained in one go."""
    run = store.create(short(algorithm=algorithm))
    run_job(str(store.root), run)
    return run


def in_pieces(store: RunStore, algorithm: str) -> str:
    """The same run, stopped twice on the way and taken up by a new process each time (as far as it can tell)."""
    run = store.create(short(algorithm=algorithm))
    for stop_at in (30, 90):
        order(store, run, "resume")
        worker = threading.Thread(target=run_job, args=(str(store.root), run))
        worker.start()
        until(lambda at=stop_at: store.state(run).step >= at)
        order(store, run, "stop")
        worker.join()
        assert store.state(run).state == "stopped", "it was over before it could be stopped"
        store.append(run, StateChanged(state="queued"))
    order(store, run, "resume")
    run_job(str(store.root), run)
    return run


@pytest.mark.parametrize("algorithm", ["maml", "mamlpp", "reptile"])
def test_a_run_in_pieces_equals_an_unbroken_one(tmp_path: Path, algorithm: str):
    store = RunStore(tmp_path)
    whole, pieces = trained(store, algorithm), in_pieces(store, algorithm)
    assert sum(isinstance(event, RunStarted) for event in store.tail(pieces)[0]) == 3
    assert numbers(store, whole) == numbers(store, pieces)
    assert store.history(whole).evaluated[0].mean == store.history(pieces).evaluated[0].mean
    one, other = load_checkpoint(store, whole), load_checkpoint(store, pieces)
    assert one is not None
    assert other is not None
    assert (one.step, one.tensors.keys()) == (200, other.tensors.keys())
    assert all(torch.equal(tensor, other.tensors[name]) for name, tensor in one.tensors.items())


def test_a_run_that_has_ended_is_not_trained_again(tmp_path: Path):
    store = RunStore(tmp_path)
    run = trained(store, "maml")
    before = store.tail(run)
    run_job(str(store.root), run)
    assert store.tail(run) == before
    assert isinstance(before[0][-1], RunEnded)
