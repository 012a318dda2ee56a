"""What the engine's tests share: waiting for something to happen, and short real runs."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from metaplay.config import RunConfig, defaults, revise
from metaplay.engine.client import Engine
from metaplay.engine.store import RunStore
from metaplay.events import Progress
from metaplay.settings import Settings, settings

ROOT = Path(__file__).parents[3]
T = TypeVar("T")


def until(reached: Callable[[], T], seconds: float = 60) -> T:
    """Wait until `reached()` is true and return it; fail after `seconds`."""
    deadline = time.monotonic() + seconds
    while not (value := reached()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)
    return value


def short(**changes: object) -> RunConfig:
    """A real run of a second or so."""
    return revise(
        defaults(str(changes.get("algorithm", "maml")), "sinusoid"),
        {"steps": 200, "eval_tasks": 20, "inner_steps": 1, "test_inner_steps": 1, **changes},
    )


def endless(**changes: object) -> RunConfig:
    """A run that is still going whenever it is looked at."""
    return short(steps=1_000_000, **changes)


def long_evaluation() -> RunConfig:
    """A run that is nothing but one evaluation of many seconds."""
    return revise(defaults("scratch", "sinusoid"), {"test_inner_steps": 100, "eval_tasks": 10_000})


def place(runs: Path, **changes: object) -> Settings:
    return replace(settings(), runs=runs, **changes)


def warm(engine: Engine) -> Engine:
    until(lambda: engine.info().device)
    return engine


def places(engine: Engine) -> dict[str, int]:
    """The places of the runs that wait."""
    return {run: place.place for run, place in engine.queue().items()}


def process_of(store: RunStore, run: str) -> int:
    """The process that trains the run."""
    return json.loads((store.root / ".going" / run).read_bytes())["pid"]


def states(store: RunStore, run: str) -> list[str]:
    """The states that the run's log went through."""
    names = {
        "started": lambda event: "running",
        "ended": lambda event: event.status,
        "state": lambda event: event.state,
    }
    return [names[event.type](event) for event in store.tail(run)[0] if event.type in names]


def numbers(store: RunStore, run: str) -> list[tuple[int, float, float]]:
    """Step, meta-loss and gradient norm of every meta-step in the log."""
    events = [event for event in store.tail(run)[0] if isinstance(event, Progress)]
    return [row for event in events for row in zip(event.step, event.meta_loss, event.grad_norm, strict=True)]
