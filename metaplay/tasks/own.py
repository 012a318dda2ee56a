"""Episodes of images that people brought: classes of any number of images, in grey or in colour, of any size."""

import hashlib
import json
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Split
from metaplay.owndata.about import of_family
from metaplay.owndata.storing import images
from metaplay.tasks.images import ImageFamily, distinct


class OwnImages(ImageFamily):
    """N-way K-shot tasks over a set of one's own; which class is in which split was settled when it was added.

    Raises UserError if the set is not here any more.
    """

    def _load(self, config: RunConfig, progress: Callable[[float], None] | None) -> None:
        pixels, known = images(config.family), of_family(config.family)
        assert known is not None
        self.names = [one.name for one in known.classes]
        self.members = {
            split: [i for i, one in enumerate(known.classes) if one.split == split] for split in known.sizes()
        }
        self.pixels = torch.from_numpy(pixels).to(self.device)  # [images, C, H, W], class by class
        self.counts = torch.tensor([one.count for one in known.classes], device=self.device)
        self.starts = self.counts.cumsum(0) - self.counts
        self.content = hashlib.sha256(pixels.tobytes()).hexdigest()
        if progress:
            progress(1.0)

    def _which(self, split: Split, members: Tensor, count: int, rng: Generator) -> Tensor:
        return self.starts[members].unsqueeze(-1) + distinct(count, self.counts[members], tuple(members.shape), rng)

    def _digest(self) -> str:
        membership = {split: [self.names[number] for number in members] for split, members in self.members.items()}
        return hashlib.sha256(json.dumps([membership, self.content], sort_keys=True).encode()).hexdigest()[:12]
