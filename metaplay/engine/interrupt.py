"""Breaks off a computation in another thread between two of its operations, when waiting for its end would take too long."""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Self


class Interrupter:
    """`with Interrupter(wanted, Stop) as breaker`, then `with breaker.inside(): compute()` in the same thread.

    Raises `error` within `compute` once `wanted()` is true and `compute` has been at it for `patience` seconds. What it was
    changing is then half changed. A single long operation (one call into torch) is not broken off, but right after it.
    """

    def __init__(self, wanted: Callable[[], bool], error: type[BaseException], patience: float = 0.2):
        self._wanted, self._error, self._patience = wanted, error, patience
        self._target = threading.get_ident()
        self._since: float | None = None
        self._lock = threading.Lock()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="interrupter", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    @contextmanager
    def inside(self) -> Iterator[None]:
        """The part that may be broken off."""
        self._since = time.monotonic()
        try:
            yield
        finally:
            # After this nothing can be raised any more; what was raised already comes out here at the latest.
            with self._lock:
                self._since = None

    def _watch(self) -> None:
        while not self._end.wait(self._patience / 2):
            with self._lock:
                late = self._since is not None and time.monotonic() - self._since > self._patience
                if late and self._wanted():
                    ctypes.pythonapi.PyThreadState_SetAsyncExc(
                        ctypes.c_ulong(self._target), ctypes.py_object(self._error)
                    )
                    return
