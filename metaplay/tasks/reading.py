"""Reads sentences that are of no set, as a network takes them that learnt from one."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from metaplay.config import RunConfig
from metaplay.models.ngrams import BUCKETS
from metaplay.owndata.about import written
from metaplay.registry import PROTOCOLS
from metaplay.tasks.grams import in_buckets, packed, weights
from metaplay.tasks.sentences import sentences, split


class Reader:
    """How rare an n-gram is was counted on `known`: the sentences of a training split."""

    def __init__(self, known: list[str]):
        self.known = known
        self._idf = weights([in_buckets(text, BUCKETS) for text in known], range(len(known)), BUCKETS)

    def read(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The buckets of each sentence's n-grams and their weights, [N, 2, L], as `TextFamily` has them."""
        return packed([in_buckets(text, BUCKETS) for text in texts], self._idf)


def reader(config: RunConfig) -> Reader:
    """The reader of a run on sentences. Raises UserError where the set's files are missing or broken."""
    return _reader(config.family, config.protocol, written(config.family))


@lru_cache(maxsize=6)
def _reader(name: str, protocol: str, _written: int) -> Reader:
    held = sentences(name)
    members = split(name, held, PROTOCOLS[protocol])["train"]
    return Reader([text for number in members for text in held.texts[number]])
