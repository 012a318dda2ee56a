"""What a proof is about: a learner of a configuration in float64, away from its special starting point, and real episodes."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS, FAMILIES, load

TASKS = {"regression": 4, "classification": 2}
"""Tasks of a meta-batch: the naive loop takes its time over images."""

Task = tuple[Tensor, Tensor, Tensor, Tensor]


@dataclass(frozen=True)
class Subject:
    """A learner (of any class of `algorithms`) and the episodes that it is looked at on."""

    config: RunConfig
    learner: Any
    episodes: Episodes


@contextmanager
def float64() -> Iterator[None]:
    """Meanwhile, new tensors are of double precision."""
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        yield
    finally:
        torch.set_default_dtype(before)


def subject(config: RunConfig) -> Subject:
    """The learner of a configuration on the CPU and training episodes of its family. Raises UserError if data are missing."""
    device = torch.device("cpu")
    family = load(FAMILIES[config.family])(config, device)
    learner = load(ALGORITHMS[config.algorithm])(config, family, device)
    perturb(learner.params)
    perturb_learned(learner)
    rng = Generator().manual_seed(config.seed)
    tasks = TASKS[FAMILIES[config.family].kind]
    shot, way = config.train_shot or config.shot, config.train_way or None
    episodes = family.sample("train", tasks, shot, config.query, rng, way)
    episodes = replace(episodes, support_x=episodes.support_x.double(), query_x=episodes.query_x.double())
    return Subject(config, learner, episodes)


@torch.no_grad()
def perturb(params: dict[str, Tensor]) -> None:
    """Biases move from zero, batch-norm scale and shift from one and zero: there, errors could cancel or vanish."""
    rng = Generator().manual_seed(17)
    for name, value in params.items():
        if "norm" in name or "bias" in name:
            value.add_(0.2 * torch.randn(value.shape, generator=rng))


@torch.no_grad()
def perturb_learned(learner: Any) -> None:
    """Learned inner rates move by some 30 % each; running statistics and Adam's second moments become those of no one batch."""
    rng = Generator().manual_seed(18)
    for rates in getattr(learner, "rates", {}).values():
        rates.mul_(1 + 0.3 * torch.randn(rates.shape, generator=rng))
    for mean, variance in learner.running.values if hasattr(learner, "running") else ():
        mean.copy_(0.3 * torch.randn(mean.shape, generator=rng))
        variance.copy_(0.5 + torch.rand(variance.shape, generator=rng))
    if hasattr(learner, "moments"):
        for square in learner.moments.squares.values():
            square.copy_(1e-4 * (0.5 + torch.rand(square.shape, generator=rng)))
        learner.moments.taken = learner.config.inner_steps


def tasks_of(episodes: Episodes) -> list[Task]:
    """The tasks one by one: support_x, support_y, query_x, query_y of each."""
    return list(zip(episodes.support_x, episodes.support_y, episodes.query_x, episodes.query_y, strict=True))
