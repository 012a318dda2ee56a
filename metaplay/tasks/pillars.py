"""Round pillars that agents slide along: collision of all agents with all pillars at once."""

import torch
from torch import Tensor

from metaplay.config.pillars import PILLARS, RADIUS

_TINY = 1e-12


def slide(place: Tensor, move: Tensor) -> Tensor:
    """Where agents at `place` [..., 2] come to by moves [..., 2] if there are pillars in the way.

    A move goes straight up to the pillar that it meets; of what is left of it only the part along the pillar's edge counts. It meets a
    pillar wherever its whole line does, so that none is jumped over.
    """
    centres = place.new_tensor(PILLARS)
    off = place.unsqueeze(-2) - centres  # [..., P, 2]
    towards = (move.unsqueeze(-2) * off).sum(-1)  # below 0 where the move goes nearer
    length = move.square().sum(-1, keepdim=True)
    under = towards.square() - length * (off.square().sum(-1) - RADIUS**2)
    met = ((-towards - under.clamp(min=0).sqrt()) / length.clamp(min=_TINY)).clamp(min=0)  # share of the move
    share = torch.where((towards < 0) & (under > 0), met, torch.inf)
    share, which = share.min(-1, keepdim=True)
    edge = place + share.clamp(max=1) * move
    outwards = (edge - centres[which.squeeze(-1)]) / RADIUS
    left = (1 - share.clamp(max=1)) * move
    along = left - (left * outwards).sum(-1, keepdim=True) * outwards
    return torch.where(share < 1, edge + along, place + move)


def free(corners: Tensor, side: float) -> Tensor:
    """Which squares [N], told by their lower left corners [N, 2], have no point in a pillar."""
    centres = corners.new_tensor(PILLARS)
    nearest = torch.minimum(torch.maximum(centres, corners.unsqueeze(-2)), corners.unsqueeze(-2) + side)
    return (torch.linalg.vector_norm(nearest - centres, dim=-1) > RADIUS).all(-1)
