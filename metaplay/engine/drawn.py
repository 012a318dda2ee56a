"""What networks say of drawings: each adapts to the drawn classes and then tells the queries apart. On the torch side."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from metaplay.algorithms.base import Learner
from metaplay.engine.starting import learner_of
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes
from metaplay.models.base import Params, Stats
from metaplay.tasks.cache import SIDE
from metaplay.training.device import best_device, one_thread

KEPT = 12
"""Adaptations that are kept, some megabytes each: a few visitors' support sets, with a few starting points each."""

Images = NDArray[np.uint8]


def drawn(
    store: RunStore, starts: list[str], support: Images, labels: list[int], queries: Images
) -> dict[str, NDArray[np.float32]]:
    """For each starting point the probabilities of the classes [K + 1, Q, W] after 0..K inner steps on the support set.

    support [S, 28, 28] and queries [Q, 28, 28] are images with ink 255 on 0; the classes are 0..W-1, and each has an example.
    Every query is judged alone. A network with more outputs than there are classes adapts with all of them; the first W share
    the probability. Raises UserError as `learner_of` does.
    """
    episodes = episode_of(support, labels, queries, best_device())
    learners = {start: learner_of(store, start, "drawable", max(labels) + 1) for start in starts}
    with one_thread():
        return {start: told(learner, support, labels, episodes) for start, learner in learners.items()}


@torch.no_grad()
def told(learner: Learner, support: Images, labels: list[int], episodes: Episodes) -> NDArray[np.float32]:
    """Probabilities of the classes [K + 1, Q, W] after each inner step on this support set, that of the one task."""
    parts = adapted(learner, support.tobytes(), tuple(labels))
    outputs = [learner.predict(fast, episodes, k, stats) for k, (fast, stats) in enumerate(parts)]
    return torch.cat(outputs)[..., : max(labels) + 1].softmax(-1).cpu().numpy()


@lru_cache(maxsize=KEPT)
@torch.no_grad()
def adapted(learner: Learner, support: bytes, labels: tuple[int, ...]) -> list[tuple[Params, Stats | None]]:
    """The weights after 0..K inner steps and what then normalises queries, kept for the next query: those of all steps side by
    side, as if of so many tasks, where the network acts alike after all of them; else one after another."""
    images = np.frombuffer(bytearray(support), np.uint8).reshape(-1, SIDE, SIDE)
    episodes = episode_of(images, list(labels), images[:0], best_device())
    walk = list(learner.adapt(episodes, learner.test_steps))
    parts = walk if learner.by_step else [side_by_side(learner, walk)]
    return [(fast, learner.judging(fast, episodes, k)) for k, fast in enumerate(parts)]


def side_by_side(learner: Learner, walk: list[Params]) -> Params:
    """Weights of one task, of which some [1, ...] are its own, as those of many tasks."""
    shared = [name for name, value in learner.params.items() if value.dim() == walk[0][name].dim()]
    return {
        name: value if name in shared else torch.cat([fast[name] for fast in walk]) for name, value in walk[0].items()
    }


def episode_of(support: Images, labels: list[int], queries: Images, device: torch.device) -> Episodes:
    """One task; its queries have no known class (label 0 stands for that)."""
    x, q = (torch.from_numpy(part).to(device).float().div(255)[None, :, None] for part in (support, queries))
    y = torch.tensor(labels, device=device)[None]
    return Episodes(x, y, q, torch.zeros(1, len(queries), dtype=torch.long, device=device))
