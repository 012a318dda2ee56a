"""What networks say of drawings: each adapts to the drawn classes and then tells the queries apart. On the torch side."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray

from metaplay.algorithms.base import Learner
from metaplay.engine import adapting
from metaplay.engine.starting import learner_of
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes
from metaplay.tasks.cache import SIDE
from metaplay.training.device import best_device, one_thread

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


def told(learner: Learner, support: Images, labels: list[int], episodes: Episodes) -> NDArray[np.float32]:
    """Probabilities of the classes [K + 1, Q, W] after each inner step on this support set, that of the one task."""
    parts = adapted(learner, support.tobytes(), tuple(labels))
    outputs = adapting.judged(learner, parts, episodes, episodes.query_x)
    return outputs[..., : max(labels) + 1].softmax(-1).cpu().numpy()


@lru_cache(maxsize=adapting.KEPT)
def adapted(learner: Learner, support: bytes, labels: tuple[int, ...]) -> adapting.Adapted:
    """The learner adapted to these images and labels, kept for the next query."""
    images = np.frombuffer(bytearray(support), np.uint8).reshape(-1, SIDE, SIDE)
    episodes = episode_of(images, list(labels), images[:0], best_device())
    return adapting.adapted(learner, episodes)


def episode_of(support: Images, labels: list[int], queries: Images, device: torch.device) -> Episodes:
    """One task; its queries have no known class (label 0 stands for that)."""
    x, q = (torch.from_numpy(part).to(device).float().div(255)[None, :, None] for part in (support, queries))
    y = torch.tensor(labels, device=device)[None]
    return Episodes(x, y, q, torch.zeros(1, len(queries), dtype=torch.long, device=device))
