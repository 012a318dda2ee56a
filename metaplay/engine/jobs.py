"""What Dask is handed: small functions that fetch the torch side by its name on the worker, so that no client imports it."""

import asyncio
import os
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from typing import Any

from distributed import Worker, WorkerPlugin

_WORKER_SIDE = "metaplay.engine.worker"
_ANSWERING = ThreadPoolExecutor(1, "answering")
"""Questions are answered one after another, beside the run that the worker trains."""
_NICE = 5


def run_together(root: str, runs: Sequence[str]) -> None:
    """Train runs of the store at `root` (metaplay.engine.worker.run_together), after whatever a page waits for."""
    if hasattr(os, "setpriority"):  # on Linux this is the priority of this thread and its helpers, not of the answers
        os.setpriority(os.PRIO_PROCESS, 0, max(_NICE, os.getpriority(os.PRIO_PROCESS, 0)))
    import_module(_WORKER_SIDE).run_together(root, runs)


async def answer(root: str, question: str, arguments: dict[str, Any]) -> Any:
    """Answer a question about the runs at `root` (metaplay.engine.answers.answer) while the worker does what it does."""
    return await asyncio.get_running_loop().run_in_executor(_ANSWERING, _answer, root, question, arguments)


def _answer(root: str, question: str, arguments: dict[str, Any]) -> Any:
    return import_module("metaplay.engine.answers").answer(root, question, arguments)


class Warm(WorkerPlugin):
    """Warms up every worker, also one that was restarted, so that a run's first point does not wait for torch."""

    name = "metaplay-warm"

    def setup(self, worker: Worker) -> None:
        # In a thread of its own: the worker must answer the scheduler meanwhile.
        threading.Thread(target=_warm, args=(worker,), name="warm", daemon=True).start()


def _warm(worker: Worker) -> None:
    worker.metaplay_device = import_module(_WORKER_SIDE).warm()  # type: ignore[attr-defined]


def device(dask_worker: Worker) -> str | None:
    """The worker's device; None while it still warms up. Dask passes the worker in under this very name."""
    return getattr(dask_worker, "metaplay_device", None)


def end_with(parent: int) -> None:
    """End this process as soon as the process that started it is gone, however that ended."""
    threading.Thread(target=_watch, args=(parent,), name="parent watch", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.25)
    os._exit(0)
