"""What each word of a sentence does for the answer: the answer once more, without the word."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from metaplay.algorithms.base import Learner
from metaplay.episodes import Episodes
from metaplay.tasks.grams import places
from metaplay.tasks.reading import Reader
from metaplay.training.evaluate import measure
from metaplay.walks import Array, Weighed


def weighed(learner: Learner, task: Episodes, reader: Reader, sentences: Sequence[str], steps: int) -> list[Weighed]:
    """One task's support set is adapted to for `steps` inner steps, and each of the sentences judged alone, whole and without
    each of its words. The classes of the support set share the probability, whatever further outputs there are."""
    texts = with_and_without(sentences)
    query = torch.from_numpy(reader.read(texts)).to(task.support_x)[None]
    labels = torch.zeros(1, len(texts), dtype=torch.long, device=query.device)  # nobody knows them
    asked = replace(task, query_x=query, query_y=labels, query_numbers=None)
    _, outputs = measure(learner, asked, steps)
    way = int(task.support_y.max()) + 1
    return by_words(torch.cat(outputs)[..., :way], sentences, min(steps, learner.test_steps))


def with_and_without(sentences: Sequence[str]) -> list[str]:
    """Each sentence, followed by what it is without each of its words."""
    return [text for sentence in sentences for text in (sentence, *without(sentence))]


def by_words(outputs: Tensor, sentences: Sequence[str], tested: int) -> list[Weighed]:
    """From outputs [K + 1, N, W] for `with_and_without`; the winner is that after `tested` inner steps."""
    shares = outputs.softmax(-1).double().cpu().numpy()
    ends = np.cumsum([1 + len(places(sentence)) for sentence in sentences])
    parts = np.split(shares, ends[:-1], axis=1)
    return [_weighed(part, sentence, tested) for part, sentence in zip(parts, sentences, strict=True)]


def without(sentence: str) -> list[str]:
    """The sentence without its first word, without its second, and so on."""
    return [f"{sentence[:start]} {sentence[end:]}" for start, end in places(sentence)]


def _weighed(shares: Array, sentence: str, tested: int) -> Weighed:
    """From the probabilities [K + 1, 1 + N, W] of the whole sentence and of it without each word."""
    winner = int(shares[tested, 0].argmax())
    influence = shares[:, :1, winner] - shares[:, 1:, winner]
    return Weighed(winner, shares[:, 0], places(sentence), influence)
