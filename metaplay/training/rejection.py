"""Out-of-scope queries: how well an adapted learner says "none of these", by the probability of its most likely class."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner
from metaplay.episodes import Episodes, Split, WordedFamily
from metaplay.events import Rejection
from metaplay.training.fixed import fixed_tasks, mean_ci95

SEED = {"train": 7_011, "val": 7_012, "test": 7_013}
"""Seeds of the out-of-scope queries of the fixed tasks."""
QUERIES = 50
"""Out-of-scope queries of a task, at most; usually there are as many as others."""
CHOOSING = 200
"""Validation tasks that the threshold is chosen on, at most."""
BINS = 20


@dataclass(frozen=True)
class Scores:
    """The scores of T tasks: of queries in scope [T, Q] and whether each is told `right`, and of those out of scope [T, O]."""

    inside: Tensor
    right: Tensor
    outside: Tensor


def rejection(
    learner: Learner, family: WordedFamily, device: torch.device, tasks: int, split: Split
) -> tuple[Rejection, Rejection] | None:
    """The learner's and the floor's on the fixed tasks of a split, each by a threshold of its own that was chosen on the
    validation split. None where a split has nothing that is out of scope. Changes nothing."""
    choosing = _scores(learner, family, device, min(tasks, CHOOSING), "val")
    asked = _scores(learner, family, device, tasks, split)
    if choosing is None or asked is None:
        return None
    ours, floor = (judged(one, threshold(known)) for known, one in zip(choosing, asked, strict=True))
    return ours, floor


def threshold(scores: Scores) -> float:
    """Where the share of out-of-scope queries with a lower score and the share of the others that have no lower one and are
    told right are greatest together, over all tasks."""
    inside, outside = scores.inside[scores.right].sort()[0], scores.outside.flatten().sort()[0]
    values = torch.cat((inside, outside)).unique()
    rejected = torch.searchsorted(outside, values) / outside.numel()
    lost = torch.searchsorted(inside, values) / scores.inside.numel()
    return values[(rejected - lost).argmax()].item()


def judged(scores: Scores, at: float) -> Rejection:
    """What comes of a threshold."""
    rejected = (scores.outside < at).double().mean(1)
    kept = (scores.right & (scores.inside >= at)).double().mean(1)
    means, ci95 = mean_ci95(torch.stack((rejected, kept, auroc(scores.inside, scores.outside))))
    figures = list(zip(means, ci95, strict=True))
    return Rejection(
        threshold=at,
        rejected=figures[0],
        kept=figures[1],
        auroc=figures[2],
        inside=_counts(scores.inside),
        outside=_counts(scores.outside),
    )


def auroc(inside: Tensor, outside: Tensor) -> Tensor:
    """Of each task [T]: how often a score of `inside` [T, Q] is higher than one of `outside` [T, O]; equal ones count half."""
    ordered = outside.sort(1)[0]
    lower = torch.searchsorted(ordered, inside) + torch.searchsorted(ordered, inside, right=True)
    return lower.double().mean(1) / (2 * outside.shape[1])


def _counts(scores: Tensor) -> list[int]:
    return scores.float().cpu().clamp(0, 1).histc(BINS, 0, 1).int().tolist()


def _scores(
    learner: Learner, family: WordedFamily, device: torch.device, tasks: int, split: Split
) -> tuple[Scores, Scores] | None:
    """The learner's, by its largest probability, and the floor's, by its largest cosine."""
    found = list(_asked(learner, family, device, tasks, split))
    if not found:
        return None
    ours, floor = zip(*found, strict=True)
    return _together(ours), _together(floor)


@torch.no_grad()
def _asked(
    learner: Learner, family: WordedFamily, device: torch.device, tasks: int, split: Split
) -> Iterator[tuple[Scores, Scores]]:
    config, rng = learner.config, Generator(device).manual_seed(SEED[split])
    for episodes in fixed_tasks(config, family, split, tasks, config.query, device):
        numbers = family.outside(split, episodes, min(QUERIES, config.query * config.way), rng)
        if numbers is None:
            return
        assert episodes.query_numbers is not None
        fast = deque(learner.adapt(episodes, learner.test_steps), maxlen=1).pop()
        others = replace(episodes, query_x=family.examples(numbers))
        ours = [learner.predict(fast, one, learner.test_steps).softmax(-1) for one in (episodes, others)]
        floor = [family.cosines(episodes, own) for own in (episodes.query_numbers, numbers)]
        yield _of(episodes, *ours), _of(episodes, *floor)


def _of(episodes: Episodes, inside: Tensor, outside: Tensor) -> Scores:
    """From what is said of each class, [T, N, way]."""
    right = inside.argmax(-1).cpu() == episodes.query_y.cpu()
    return Scores(inside.amax(-1).cpu(), right, outside.amax(-1).cpu())


def _together(parts: tuple[Scores, ...]) -> Scores:
    return Scores(*(torch.cat([getattr(part, name) for part in parts]) for name in ("inside", "right", "outside")))
