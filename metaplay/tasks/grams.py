"""Sentences as counted words, to compare by TF-IDF, and as words and pieces of words in numbered buckets. No torch."""

import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?|[\u3400-\u9fff]")
_IN_PLACE = re.compile(r"[A-Za-z0-9]+(?:['’][A-Za-z]+)?|[\u3400-\u9fff]")
CHARACTERS = (3, 4)
"""Lengths of the pieces that words are cut into."""
LONGEST = 128
"""The most n-grams of a sentence that are kept: words first, then pieces of words."""


def words(text: str) -> list[str]:
    """The words of a sentence in small letters; of Chinese, which has no spaces, the characters."""
    return _WORD.findall(text.lower().replace("’", "'"))


def places(text: str) -> list[tuple[int, int]]:
    """Where the words of a sentence stand in it, from and to."""
    return [found.span() for found in _IN_PLACE.finditer(text)]


def grams(text: str) -> list[str]:
    """The words of a sentence, and pieces of each word of a few letters, its ends marked. (Pairs of words were of no use.)"""
    found = words(text)
    pieces = [
        f"#{edged[i : i + length]}"
        for edged in (f"<{word}>" for word in found if len(word) > 1)
        for length in CHARACTERS
        for i in range(len(edged) - length + 1)
    ]
    return [*found, *pieces]


def bucket(gram: str, buckets: int) -> int:
    """The number of an n-gram, 0..buckets-1: by CRC-32, the same in every process and on every machine."""
    return zlib.crc32(gram.encode()) % buckets


def weights(rows: Sequence[Sequence[int]], fitted: Iterable[int], size: int) -> NDArray[np.float32]:
    """How much each of `size` terms tells, by how rare it is in the rows `fitted`: log((1 + n) / (1 + rows with it)) + 1."""
    seen, count = np.zeros(size), 0
    for row in fitted:
        seen[list(set(rows[row]))] += 1
        count += 1
    return (np.log((1 + count) / (1 + seen)) + 1).astype(np.float32)


def counted(
    row: Sequence[int], idf: NDArray[np.float32], longest: int = LONGEST
) -> tuple[list[int], NDArray[np.float32]]:
    """The different terms of a row, at most `longest`, and their counts times `idf`, of length 1 together (TF-IDF)."""
    counts = list(Counter(row).items())[:longest]
    terms = [term for term, _ in counts]
    values = np.array([count for _, count in counts], np.float32) * idf[terms]
    return terms, values / max(float(np.linalg.norm(values)), 1e-12)


def in_buckets(text: str, buckets: int) -> list[int]:
    """A sentence as the buckets of its n-grams."""
    return [bucket(gram, buckets) for gram in grams(text)]


def packed(rows: Sequence[Sequence[int]], idf: NDArray[np.float32]) -> NDArray[np.float32]:
    """Sentences in buckets as a network takes them, [N, 2, L]: the buckets of each, and their weights as `counted` has them."""
    together = np.zeros((len(rows), 2, LONGEST), np.float32)
    for place, row in zip(together, rows, strict=True):
        terms, values = counted(row, idf)
        place[0, : len(terms)], place[1, : len(terms)] = terms, values
    return together
