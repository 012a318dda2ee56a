"""A process with one contender, which does what it is asked for on its standard input, a JSON object a line.

    python -m benchmarks.peers.worker CONTENDER DEVICE

Answers are JSON objects too; {"problem": "..."} says what went wrong. Whatever a library prints goes to standard error.
"""

import json
import os
import sys
import time
import traceback
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.peers.contenders import Contender, Unsupported, load
from benchmarks.peers.memory import Watch
from benchmarks.peers.problem import Arrays, Problem, read, read_arrays, write

CHECKED = 4
"""Tasks that gradients are compared on."""
WARMED = 0.25
"""Seconds: a contender whose meta-step is quicker does one unmeasured before it is measured, as its caches were others'."""


class Worker:
    """One contender. Each method is a request, its arguments those of the JSON object."""

    def __init__(self, name: str, device: str):
        self.name, self.device = name, device
        self.contender: Contender | None = None
        self.quickest = float("inf")

    def draw(self, config: dict[str, Any], path: str) -> dict[str, Any]:
        """Draw the problem of a configuration and keep it."""
        from benchmarks.peers.draw import draw
        from metaplay.config import parse

        draw(parse(config)).save(Path(path))
        return {}

    def check(self, path: str, reference: str, keep: bool) -> dict[str, Any]:
        """The meta-gradient in float64: kept as the reference, or compared with it."""
        problem = read(Path(path)).first(CHECKED).as_type("float64")
        found = self._build(problem).gradient()
        if keep:
            write(Path(reference), found)
            return {"error": None}
        return {"error": relative_error(found, read_arrays(Path(reference)))}

    def start(self, path: str) -> dict[str, Any]:
        """Build the contender, in float32, and do a first meta-step: what is compiled is compiled now."""
        self.contender = self._build(read(Path(path)).as_type("float32"))
        self.watch = Watch()
        return {"first": self._timed(), "version": self.contender.version}

    def measure(self, seconds: float) -> dict[str, Any]:
        """Seconds of each meta-step of as many as fit into this time, at least one."""
        if self.quickest < WARMED:
            self._timed()
        began, found = time.perf_counter(), [self._timed()]
        while time.perf_counter() - began < seconds:
            found.append(self._timed())
        return {"seconds": found}

    def memory(self) -> dict[str, Any]:
        """Bytes that the meta-steps took at most."""
        if self.device == "cuda":
            import torch

            return {"bytes": torch.cuda.max_memory_allocated()}
        return {"bytes": self.watch.grown()}

    def commit(self) -> dict[str, Any]:
        """The state of metaplay's code."""
        from metaplay.training.commit import commit

        return {"commit": commit()}

    def device_name(self) -> dict[str, Any]:
        """What a person calls the GPU."""
        import torch

        return {"name": torch.cuda.get_device_name()}

    def whole(self, config: dict[str, Any], threads: int) -> dict[str, Any]:
        """Prepare W6."""
        from benchmarks.peers.whole import Whole

        self.loop = Whole(config, threads)
        return {}

    def slices(self, seconds: float) -> dict[str, Any]:
        """A slice of each part of W6."""
        return self.loop.slices(seconds)

    def race(self, config: dict[str, Any]) -> dict[str, Any]:
        """Prepare a whole training."""
        from benchmarks.peers.race import Race

        self.training = Race(self.name, config, self.device)
        return {"version": self.training.racer.version}

    def train(self, steps: int) -> dict[str, Any]:
        """Some more meta-steps of it, and what came of them."""
        return self.training.train(steps)

    def _timed(self) -> float:
        assert self.contender
        began = time.perf_counter()
        self.contender.step()
        took = time.perf_counter() - began
        self.quickest = min(self.quickest, took)
        return took

    def _build(self, problem: Problem) -> Contender:
        return load(self.name)(problem, self.device)


def relative_error(found: Arrays, expected: Arrays) -> float:
    """Distance of the two gradients over the length of the expected one, all entries together."""
    if found.keys() != expected.keys():
        raise ValueError(f"gradients of other parameters: {sorted(found.keys() ^ expected.keys())}")
    apart = sum(float(np.sum((found[name] - value) ** 2)) for name, value in expected.items())
    length = sum(float(np.sum(value**2)) for value in expected.values())
    return (apart / length) ** 0.5


def main() -> None:
    name, device = sys.argv[1:]
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    worker = Worker(name, device)
    for line in sys.stdin:
        request = json.loads(line)
        print(json.dumps(_answer(worker, request)), file=answers, flush=True)


def _answer(worker: Worker, request: dict[str, Any]) -> dict[str, Any]:
    """What the request's method returns, or why there is no such thing: a library may fail in any way."""
    try:
        return getattr(worker, request.pop("do"))(**request)
    except Unsupported as error:
        return {"problem": str(error)}
    except Exception as error:
        traceback.print_exc()
        lines = str(error).strip().splitlines() or ["no reason given"]
        return {"problem": f"{type(error).__name__}: {lines[0]}"}


if __name__ == "__main__":
    main()
