"""Dask loads this in the scheduler and the worker keepers (nannies) that an engine starts; they then end with the engine."""

import os

from metaplay.engine.jobs import end_with

PARENT = "METAPLAY_ENGINE_PID"


def dask_setup(_server: object) -> None:
    end_with(int(os.environ[PARENT]))
