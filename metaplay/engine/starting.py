"""Starting points for tasks that visitors bring, drawn or typed. On the torch side."""

from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.config import RunConfig, applicable, defaults, parse, revise
from metaplay.engine.checkpoint import load_moment, written
from metaplay.engine.shipping import shipped
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes, Split
from metaplay.models.alone import alone
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.tasks.cache import SIDE
from metaplay.tasks.grams import LONGEST
from metaplay.text import Text, UserError
from metaplay.training.device import best_device

SCRATCH_STEPS = 10
"""Steps of the network that learns from scratch: more than the others take, as it starts from nothing."""

Brought = Literal["drawable", "readable"]
"""What visitors bring, by the name of what a family must be to know it: drawings, or sentences."""
_SHAPES: dict[Brought, tuple[int, ...]] = {"drawable": (1, SIDE, SIDE), "readable": (2, LONGEST)}
_REFUSED: dict[Brought, Text] = {
    "drawable": Text(
        "Run {run} is not about images like drawings, grey and 28 pixels large: choose another starting point.",
        "训练 {run} 的数据不是手绘那样的 28 像素灰度图像：请换一个起点。",
    ),
    "readable": Text(
        "Run {run} does not read sentences: choose another starting point.",
        "训练 {run} 读不了句子：请换一个起点。",
    ),
}


@dataclass(frozen=True)
class Visitors:
    """The task family of what visitors bring: what a learner must know of it. It has no episodes of its own."""

    outputs: int
    input_shape: tuple[int, ...]
    train_classes: int = 0
    kind: Literal["classification"] = "classification"
    class_counts: dict[str, int] = field(default_factory=dict)
    split_digest: str = ""

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        raise NotImplementedError("people bring these")

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []


def learner_of(store: RunStore, start: str, brought: Brought, way: int) -> Learner:
    """The learner of a starting point, which judges each query alone. Kept in memory: not to be trained.

    A starting point is "shipped NAME", "scratch" or "scratch FAMILY", or the name of a run. Raises UserError for a run that is
    not there, or is not kept, or has to do with something else, or cannot tell `way` classes apart.
    """
    own = start.startswith(("scratch", "shipped "))
    learner = _learner(store.root, start, brought, 0 if own else written(store, start))
    if way > learner.family.outputs and "head.weight" in learner.params:
        raise UserError(
            Text(
                "{start} tells {most} classes apart, not {way}: take fewer classes or choose another starting point.",
                "{start} 只能区分 {most} 个类别，而不是 {way} 个：请减少类别，或换一个起点。",
            ).fill(start=start, most=learner.family.outputs, way=way)
        )
    return learner


@lru_cache(maxsize=12)
def _learner(root: Path, start: str, brought: Brought, _written: int) -> Learner:
    kind, _, name = start.partition(" ")
    if kind == "scratch":
        config = revise(defaults("scratch", name or "strokes"), {"test_inner_steps": SCRATCH_STEPS})
        return _made(config, brought, {})
    if kind == "shipped":
        snapshot = shipped(name)
        return _made(parse(snapshot.meta["config"]), brought, snapshot.tensors)
    store = RunStore(root)
    config = store.config(start)
    if not getattr(FAMILIES[config.family], brought):
        raise UserError(_REFUSED[brought].fill(run=start))
    return _made(config, brought, load_moment(store, start).tensors)


def _made(config: RunConfig, brought: Brought, tensors: dict[str, Any]) -> Learner:
    device = best_device()
    if "transductive" in applicable(config):
        config = config.model_copy(update={"transductive": False})
    head = tensors.get("params.head.weight")
    family = Visitors(config.way, _SHAPES[brought], train_classes=0 if head is None else head.shape[-1])
    learner: Learner = load(ALGORITHMS[config.algorithm])(config, family, device)
    learner.model = alone(learner.model)
    if tensors:
        learner.load_state({name: value.to(device) for name, value in tensors.items()})
    return learner
