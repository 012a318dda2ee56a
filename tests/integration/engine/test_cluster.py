"""With a scheduler's address in the settings, the same runs train on an existing Dask cluster."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from metaplay.engine.client import Engine
from metaplay.text import UserError
from tests.integration.engine.helpers import ROOT, endless, place, short, until, warm


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[str]:
    """The address of a scheduler with one worker, both started as anyone would start them."""
    file, environment = tmp_path / "scheduler.json", {**os.environ, "PYTHONPATH": str(ROOT)}
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [
        ["scheduler", "--port", "0", "--scheduler-file", str(file), *here],
        ["worker", "--scheduler-file", str(file), "--nthreads", "1", *here],
    ]
    with ExitStack() as stack:
        for command in commands:
            process = subprocess.Popen(
                [sys.executable, "-m", "dask", *command], cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL
            )
            stack.callback(process.wait)
            stack.callback(process.terminate)
        until(lambda: file.exists() and file.read_text().endswith("}"))
        yield json.loads(file.read_text())["address"]


def test_runs_train_on_a_cluster_that_is_there_and_outlive_the_server(tmp_path: Path, scheduler: str):
    chosen = place(tmp_path / "runs", scheduler=scheduler)
    with Engine(chosen) as engine:
        store = warm(engine).store
        done = engine.submit(short())
        until(lambda: store.state(done).state == "finished")
        assert store.history(done).progress["step"] == list(range(1, 201))
        assert engine.info().workers == 1
        left = engine.submit(endless())
        until(lambda: store.state(left).step > 2)
    at = store.state(left).step
    until(lambda: store.state(left).step > at)
    with Engine(chosen) as engine:
        engine.control(left, "stop")
        until(lambda: store.state(left).state == "stopped", 2)


def test_an_address_where_nobody_answers_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metaplay.engine.client._CONNECT_SECONDS", 0.5)
    engine = Engine(place(tmp_path, scheduler="tcp://127.0.0.1:9"))
    with pytest.raises(UserError, match=r"No Dask scheduler answers at tcp://127\.0\.0\.1:9"):
        engine.start()
    run = engine.submit(short())
    until(lambda: engine.store.state(run).state == "failed")
    assert "No Dask scheduler answers" in engine.store.state(run).reason
    engine.close()
