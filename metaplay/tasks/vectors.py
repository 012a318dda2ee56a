"""Episodes of sentences that people brought together with their vectors, from a model of their own."""

import hashlib

import torch
from torch import Tensor
from torch.nn import functional as F

from metaplay.config import RunConfig
from metaplay.owndata.about import of_family
from metaplay.owndata.storing import vectors
from metaplay.tasks.text import TextFamily


class VectorFamily(TextFamily):
    """As `TextFamily`, but an example is the vector that came with its sentence, [D], brought to length sqrt(D), so that its
    numbers are about 1 in size and only directions count, as between sentence vectors they do. Nothing in them is learned.

    Raises UserError if the set is not here any more.
    """

    def _rows(self, config: RunConfig) -> Tensor:
        known = of_family(config.family)
        assert known is not None
        own = torch.from_numpy(vectors(config.family)).split([one.count for one in known.classes])
        rows = torch.cat([one[: self.per_class] for one in own])
        self.input_shape = (known.dims,)
        return known.dims**0.5 * F.normalize(rows, dim=-1)

    def _digest(self) -> str:
        return hashlib.sha256(super()._digest().encode() + self.rows.cpu().numpy().tobytes()).hexdigest()[:12]
