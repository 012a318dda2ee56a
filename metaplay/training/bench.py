"""How fast this machine trains: short measurements of each kind of network, and what they say of any configuration."""

import os
import time
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Generator

from metaplay.config import RunConfig, defaults, flops, revise
from metaplay.config.memory import tasks_together
from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.training.device import best_device, use_threads

GEMM_SIDE = 1024
SMALL_OPERATIONS = 2000
KINDS: dict[str, tuple[str, dict[str, int], dict[str, int]]] = {
    "mlp": ("sinusoid", {"inner_steps": 1}, {"inner_steps": 3, "meta_batch": 100, "width": 64}),
    "conv4": ("strokes", {"meta_batch": 1, "width": 8}, {"meta_batch": 8}),
    "conv4-pool": ("strokes", {"meta_batch": 1, "width": 8}, {"meta_batch": 4}),
    "ngrams": ("everyday", {"meta_batch": 1}, {"meta_batch": 16}),
    "policy": ("nav2d", {"meta_batch": 1, "shot": 1, "query": 1}, {"meta_batch": 4, "shot": 5, "query": 5}),
}
"""Of each network: a family that is always here, and the settings of a small and of a larger meta-step of MAML on it. The small
one tells what a pass costs however little there is to compute."""


@dataclass(frozen=True)
class Speed:
    """Of one kind of network: seconds that each pass costs however little there is to compute, and seconds for each operation
    of its matrix products beyond that. Of the larger meta-step that was measured: the `step`'s seconds with the drawing of its
    tasks, the share that this had (`sampling`) and that the passes had (`small`), and the operations a second (`achieved`)."""

    a_pass: float
    an_operation: float
    step: float
    sampling: float
    small: float
    achieved: float

    def seconds(self, config: RunConfig) -> float:
        """What a meta-step of the configuration takes, about."""
        return self.a_pass * passes(config) + self.an_operation * flops.meta_step(config)

    def total(self, config: RunConfig) -> float:
        """What the whole run takes, about: its meta-steps, and the test at its end."""
        tests = -(-config.eval_tasks // _TESTED) * 2 * config.test_inner_steps
        steps = config.steps if ALGORITHMS[config.algorithm].meta_trains else 0
        return steps * self.seconds(config) + tests * self.a_pass + self.an_operation * flops.evaluation(config)


_TESTED = 20
"""Tasks that are tested together."""


def passes(config: RunConfig) -> int:
    """How often a meta-step goes through the network, forwards and backwards, for each chunk of its tasks."""
    algorithm = ALGORITHMS[config.algorithm]
    if config.algorithm == "joint":
        return 1
    chunks = -(-config.meta_batch // tasks_together(config))
    inner = config.inner_steps if algorithm.inner_gradients else 0
    return chunks * (algorithm.inner_gradients * inner + 1)


def matrix_product(seconds: float = 0.4) -> float:
    """Floating-point operations a second of a large matrix product, at best."""
    device = best_device()
    a = torch.rand(GEMM_SIDE, GEMM_SIDE, device=device)
    took = min(_timed(lambda: _settled(a @ a), seconds))
    return 2 * GEMM_SIDE**3 / took


def small_operation(seconds: float = 0.2) -> float:
    """Seconds that an operation on a single number takes, at best: the price of asking."""
    number = torch.ones(1, device=best_device())

    def many() -> None:
        value = number
        for _ in range(SMALL_OPERATIONS):
            value = value + 1
        _settled(value)

    return min(_timed(many, seconds)) / SMALL_OPERATIONS


def speed(network: str, seconds: float = 1.8) -> Speed:
    """Measure a kind of network, for about so many seconds."""
    family, small, large = KINDS[network]
    base = revise(defaults("maml", family), {"network": network, "test_inner_steps": 5})
    pair = [revise(base, changes) for changes in (small, large)]
    (quick, _), (slow, sampling) = (_measured(config, seconds / 2) for config in pair)
    operations, rounds = [flops.meta_step(config) for config in pair], [passes(config) for config in pair]
    # Two measurements of two unknowns; neither can be below zero, whatever noise there was.
    determinant = rounds[0] * operations[1] - rounds[1] * operations[0]
    a_pass = (quick * operations[1] - slow * operations[0]) / determinant
    a_pass = min(max(a_pass, 0.0), slow / rounds[1])
    an_operation = (slow - a_pass * rounds[1]) / operations[1]
    step, small = slow + sampling, a_pass * rounds[1] / slow
    return Speed(a_pass, an_operation, step, sampling / step, small, operations[1] / slow)


def _measured(config: RunConfig, seconds: float) -> tuple[float, float]:
    """Seconds that a meta-step's update takes, and those of sampling its tasks, at best."""
    use_threads(config, os.cpu_count() or 1)
    device = best_device()
    rng = Generator(device).manual_seed(0)
    family = load(FAMILIES[config.family])(config, device, None)
    learner = load(ALGORITHMS[config.algorithm], family.kind)(config, family, device)

    def sample() -> Episodes:
        return family.sample("train", config.meta_batch, config.shot, config.query, rng)

    episodes = sample()
    updates = _timed(lambda: learner.update(episodes, 0, rng), 0.7 * seconds)
    return min(updates), min(_timed(sample, 0.1 * seconds))


def _timed(act: Callable[[], object], seconds: float) -> list[float]:
    """How long each of several calls takes; the first of all, which is slow, is not counted."""
    act()
    took, end = list[float](), time.perf_counter() + seconds
    while not took or time.perf_counter() < end:
        began = time.perf_counter()
        act()
        took.append(time.perf_counter() - began)
    return took


def _settled(value: torch.Tensor) -> None:
    """Wait until a device has computed it."""
    if value.device.type != "cpu":
        value.flatten()[0].item()
