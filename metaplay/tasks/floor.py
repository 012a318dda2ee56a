"""The floor of text: TF-IDF and the nearest centroid. No learning, no network, no torch."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from metaplay.tasks.grams import counted, weights, words

Numbers = NDArray[np.int64]


class NearestCentroid:
    """A class is the mean of its support sentences' TF-IDF vectors of words, and a query is of the class whose mean has the
    smallest angle to it. How rare a word is was counted on the sentences `fitted` (those of the training split)."""

    def __init__(self, texts: Sequence[str], fitted: Iterable[int]):
        numbers: dict[str, int] = {}
        rows = [[numbers.setdefault(word, len(numbers)) for word in words(text)] for text in texts]
        idf = weights(rows, fitted, len(numbers))
        self._terms = [counted(row, idf) for row in rows]

    def cosines(self, support: Numbers, labels: Numbers, query: Numbers) -> NDArray[np.float32]:
        """Of each query of one task with the mean of each class, [Q, way], from the numbers of sentences [S] and [Q]."""
        vectors = self._vectors([*support.tolist(), *query.tolist()])
        known, asked = vectors[: len(support)], vectors[len(support) :]
        centroids = np.stack([known[labels == label].mean(0) for label in range(labels.max() + 1)])
        centroids /= np.maximum(np.linalg.norm(centroids, axis=1, keepdims=True), 1e-12)
        return asked @ centroids.T

    def _vectors(self, sentences: list[int]) -> NDArray[np.float32]:
        """One row a sentence, one column a word that is in any of them."""
        terms, columns = np.unique(np.concatenate([self._terms[i][0] for i in sentences]), return_inverse=True)
        rows = np.repeat(np.arange(len(sentences)), [len(self._terms[i][0]) for i in sentences])
        vectors = np.zeros((len(sentences), len(terms)), np.float32)
        vectors[rows, columns] = np.concatenate([self._terms[i][1] for i in sentences])
        return vectors
