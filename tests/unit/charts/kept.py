"""Runs that look like real ones, kept in a store without training: for tests of lists, replays and comparisons."""

from typing import Any

from metaplay.engine.store import RunStore
from metaplay.events import Evaluated, Progress, RunEnded
from metaplay.history import PROGRESS
from metaplay.registry import FAMILIES
from metaplay.registry.families import Metric
from tests.unit.charts.synthetic import run


def keep(
    store: RunStore, algorithm: str, family: str, steps: int = 60, seed: int = 0, ended: bool = True, **values: Any
) -> str:
    """Keep a run of `steps` meta-steps, a second each; with `ended` it is finished and was tested. `values` are those of its
    configuration that are not the usual ones. Returns its name."""
    history = run(algorithm, family, steps, seed, **values)
    assert history.started
    assert history.config
    assert history.task
    name = store.create(history.config)
    store.append(name, history.started.model_copy(update={"at": 1e9}))
    store.append(name, history.task.model_copy(update={"at": 1e9}))
    probes = list(history.probes)
    for place in range(steps):
        values = {key: history.progress[key][place : place + 1] for key in PROGRESS}
        at = 1e9 + place
        store.append(
            name, Progress.model_validate({**values, "at": at, "seconds": float(place), "tasks_per_second": 9.0})
        )
        while probes and probes[0].step <= place + 1:
            store.append(name, probes.pop(0).model_copy(update={"at": at}))
    if ended:
        last, metric = history.probes[-1], FAMILIES[family].metric
        cost = last.accuracy or last.loss
        _end(store, name, [-value for value in cost] if metric == "return" else cost, metric)
    return name


def _end(store: RunStore, name: str, mean: list[float], metric: Metric) -> None:
    step = store.state(name).step
    store.append(
        name,
        Evaluated(
            at=1e9 + step,
            step=step,
            split="test",
            metric=metric,
            tasks=4,
            transductive=False,
            mean=mean,
            ci95=[0.01] * len(mean),
            per_task=[abs(mean[-1]) + shift for shift in (-0.02, 0.0, 0.01, 0.01)],
        ),
    )
    store.append(name, RunEnded(at=1e9 + step, status="finished", step=step, seconds=float(step)))
