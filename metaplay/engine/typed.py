"""What networks say of a typed sentence: each adapts to the typed intents and then judges it. On the torch side."""

from functools import lru_cache

import numpy as np
import torch

from metaplay.algorithms.base import Learner
from metaplay.config import defaults
from metaplay.engine import adapting
from metaplay.engine.starting import learner_of
from metaplay.engine.store import RunStore
from metaplay.episodes import Episodes
from metaplay.tasks.floor import NearestCentroid
from metaplay.tasks.reading import reader
from metaplay.training.device import best_device, one_thread
from metaplay.training.influence import by_words, with_and_without
from metaplay.walks import Array, Typed, Weighed


def typed(store: RunStore, starts: list[str], support: list[str], labels: list[int], query: str, floor: str) -> Typed:
    """What each starting point says of the sentence `query` after 0..K inner steps on the sentences `support`.

    The classes are 0..W-1, and each has an example. TF-IDF counts how rare words are on the training split of the family
    `floor`. Raises UserError as `learner_of` does, and where files of a run's sentences are missing.
    """
    learners = {start: learner_of(store, start, "readable", max(labels) + 1) for start in starts}
    with one_thread():
        found = {start: _asked(learner, support, labels, query) for start, learner in learners.items()}
    return Typed(found, _cosines(support, labels, query, floor))


def _asked(learner: Learner, support: list[str], labels: list[int], query: str) -> Weighed:
    task, parts = adapted(learner, tuple(support), tuple(labels))
    asked = torch.from_numpy(reader(learner.config).read(with_and_without([query]))).to(task.support_x)[None]
    outputs = adapting.judged(learner, parts, task, asked)
    return by_words(outputs[..., : max(labels) + 1], [query], learner.test_steps)[0]


@lru_cache(maxsize=adapting.KEPT)
def adapted(learner: Learner, support: tuple[str, ...], labels: tuple[int, ...]) -> tuple[Episodes, adapting.Adapted]:
    """The task of these sentences, and the learner adapted to it: kept, so that what is typed next costs no inner step."""
    device, read = best_device(), reader(learner.config)
    x = torch.from_numpy(read.read(support)).to(device)[None]
    y = torch.tensor(labels, device=device)[None]
    task = Episodes(x, y, x[:, :1], y[:, :1])
    return task, adapting.adapted(learner, task)


def _cosines(support: list[str], labels: list[int], query: str, family: str) -> Array:
    known = reader(defaults("scratch", family)).known
    centroids = NearestCentroid([*known, *support, query], range(len(known)))
    numbers = len(known) + np.arange(len(support) + 1)
    return centroids.cosines(numbers[:-1], np.array(labels), numbers[-1:])[0].astype(float)
