"""Dask loads this in the scheduler and the worker keepers (nannies) that an engine starts; they then end with the engine.

Each has a session of its own: Ctrl-C in a terminal reaches the engine's process alone, which has the runs write checkpoints first,
and training gives way to the pages and their browsers.
"""

import asyncio
import os
from pathlib import Path

from distributed import Nanny

from metaplay.engine.jobs import end_with

PARENT = "METAPLAY_ENGINE_PID"
_SHARE = Path("/proc/self/autogroup")
_NICE = "10"


async def dask_setup(server: object) -> None:
    os.setsid()
    end_with(int(os.environ[PARENT]))
    if isinstance(server, Nanny):
        await _give_way()


async def _give_way() -> None:
    """Lower this session's share of the processors, for its keeper, its worker and all their threads.

    Desktop Linux deals the processors out to sessions before it looks at the niceness of threads (man 7 sched, "autogroup"): without
    this a browser that shows two runs gets no more than what trains them. Elsewhere there is no such file.
    """
    for _ in range(20):
        try:
            _SHARE.write_text(_NICE)
        except BlockingIOError:  # one such wish in a tenth of a second is heard, whoever has it
            await asyncio.sleep(0.12)
        except OSError:
            return
        else:
            return
