"""What networks say of drawings: each adapts to the drawn classes and then tells the queries apart. On the torch side."""

import numpy as np
import torch
from numpy.typing import NDArray

from metaplay.engine.starting import learner_of, told
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes
from metaplay.training.device import best_device

Images = NDArray[np.uint8]


def drawn(
    store: RunStore, starts: list[str], support: Images, labels: list[int], queries: Images
) -> dict[str, NDArray[np.float32]]:
    """For each starting point the probabilities of the classes [K + 1, Q, W] after 0..K inner steps on the support set.

    support [S, 28, 28] and queries [Q, 28, 28] are images with ink 255 on 0; the classes are 0..W-1, and each has an example.
    Every query is judged alone. A network with more outputs than there are classes adapts with all of them; the first W share
    the probability. Raises UserError as `learner_of` does.
    """
    episodes, way = episode_of(support, labels, queries, best_device()), max(labels) + 1
    learners = {start: learner_of(store, start, "drawable", way) for start in starts}
    return {start: told(learner, episodes).cpu().numpy() for start, learner in learners.items()}


def episode_of(support: Images, labels: list[int], queries: Images, device: torch.device) -> Episodes:
    """One task; its queries have no known class (label 0 stands for that)."""
    x, q = (torch.from_numpy(part).to(device).float().div(255)[None, :, None] for part in (support, queries))
    y = torch.tensor(labels, device=device)[None]
    return Episodes(x, y, q, torch.zeros(1, len(queries), dtype=torch.long, device=device))
