"""Dask loads this in the scheduler and the worker keepers (nannies) that an engine starts; they then end with the engine."""

import os

from distributed import Nanny

from metaplay.engine.jobs import end_with

PARENT = "METAPLAY_ENGINE_PID"
_NICE = 5


def dask_setup(server: object) -> None:
    end_with(int(os.environ[PARENT]))
    if isinstance(server, Nanny) and hasattr(os, "nice"):
        os.nice(_NICE)  # its worker inherits this: on a machine with few cores the page goes before the training
