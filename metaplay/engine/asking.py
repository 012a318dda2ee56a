"""Questions to the workers of an engine, beside what they train: each goes to one that has little to do. No torch."""

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, cast

from distributed import Client

from metaplay.engine import jobs
from metaplay.text import Text, UserError

Arguments = Mapping[str, Any]
"""Those of a question, by name; plain values."""

_WORKER_SECONDS = 30
"""How long a question waits for the first worker; on an idle machine it is there in two seconds."""
_NOBODY = Text("The engine is not there to answer: try again in a moment.", "引擎暂时无法应答：请稍后再试。")
logger = logging.getLogger(__name__)


class Asking:
    """Asks about the runs at `root`, and knows what is being asked of whom."""

    def __init__(self, root: Path):
        self._root = root
        self._lock = threading.Lock()
        self._asked: Counter[str] = Counter()

    def each(self, client: Client | None, question: str, several: Sequence[Arguments]) -> Iterator[Any]:
        """The answers to a question about several things, in their order, each as soon as it and those before it are there.

        They are asked at once, of as many workers as there are. Raises UserError where the question does, or while no worker is
        there to answer.
        """
        try:
            client, busy = _there(client)
            workers = self._choose(busy, len(several))
            try:
                with ThreadPoolExecutor(len(several), "asking") as pool:
                    yield from pool.map(
                        lambda worker, one: self._answer(client, worker, question, one), workers, several
                    )
            finally:
                with self._lock:
                    self._asked.subtract(workers)
        except OSError as error:
            logger.warning("A question was not answered: %s", error)
            raise UserError(_NOBODY) from error

    def _choose(self, runs: Mapping[str, int], count: int) -> list[str]:
        """The workers to ask `count` things, of those that train so many runs each. Where nothing else goes on, the same worker is
        asked the same part again and again: it keeps what it has adapted to."""
        with self._lock:
            chosen = []
            for _ in range(count):
                worker = min(sorted(runs), key=lambda address: (runs[address], self._asked[address]))
                self._asked[worker] += 1
                chosen.append(worker)
            return chosen

    def _answer(self, client: Client, worker: str, question: str, arguments: Arguments) -> Any:
        answers = client.run(jobs.answer, str(self._root), question, dict(arguments), workers=[worker])
        return cast("dict[str, Any]", answers)[worker]


def _there(client: Client | None) -> tuple[Client, dict[str, int]]:
    """The engine's client, and how many runs each of its workers trains. Raises OSError where there is none."""
    if client is None:
        raise OSError("no engine")
    found = cast("dict[str, Any]", client.processing())
    if not found:  # it has just been started
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
        found = cast("dict[str, Any]", client.processing())
    if not found:
        raise OSError("no worker")
    return client, {worker: len(runs) for worker, runs in found.items()}
