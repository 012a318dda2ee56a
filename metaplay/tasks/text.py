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
from metaplay.tasks.grams import LONGEST, in_buckets, packed, weights
from metaplay.tasks.images import distinct
from metaplay.tasks.sentences import Sentences, sentences, split


class TextFamily:
    """N-way K-shot tasks over the set of sentences that `config.family` names: which of so many intents is a sentence of?

    Intents of one split never stand in another; the protocol says whether whole domains are held out. An example is what the
    network needs of a sentence, [2, L]: the buckets of its words and of pieces of its words, and their TF-IDF weights, of
    length 1 together. How rare an n-gram is was counted on the sentences of the training split alone.
    """

    kind = "classification"
    input_shape: tuple[int, ...] = (2, LONGEST)

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device, self.outputs = device, config.way
        held, self.members, self._centroids = _prepared(config.family, config.protocol, written(config.family))
        self.names, self.per_class = held.names, len(held.texts[0])
        self.texts = _every(held)
        self.rows = self._rows(config).to(device)
        if progress:
            progress(1.0)
        self.class_counts = {part: len(numbers) for part, numbers in self.members.items()}
        self.train_classes = self.class_counts["train"]
        self.split_digest = self._digest()
        self._members = {part: torch.tensor(numbers, device=device) for part, numbers in self.members.items()}
        ends = len(self.names) * self.per_class + np.cumsum([0, *map(len, held.outside.values())])
        self._outside = {part: range(*ends[i : i + 2].tolist()) for i, part in enumerate(held.outside)}

    def _rows(self, config: RunConfig) -> Tensor:
        """What the network takes of each sentence."""
        return _packed(config.family, config.protocol, written(config.family))

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

    def outside(self, split: Split, episodes: Episodes, count: int, rng: Generator) -> Tensor | None:
        """At most `count` sentences for each task that are of none of its intents, their numbers [T, O]: of no intent at all,
        where the set has such of this split, else of the split's intents that are not in the task. None where there are none.
        """
        assert episodes.classes is not None
        tasks, way = episodes.classes.shape
        if own := self._outside.get(split):
            return own.start + distinct(min(count, len(own)), len(own), (tasks,), rng)
        intents = self.class_counts[split]
        if intents == way:
            return None
        every = torch.ones(tasks, intents, dtype=torch.bool, device=self.device)
        others = every.scatter(1, episodes.classes, value=False).nonzero()[:, 1].view(tasks, -1)
        available = others.shape[1] * self.per_class
        which = distinct(min(count, available), available, (tasks,), rng)
        intent = others.gather(1, which // self.per_class)
        return self._members[split][intent] * self.per_class + which % self.per_class

    def examples(self, numbers: Tensor) -> Tensor:
        """What the network takes of the sentences of these numbers [...], as the episodes have it."""
        return self.rows[numbers]

    def floor(self, episodes: Episodes) -> Tensor:
        """Accuracy of nearest centroid by TF-IDF of each task [T]: no learning, and no network."""
        assert episodes.query_numbers is not None
        answers = self.cosines(episodes, episodes.query_numbers).argmax(-1)
        return (answers == episodes.query_y.cpu()).double().mean(1)

    def cosines(self, episodes: Episodes, numbers: Tensor) -> Tensor:
        """By TF-IDF, of the sentences of these numbers [T, N] with the mean of each class of their task, [T, N, way]."""
        assert episodes.support_numbers is not None
        tasks = zip(episodes.support_numbers, episodes.support_y, numbers, strict=True)
        found = [self._centroids.cosines(*(part.cpu().numpy() for part in task)) for task in tasks]
        return torch.from_numpy(np.stack(found))

    def _digest(self) -> str:
        """Which intents are in which split, and what their sentences are, as 12 hexadecimal digits."""
        membership = {part: [self.names[number] for number in numbers] for part, numbers in self.members.items()}
        texts = self.texts[: len(self.names) * self.per_class]
        return hashlib.sha256(json.dumps([membership, texts]).encode()).hexdigest()[:12]


def _every(held: Sentences) -> list[str]:
    """All sentences: those of the intents, and after them those of none."""
    return [text for own in (*held.texts, *held.outside.values()) for text in own]


def _fitted(held: Sentences, members: dict[str, list[int]]) -> list[int]:
    """The numbers of the training split's sentences."""
    per_class = len(held.texts[0])
    return [number * per_class + i for number in members["train"] for i in range(per_class)]


@lru_cache(maxsize=4)
def _prepared(name: str, protocol: str, _written: int) -> tuple[Sentences, dict[str, list[int]], NearestCentroid]:
    """The set, its splits, and the floor. Kept: it takes seconds."""
    held = sentences(name)
    members = split(name, held, PROTOCOLS[protocol])
    return held, members, NearestCentroid(_every(held), _fitted(held, members))


@lru_cache(maxsize=4)
def _packed(name: str, protocol: str, written: int) -> Tensor:
    """Every sentence as the buckets of its n-grams and their weights, [sentences, 2, L]. Kept: it takes seconds."""
    held, members, _ = _prepared(name, protocol, written)
    rows = [in_buckets(text, BUCKETS) for text in _every(held)]
    return torch.from_numpy(packed(rows, weights(rows, _fitted(held, members), BUCKETS)))
