"""Dask loads this in the scheduler and the worker keepers (nannies) that an engine starts; they then end with the engine.

They are a group of their own: Ctrl-C in a terminal reaches the engine's process alone, which has the runs write checkpoints first.
"""

import os

from metaplay.engine.jobs import end_with

PARENT = "METAPLAY_ENGINE_PID"


def dask_setup(_server: object) -> None:
    os.setpgid(0, 0)
    end_with(int(os.environ[PARENT]))
