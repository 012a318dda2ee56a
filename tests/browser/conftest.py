"""A real Streamlit server with a real engine, and pages on it in a real Chromium that must not report any error."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize

from metaplay.engine.control import order
from metaplay.engine.store import RunStore

PROJECT = Path(__file__).parents[2]
PLOT = ".st-key-plot-loss .js-plotly-plot"
"""The Playground is there when its first chart is."""
Theme = Literal["light", "dark"]
Found = TypeVar("Found")


@dataclass(frozen=True)
class Server:
    """A running server: where its pages are, its process, and the runs it keeps."""

    url: str
    process: subprocess.Popen[bytes]
    store: RunStore

    @property
    def long(self) -> str:
        """The playground, its form set to a run that outlives any test."""
        return f"{self.url}/?steps=100000"


def until(look: Callable[[], Found], seconds: float, what: str) -> Found:
    """What `look` finds, as soon as it finds something; fails after `seconds`."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.02)
    return found


@contextmanager
def serving(runs: Path, workers: int | None = 1, apart: bool = False) -> Iterator[Server]:
    """A server on a free port with its runs in `runs`; ended as a person ends it, with Ctrl-C.

    `apart`, it is the first of a group of processes, as one that is started from a terminal; `workers` None leaves them to it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    process = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options],
        cwd=PROJECT,
        env=os.environ | {"METAPLAY_RUNS": str(runs)} | ({"METAPLAY_WORKERS": str(workers)} if workers else {}),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=apart,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        until(lambda: process.poll() is not None or _healthy(url), 60, "the server")
        assert process.poll() is None, "the server ended at once"
        yield Server(url, process, RunStore(runs))
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(30)


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=2) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("runs")) as running:
        yield running


@pytest.fixture
def runs_end(server: Server) -> Iterator[None]:
    """No run of one test keeps the next one waiting."""
    yield
    unended = [run for run in server.store.list() if not server.store.state(run).ended]
    for run in unended:
        order(server.store, run, "stop")
    until(lambda: all(server.store.state(run).ended for run in unended), 60, "the runs to end")


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Opens an address as somebody new would, at any size; no page may have reported an error to its console."""
    trouble: list[str] = []

    def note(message: ConsoleMessage) -> None:
        # Streamlit's own script asks below the address of a page first, and then where its server answers.
        if message.type == "error" and "/_stcore/" not in message.location["url"]:
            trouble.append(f"{message.text} {message.location['url']}")

    contexts = []

    def opened(url: str, width: int = 1400, height: int = 900, ready: str = PLOT, theme: Theme = "light") -> Page:
        size = ViewportSize(width=width, height=height)
        contexts.append(browser.new_context(viewport=size, locale="en-US", color_scheme=theme))
        page = contexts[-1].new_page()
        page.on("console", note)
        page.on("pageerror", lambda error: trouble.append(str(error)))
        page.goto(url)
        page.locator(ready).first.wait_for(timeout=60_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not trouble, "\n".join(trouble)
