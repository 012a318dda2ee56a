"""What a host sees of an engine: a line an event, and its health from another process's view."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from metaplay.cli import main
from metaplay.engine import health
from metaplay.engine.client import Engine
from tests.integration.engine.helpers import endless, place, short, until, warm


@pytest.fixture
def lines() -> Iterator[list[str]]:
    """The lines that the engine logs meanwhile."""
    said: list[str] = []

    class Keep(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, keep = logging.getLogger("metaplay.events"), Keep()
    logger.addHandler(keep)
    level = logger.level
    logger.setLevel(logging.INFO)
    yield said
    logger.removeHandler(keep)
    logger.setLevel(level)


def test_a_line_an_event_and_health_while_it_lives(
    tmp_path: Path, lines: list[str], capsys: pytest.CaptureFixture[str]
):
    with Engine(place(tmp_path, workers=1)) as engine:
        run = engine.submit(short(steps=20))
        until(lambda: engine.store.state(run).ended)
        going, waiting = engine.submit(endless()), engine.submit(endless())
        until(lambda: engine.store.state(going).step > 2)
        warm(engine)
        until(lambda: (found := health.servers(tmp_path)) and found[0]["running"] == found[0]["queued"] == 1)
        assert main(["health", "--runs", str(tmp_path), "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        (server,) = told["servers"]
        assert (server["workers"], server["device"]) == (1, engine.info().device)
        assert {"metaplay", "python", "torch", "streamlit", "distributed"} == set(server["versions"])
        assert 0 < server["memory_free"] <= server["memory"]
        assert main(["health", "--runs", str(tmp_path)]) == 0
        assert "1 runs go, 1 wait, 1 workers on" in " ".join(capsys.readouterr().out.split())
    assert not health.servers(tmp_path), "a server that ended"
    assert main(["health", "--runs", str(tmp_path)]) == 1
    assert "No server keeps its runs here" in capsys.readouterr().out
    events = [(re.search(r"event=(\S+)", line)[1], (re.search(r"run=(\S+)", line) or ["", ""])[1]) for line in lines]  # type: ignore[index]
    assert [event for event, name in events if name == run] == ["queued", "started", "finished"]
    assert [event for event, name in events if name == going] == ["queued", "started", "interrupted"]
    assert [event for event, name in events if name == waiting] == ["queued", "interrupted"]
    assert [event for event, name in events if not name] == ["ready", "closed"]
    assert all(re.fullmatch(r"(\w+=[\w.-]+)( \w+=[\w.-]+)*", line) for line in lines)


def test_a_server_that_does_not_answer_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["health", "--runs", str(tmp_path), "--url", "http://127.0.0.1:9", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["answers"] is False
