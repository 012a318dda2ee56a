"""How much memory meta-steps take, beside what the form predicts of them: MAML at 1 to 20 inner steps, with and without recomputing.

    python -m benchmarks.memory

Memory is no matter of speed: the machine may do other things meanwhile.
"""

import contextlib
import ctypes
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from metaplay.config import RunConfig, defaults, revise, step_memory
from metaplay.engine.cluster import MALLOC

ROOT = Path(__file__).parents[1]
INNER_STEPS = (1, 2, 5, 10, 20)


def measured(configs: list[RunConfig]) -> list[int]:
    """Bytes by which a process that is ready to train grew at most in one meta-step of each configuration, on a processor; with
    the allocator's settings of the engine's workers."""
    told = [config.model_dump_json() for config in configs]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.memory", "measure", *told],
        cwd=ROOT,
        env={**os.environ, **MALLOC, "METAPLAY_DEVICE": "cpu"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return [int(line) for line in done.stdout.split()]


def _measure(config: RunConfig) -> None:
    """Print what a meta-step takes; to be called in a process of its own."""
    from benchmarks.peers.memory import Watch

    step = _ready(config)
    with contextlib.suppress(AttributeError):  # what was freed before must not serve this step unseen (glibc's own)
        ctypes.CDLL(None).malloc_trim(0)
    watch = Watch()
    step()
    print(watch.grown(), flush=True)


def _ready(config: RunConfig) -> Callable[[], None]:
    """A meta-step that is about to be done."""
    import torch
    from torch import Generator

    from metaplay.registry import ALGORITHMS, FAMILIES, load

    device, rng = torch.device("cpu"), Generator().manual_seed(0)
    family = load(FAMILIES[config.family])(config, device, None)
    learner = load(ALGORITHMS[config.algorithm])(config, family, device)

    def step() -> None:
        shot, way = config.train_shot or config.shot, config.train_way or None
        learner.update(family.sample("train", config.meta_batch, shot, config.query, rng, way), 0, rng)

    return step


def _measure_all(configs: list[RunConfig]) -> None:
    """Each in a child of this process, in which the libraries' code is loaded already."""
    import torch

    torch.set_num_threads(1)  # threads do not live on in a child
    for config in configs:
        small = {"meta_batch": 1, "width": 4, "inner_steps": 1, "network": config.network}
        _ready(revise(defaults("maml", config.family), small))()
        if (child := os.fork()) == 0:
            _measure(config)
            os._exit(0)
        os.waitpid(child, 0)


def main() -> None:
    if sys.argv[1:2] == ["measure"]:
        _measure_all([RunConfig.model_validate_json(text) for text in sys.argv[2:]])
        return
    base = revise(defaults("maml", "strokes"), {"test_inner_steps": max(INNER_STEPS)})
    configs = [
        revise(base, {"inner_steps": steps, "recompute": recompute})
        for steps in INNER_STEPS
        for recompute in (False, True)
    ]
    found = zip(configs, measured(configs), strict=True)
    print("| inner steps | recompute | predicted MB | measured MB |\n|---|---|---|---|")
    for config, size in found:
        row = (config.inner_steps, config.recompute, f"{step_memory(config) / 1e6:.0f}", f"{size / 1e6:.0f}")
        print("| " + " | ".join(map(str, row)) + " |")


if __name__ == "__main__":
    main()
