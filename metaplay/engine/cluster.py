"""A cluster of this machine's own: a Dask scheduler and workers as child processes that end with this process. No torch."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from distributed import Client, SpecCluster
from distributed.deploy.subprocess import SubprocessCluster

from metaplay.engine import preload

_PROJECT = Path(__file__).parents[2]
_environment_lock = threading.Lock()
MALLOC = {"MALLOC_TRIM_THRESHOLD_": str(2**28), "MALLOC_MMAP_THRESHOLD_": str(2**25)}
"""Dask has its workers give every freed 64 kB back to the system at once: convolutions then took three times as long."""


def start_cluster(workers: int) -> SpecCluster:
    """Start `workers` warm processes that each train one run at a time; a killed one is started again.

    (Dask's LocalCluster cannot be used: under Streamlit its children would run the page anew.)
    """
    with _children_environment():
        return SubprocessCluster(
            n_workers=workers,
            threads_per_worker=1,
            dashboard_address=None,  # type: ignore[arg-type] (None is what switches it off)
            scheduler_kwargs={"preload": [preload.__name__]},
            # No memory limit: Dask would kill a run for what torch holds, with no better place to run it.
            worker_kwargs={"memory_limit": 0, "dashboard": False, "preload_nanny": [preload.__name__]},
        )


def replace_lost(cluster: SpecCluster) -> None:
    """Start workers in the place of those whose keeper (nanny) has ended: Dask would go on without them."""
    for name, worker in list(cluster.workers.items()):
        if worker.process is not None and worker.process.returncode is not None:
            del cluster.workers[name]
    if cluster.workers.keys() < cluster.worker_spec.keys():
        with _children_environment():
            cluster.sync(cluster._correct_state)


def abandon(client: Client | None, cluster: SpecCluster | None) -> None:
    """End the processes of a cluster whose scheduler is gone, and what Dask keeps of it here."""
    if cluster and cluster.scheduler:
        # Dask would ask the scheduler to end the workers and then itself, and wait for it in vain.
        cluster.shutdown_scheduler = False
        cluster.sync(cluster.scheduler.close)
        cluster.close()
    if client:
        client.close()


@contextmanager
def _children_environment() -> Iterator[None]:
    """The children inherit this process's environment and nothing else can be passed to them, so it holds this for a moment."""
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH")]))
    # Nobody reads the scheduler's stderr, and a full pipe would stop it: it must keep quiet.
    extra = {"PYTHONPATH": path, preload.PARENT: str(os.getpid()), "DASK_LOGGING__DISTRIBUTED": "critical"}
    extra |= MALLOC
    with _environment_lock:
        before = {name: os.environ.get(name) for name in extra}
        os.environ.update(extra)
        try:
            yield
        finally:
            for name, value in before.items():
                if value is None:
                    del os.environ[name]
                else:
                    os.environ[name] = value
