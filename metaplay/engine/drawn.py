"""What networks say of drawings: each adapts to the drawn classes and then tells the queries apart. On the torch side."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.config import RunConfig, defaults, parse, revise
from metaplay.engine.checkpoint import load_moment, written
from metaplay.engine.shipping import shipped
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes, Split
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.tasks.cache import SIDE
from metaplay.text import Text, UserError
from metaplay.training.device import best_device
from metaplay.training.evaluate import measure
from metaplay.training.kept import in_manner

SCRATCH_STEPS = 10
"""Steps of the network that learns from scratch: more than the others take, as it starts from nothing."""

Images = NDArray[np.uint8]


@dataclass(frozen=True)
class Canvas:
    """The task family of what visitors draw: what a learner must know of it. It has no episodes of its own."""

    outputs: int
    train_classes: int = 0
    kind: Literal["classification"] = "classification"
    input_shape: tuple[int, ...] = (1, SIDE, SIDE)
    class_counts: dict[str, int] = field(default_factory=dict)
    split_digest: str = ""

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        raise NotImplementedError("people draw these")

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []


def drawn(
    store: RunStore, starts: list[str], support: Images, labels: list[int], queries: Images
) -> dict[str, NDArray[np.float32]]:
    """For each starting point the probabilities of the classes [K + 1, Q, W] after 0..K inner steps on the support set.

    support [S, 28, 28] and queries [Q, 28, 28] are images with ink 255 on 0; the classes are 0..W-1, and each has an example.
    A starting point is "shipped NAME", "scratch", or the name of a run. Every query is judged alone. A network with more
    outputs than there are classes adapts with all of them; the first W share the probability. Raises UserError for a run that
    is not there, or is not kept, or cannot tell so many classes of images apart.
    """
    device = best_device()
    answers = {}
    for start in starts:
        learner = learner_of(store, start)
        _check_outputs(learner, start, max(labels) + 1)
        answers[start] = told(learner, episode_of(support, labels, queries, device)).cpu().numpy()
    return answers


def learner_of(store: RunStore, start: str) -> Learner:
    """The learner of a starting point, which judges each query alone. Kept in memory: not to be trained."""
    own = start == "scratch" or start.startswith("shipped ")
    return _learner(store.root, start, 0 if own else written(store, start))


def episode_of(support: Images, labels: list[int], queries: Images, device: torch.device) -> Episodes:
    """One task; its queries have no known class (label 0 stands for that)."""
    x, q = (torch.from_numpy(part).to(device).float().div(255)[None, :, None] for part in (support, queries))
    y = torch.tensor(labels, device=device)[None]
    return Episodes(x, y, q, torch.zeros(1, len(queries), dtype=torch.long, device=device))


def told(learner: Learner, episodes: Episodes) -> Tensor:
    """Probabilities of the classes [K + 1, Q, W] after each inner step of one task."""
    way = int(episodes.support_y.max()) + 1
    _, outputs = measure(learner, episodes, learner.test_steps)
    return torch.cat(outputs)[..., :way].softmax(-1)


@lru_cache(maxsize=8)
def _learner(root: Path, start: str, _written: int) -> Learner:
    if start == "scratch":
        config = revise(defaults("scratch", "strokes"), {"test_inner_steps": SCRATCH_STEPS, "transductive": False})
        return _made(config, {})
    if start.startswith("shipped "):
        snapshot = shipped(start.removeprefix("shipped "))
        return _made(parse(snapshot.meta["config"]), snapshot.tensors)
    store = RunStore(root)
    config = store.config(start)
    if not FAMILIES[config.family].drawable:
        raise UserError(
            Text(
                "Run {run} is not about images like drawings, grey and 28 pixels large: choose another starting point.",
                "训练 {run} 的数据不是手绘那样的 28 像素灰度图像：请换一个起点。",
            ).fill(run=start)
        )
    return _made(in_manner(config, False), load_moment(store, start).tensors)


def _made(config: RunConfig, tensors: dict[str, Any]) -> Learner:
    device = best_device()
    head = tensors.get("params.head.weight")
    family = Canvas(config.way, train_classes=0 if head is None else head.shape[-1])
    learner: Learner = load(ALGORITHMS[config.algorithm])(config, family, device)
    if tensors:
        learner.load_state({name: value.to(device) for name, value in tensors.items()})
    return learner


def _check_outputs(learner: Learner, start: str, way: int) -> None:
    if way > learner.family.outputs and "head.weight" in learner.params:
        raise UserError(
            Text(
                "{start} tells {most} classes apart, not {way}: draw fewer classes or choose another starting point.",
                "{start} 只能区分 {most} 个类别，而不是 {way} 个：请少画几个类别，或换一个起点。",
            ).fill(start=start, most=learner.family.outputs, way=way)
        )
