"""Breaks off a computation in another thread between two of its operations, when waiting for its end would take too long."""

import ctypes
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Self


class Interrupter:
    """`with Interrupter(wanted, Stop) as breaker`, then `with breaker.inside(): compute()` in the same thread.

    Raises `error` within `compute` once `wanted()` is true and `compute` has been at it for `patience` seconds. What it was
    changing is then half changed. A single long operation (one call into torch) is not broken off, but right after it.
    """

    def __init__(self, wanted: Callable[[], bool], error: type[BaseException], patience: float = 0.2):
        self._wanted, self._error, self._patience = wanted, error, patience
        self._target = threading.get_ident()
        self._inside = _Inside()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="interrupter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def inside(self) -> AbstractContextManager[None]:
        """The part that may be broken off."""
        return self._inside

    def _watch(self) -> None:
        while not self._end.wait(self._patience / 2):
            with self._inside.lock:
                since = self._inside.since
                late = since is not None and time.monotonic() - since > self._patience
                if late and self._wanted():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(self._target), ctypes.py_object(self._error)
                    )
                    return


class _Inside(AbstractContextManager[None]):
    """Since when there is something that may be broken off. Entered for every meta-step: a generator's would take longer."""

    def __init__(self):
        self.since: float | None = None
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        self.since = time.monotonic()

    def __exit__(self, *_: object) -> None:
        # After this nothing can be raised any more; what was raised already comes out here at the latest.
        with self.lock:
            self.since = None
