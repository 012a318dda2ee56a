"""What faults.py breaks: a server that can be killed and started again, its runs on a small disk, and a scheduler beyond a network."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import psutil

from benchmarks.proxy import Proxy
from metaplay.engine.store import RunStore
from tests.browser.conftest import PROJECT, Server, serving, until

DISK = 256
"""MB of the disk that runs are kept on, where one can be made."""
_MARK = "METAPLAY_FAULTS"


class Ground:
    """A server with its runs in `folder`; `proxy` is the network to its scheduler, None where it has its own."""

    def __init__(self, folder: Path, proxy: Proxy | None = None):
        self.folder, self.proxy, self.store = folder, proxy, RunStore(folder / "runs")
        self._mark, self._stack = uuid4().hex, ExitStack()
        self.server: Server

    def start(self, **environment: str) -> None:
        """Start the server."""
        extra = {_MARK: self._mark, "METAPLAY_WORKERS": "2", **environment}
        if self.proxy:
            extra["METAPLAY_SCHEDULER"] = f"tcp://127.0.0.1:{self.proxy.port}"
        with _environment(extra):
            self._stack = ExitStack()
            self.server = self._stack.enter_context(serving(self.store.root, workers=None))

    @property
    def up(self) -> bool:
        return self.server.process.poll() is None

    def end(self) -> list[str]:
        """End the server, if it is there, as a person does. What was wrong with that."""
        try:
            self._stack.close()
        except subprocess.TimeoutExpired:
            self.server.process.kill()
            return ["the server did not end within 30 s"]
        return self.orphans()

    def orphans(self) -> list[str]:
        """Processes that outlive their server by more than some seconds."""
        for _ in range(100):
            if not (left := self._strays()):
                return []
            time.sleep(0.1)
        return [f"a process was left: {' '.join(process.cmdline())[:90]}" for process in left]

    def _strays(self) -> list[psutil.Process]:
        mine = {self.server.process.pid} if self.up else set()
        if self.up:
            mine |= {child.pid for child in psutil.Process(self.server.process.pid).children(recursive=True)}
        return [process for process in psutil.process_iter() if process.pid not in mine and self._is_marked(process)]

    def _is_marked(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(_MARK) == self._mark and process.status() != psutil.STATUS_ZOMBIE
        except psutil.Error:
            return False


@contextmanager
def disk(folder: Path, size: int = DISK) -> Iterator[bool]:
    """A disk of `size` MB at `folder`, where this may be made (on Linux, by root); whether it is there."""
    mounted = sys.platform == "linux" and os.geteuid() == 0
    if mounted:
        command = ["mount", "-t", "tmpfs", "-o", f"size={size}m", "tmpfs", str(folder)]
        mounted = subprocess.run(command, capture_output=True, check=False).returncode == 0
    try:
        yield mounted
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def fill(path: Path) -> None:
    """Let a file grow until its disk has no room for another byte of it; at its end stand empty lines."""
    with path.open("ab", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"\n" * os.sysconf("SC_PAGE_SIZE"))


@contextmanager
def beyond(folder: Path) -> Iterator[Proxy]:
    """A scheduler with a worker, as anyone would start them, behind a network that can be cut."""
    file = folder / "scheduler.json"
    here = ["--host", "127.0.0.1", "--no-dashboard"]
    commands = [
        ["scheduler", "--port", "0", "--scheduler-file", str(file), *here],
        ["worker", "--scheduler-file", str(file), "--nthreads", "1", *here],
    ]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with ExitStack() as stack:
        for command in commands:
            words = [sys.executable, "-m", "dask", *command]
            process = subprocess.Popen(words, cwd=folder, env=environment, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            until(lambda: file.exists() and file.read_text().endswith("}"), 60, "the scheduler")
        address = json.loads(file.read_text())["address"]
        yield stack.enter_context(Proxy(int(address.rsplit(":", 1)[1])))


@contextmanager
def _environment(extra: dict[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(extra)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
