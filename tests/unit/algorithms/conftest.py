"""Small learners and episodes in float64, for comparison with the naive oracle."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.config import RunConfig, applicable, defaults, revise
from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS, load
from metaplay.verify import subject
from metaplay.verify.compare import gradient, relative_error
from metaplay.verify.expected import MetaLoss
from metaplay.verify.subject import perturb

WAY, SHOT, QUERY, TASKS = 3, 2, 3, 4
CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def double() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with subject.float64():
        yield
    torch.set_num_threads(threads)


@dataclass
class Setting:
    """What a learner needs to know of a family, for images of 12 x 12 or for curves."""

    kind: Any
    input_shape: tuple[int, ...]
    outputs: int
    train_classes: int = 0
    class_counts: dict[str, int] = field(default_factory=dict)
    split_digest: str = ""

    def sample(self, split: Any, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None) -> Episodes:
        raise NotImplementedError

    def class_names(self, split: Any, classes: Tensor) -> list[str]:
        raise NotImplementedError


SETTINGS = {
    "mlp": Setting("regression", (1,), 1),
    "conv4": Setting("classification", (2, 12, 12), WAY, 7),
    "conv4-pool": Setting("classification", (2, 16, 16), WAY, 7),
}


def make_config(algorithm: str, network: str, **changes: Any) -> RunConfig:
    family = "sinusoid" if network == "mlp" else "strokes"
    base = defaults(algorithm, family)
    images = {} if network == "mlp" else {"network": network, "way": WAY, "shot": SHOT, "query": QUERY, "inner_lr": 0.1}
    usual = {"width": 6, "seed": 3, "test_inner_steps": 10, **images}
    return revise(base, {**{name: value for name, value in usual.items() if name in applicable(base)}, **changes})


def make_learner(algorithm: str, network: str, **changes: Any) -> Any:
    """The learner, its head not at zero, its batch-norm scale and shift not at one and zero."""
    config = make_config(algorithm, network, **changes)
    learner: Learner = load(ALGORITHMS[algorithm])(config, SETTINGS[network], CPU)
    perturb(learner.params)
    return learner


def make_episodes(network: str, seed: int = 5) -> Episodes:
    rng = Generator().manual_seed(seed)
    if network == "mlp":
        x = 4 * torch.rand(TASKS, 12, 1, generator=rng) - 2
        y = torch.sin(x + torch.rand(TASKS, 1, 1, generator=rng))
        return Episodes(x[:, :5], y[:, :5], x[:, 5:], y[:, 5:])
    shape = SETTINGS[network].input_shape
    support = torch.rand(TASKS, WAY * SHOT, *shape, generator=rng)
    query = torch.rand(TASKS, WAY * QUERY, *shape, generator=rng)
    labels = torch.arange(WAY)
    classes = torch.stack([torch.randperm(7, generator=rng)[:WAY] for _ in range(TASKS)])
    return Episodes(
        support,
        labels.repeat_interleave(SHOT).expand(TASKS, -1),
        query,
        labels.repeat_interleave(QUERY).expand(TASKS, -1),
        classes=classes,
    )


def naive_gradient(learner: Any, network: str, step: int = 0) -> tuple[dict[str, Tensor], float]:
    """Meta-gradient and meta-loss of the naive loop at a meta-step."""
    loss = MetaLoss(learner.config, make_episodes(network), step)
    return gradient(loss, learner.trainable()), loss(learner.trainable()).item()


def close(ours: dict[str, Tensor], theirs: dict[str, Tensor], tolerance: float = 1e-9) -> None:
    """Equal up to rounding."""
    assert relative_error(ours, theirs) < tolerance
