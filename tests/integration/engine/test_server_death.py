"""However the server ends, its processes end with it, and the next one finds the run and can take it up."""

import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from metaplay.engine.client import Engine
from metaplay.engine.store import RunStore
from metaplay.events import RunStarted
from tests.integration.engine.helpers import ROOT, place, states, until


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_no_process_outlives_the_server_and_the_run_can_be_resumed(tmp_path: Path, how: signal.Signals):
    command = [sys.executable, "-m", "tests.integration.engine.server", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        run = server.stdout.readline().strip()
        assert run, "the server holds torch, or its run did not start"
        children = psutil.Process(server.pid).children(recursive=True)
        assert len(children) >= 3
        server.send_signal(how)
        _, alive = psutil.wait_procs(children, timeout=15)
        assert alive == []
    store = RunStore(tmp_path)
    assert not store.state(run).ended
    if how is signal.SIGKILL:
        _find_and_resume(store, run)


def _find_and_resume(store: RunStore, run: str) -> None:
    with Engine(place(store.root, workers=1)) as engine:
        until(lambda: store.state(run).state == "interrupted", 5)
        assert "resume it" in store.state(run).reason
        assert engine.queue() == {}
        engine.control(run, "resume")
        until(lambda: states(store, run)[-2:] == ["queued", "running"])
        until(lambda: store.state(run).step > 2)
        engine.control(run, "stop")
        until(lambda: store.state(run).ended)
    starts = [event for event in store.tail(run)[0] if isinstance(event, RunStarted)]
    assert len(starts) == 2
