"""A run that memory does not suffice for ends with advice; the process that trained it goes on with the next."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from metaplay.engine.store import RunStore
from tests.integration.engine.helpers import ROOT

_TRAIN = """
import json, resource, sys
from pathlib import Path
import psutil
from metaplay.config import defaults, revise
from metaplay.engine import room
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job

store = RunStore(Path(sys.argv[1]))
small = {"steps": 2, "eval_tasks": 2, "meta_batch": 1, "width": 4}
large = {**small, "network": "conv4-pool", "width": 16, "way": 20, "shot": 15, "inner_steps": 20, "test_inner_steps": 20}
base = defaults("maml", "strokes")
before, huge, after = (store.create(revise(base, changes)) for changes in (small, large, small))
run_job(str(store.root), before)
if sys.argv[2] == "refused":  # by the system, from the start
    held = psutil.Process().memory_info().vms
    resource.setrlimit(resource.RLIMIT_AS, (held + 400_000_000,) * 2)
else:  # by the limit that a worker sets itself, to what is free
    room.free_memory = lambda: 400_000_000
run_job(str(store.root), huge)
run_job(str(store.root), after)
print(json.dumps([before, huge, after]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such limits")
@pytest.mark.parametrize("memory", ["refused", "not free"])
def test_a_run_without_room_ends_with_advice_and_its_worker_lives(tmp_path: Path, memory: str):
    done = subprocess.run(
        [sys.executable, "-c", _TRAIN, str(tmp_path), memory],
        cwd=ROOT,
        env={**os.environ, "METAPLAY_DEVICE": "cpu"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        timeout=280,
    )
    store = RunStore(tmp_path)
    before, huge, after = (store.state(run) for run in json.loads(done.stdout))
    assert (before.state, huge.state, after.state) == ("finished", "failed", "finished")
    assert huge.reason == "There was not enough memory for this run: lower Width, Ways or Shots."
    assert "alloc" in (store.path(json.loads(done.stdout)[1]) / "error.txt").read_text()  # what really happened
