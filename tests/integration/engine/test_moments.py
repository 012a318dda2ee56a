"""A run is kept at moments along its training, each as the training was then."""

from pathlib import Path

import pytest
import torch

from metaplay.engine import moments
from metaplay.engine.checkpoint import load_checkpoint, load_moment
from metaplay.engine.control import order
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.events import StateChanged
from metaplay.text import UserError
from metaplay.training import train
from tests.integration.engine.helpers import short

KEPT = [0, 1, 2, 4, 8, *range(10, 201, 10)]


def test_a_run_is_kept_often_at_first_and_then_at_even_strides(tmp_path: Path):
    store = RunStore(tmp_path)
    run = store.create(short())
    run_job(str(tmp_path), run)
    assert moments.kept(store, run) == KEPT
    training = train(short())
    for _ in training:
        if training.step == 30:
            break
    tensors = load_moment(store, run, 30).tensors
    assert all(torch.equal(tensors[name], value) for name, value in training.snapshot().tensors.items())
    last, checkpoint = load_moment(store, run), load_checkpoint(store, run)
    assert checkpoint is not None
    assert last.step == checkpoint.step == 200
    with pytest.raises(UserError, match="not kept at that moment"):
        load_moment(store, run, 31)


def test_what_was_kept_later_than_the_checkpoint_is_forgotten(tmp_path: Path):
    store = RunStore(tmp_path)
    run = store.create(short())
    run_job(str(tmp_path), run)
    moments.forget(store, run, 20)
    assert moments.kept(store, run) == [0, 1, 2, 4, 8, 10, 20]


def test_a_run_that_goes_on_forgets_what_came_after_its_checkpoint(tmp_path: Path):
    store = RunStore(tmp_path)
    run = store.create(short())
    moments.path(store, run, 190).parent.mkdir()
    moments.path(store, run, 190).write_bytes(b"of another way that was taken")
    order(store, run, "stop")
    store.append(run, StateChanged(state="queued"))
    run_job(str(tmp_path), run)
    assert 190 not in moments.kept(store, run)
