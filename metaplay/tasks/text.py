"""Episodes of sentences: few-shot intent classification."""

import hashlib
import json
from collections.abc import Callable
from functools import lru_cache

import numpy as np
import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Episodes, Split
from metaplay.models.ngrams import BUCKETS
from metaplay.owndata.about import written
from metaplay.registry import PROTOCOLS
from metaplay.tasks.floor import NearestCentroid
from metaplay.tasks.grams import LONGEST, bucket, counted, grams, weights
from metaplay.tasks.images import distinct
from metaplay.tasks.sentences import Sentences, sentences, split


class TextFamily:
    """N-way K-shot tasks over the set of sentences that `config.family` names: which of so many intents is a sentence of?

    Intents of one split never stand in another; the protocol says whether whole domains are held out. An example is what the
    network needs of a sentence, [2, L]: the buckets of its words and of pieces of its words, and their TF-IDF weights, of
    length 1 together. How rare an n-gram is was counted on the sentences of the training split alone.
    """

    kind = "classification"
    input_shape = (2, LONGEST)

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device, self.outputs = device, config.way
        held, self.members, rows, self._centroids = _prepared(config.family, config.protocol, written(config.family))
        if progress:
            progress(1.0)
        self.names, self.per_class = held.names, len(held.texts[0])
        self.texts = [text for own in held.texts for text in own]
        self.rows = rows.to(device)
        self.class_counts = {part: len(numbers) for part, numbers in self.members.items()}
        self.train_classes = self.class_counts["train"]
        self.split_digest = self._digest()
        self._members = {part: torch.tensor(numbers, device=device) for part, numbers in self.members.items()}

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        """Draw `tasks` episodes with `shot` support and `query` query sentences an intent; none is in both sets."""
        way = way or self.outputs
        chosen = distinct(way, self.class_counts[split], (tasks,), rng)
        which = distinct(shot + query, self.per_class, (tasks, way), rng)
        numbers = self._members[split][chosen].unsqueeze(-1) * self.per_class + which
        support, query_numbers = numbers[..., :shot].flatten(1), numbers[..., shot:].flatten(1)
        labels = torch.arange(way, device=self.device)
        return Episodes(
            self.rows[support],
            labels.repeat_interleave(shot).expand(tasks, -1),
            self.rows[query_numbers],
            labels.repeat_interleave(query).expand(tasks, -1),
            classes=chosen,
            support_numbers=support,
            query_numbers=query_numbers,
        )

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        """Names of intents, as `sample` numbers them."""
        return [self.names[self.members[split][number]].replace("_", " ") for number in classes.tolist()]

    def sentences(self, numbers: Tensor) -> list[str]:
        """The sentences of these numbers, as the episodes have them."""
        return [self.texts[number] for number in numbers.tolist()]

    def floor(self, episodes: Episodes) -> Tensor:
        """Accuracy of nearest centroid by TF-IDF of each task [T]: no learning, and no network."""
        assert episodes.support_numbers is not None
        assert episodes.query_numbers is not None
        tasks = zip(episodes.support_numbers, episodes.support_y, episodes.query_numbers, episodes.query_y, strict=True)
        found = [self._centroids.accuracy(*(part.cpu().numpy() for part in task)) for task in tasks]
        return torch.tensor(found, dtype=torch.double)

    def _digest(self) -> str:
        """Which intents are in which split, and what their sentences are, as 12 hexadecimal digits."""
        membership = {part: [self.names[number] for number in numbers] for part, numbers in self.members.items()}
        return hashlib.sha256(json.dumps([membership, self.texts]).encode()).hexdigest()[:12]


@lru_cache(maxsize=4)
def _prepared(
    name: str, protocol: str, _written: int
) -> tuple[Sentences, dict[str, list[int]], Tensor, NearestCentroid]:
    """The set, its splits, every sentence as a network takes it [sentences, 2, L], and the floor. Kept: it takes seconds."""
    held = sentences(name)
    members = split(name, held, PROTOCOLS[protocol])
    per_class = len(held.texts[0])
    texts = [text for own in held.texts for text in own]
    fitted = [number * per_class + i for number in members["train"] for i in range(per_class)]
    rows = [[bucket(gram, BUCKETS) for gram in grams(text)] for text in texts]
    idf = weights(rows, fitted, BUCKETS)
    packed = np.zeros((len(texts), 2, LONGEST), np.float32)
    for i, row in enumerate(rows):
        terms, values = counted(row, idf)
        packed[i, 0, : len(terms)], packed[i, 1, : len(terms)] = terms, values
    return held, members, torch.from_numpy(packed), NearestCentroid(texts, fitted)
