"""The real server is told to end while a run trains: it writes a checkpoint of the very last step and leaves no process."""

import asyncio
import os
import signal
from pathlib import Path

import psutil
import pytest

from benchmarks.visitor import Visitor
from metaplay.engine.client import Engine
from metaplay.engine.store import RunStore
from metaplay.events import Checkpointed, Progress
from tests.browser.conftest import Server, serving
from tests.integration.engine.helpers import place, states, until


async def _train(server: Server) -> str:
    """Press Train as a visitor does and come back when the run is well under way."""
    async with Visitor(server.url, "steps=100000&eval_tasks=2") as visitor:
        await visitor.until(lambda page: "train" in page.buttons, 120, "the page")
        await visitor.press("train")
        await visitor.until(lambda page: page.run and page.step > 20, 120, "steps of the run")
        assert visitor.page.run
        return visitor.page.run


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_what_trains_is_checkpointed_and_can_be_resumed(tmp_path: Path, how: signal.Signals):
    with serving(tmp_path, apart=True) as server:
        run = asyncio.run(_train(server))
        processes = psutil.Process(server.process.pid).children(recursive=True)
        if how is signal.SIGINT:  # as a terminal does: to all of the server's group
            os.killpg(server.process.pid, how)
        else:
            server.process.send_signal(how)
        server.process.wait(30)
        assert psutil.wait_procs(processes, timeout=10)[1] == []
    store = RunStore(tmp_path)
    events = store.tail(run)[0]
    last = max(event.step[-1] for event in events if isinstance(event, Progress))
    saved = max(event.step for event in events if isinstance(event, Checkpointed))
    assert saved == last
    assert states(store, run)[-1] == "interrupted"
    with Engine(place(tmp_path, workers=1)) as engine:
        engine.control(run, "resume")
        until(lambda: store.state(run).step > last)
        engine.control(run, "stop")
        until(lambda: store.state(run).ended)
