"""Two numbers that tell a task from another are dealt to the splits by the cells of a grid, so that none was trained on."""

import torch
from torch import Generator, Tensor

from metaplay.episodes import Split

CELLS = 20
"""Cells of the grid along each axis."""
HELD_OUT = 0.2
"""Share of the cells that is held out, half of it for validation and half for the test."""


def deal(device: torch.device) -> dict[Split, Tensor]:
    """The numbers of the cells of each split, from 0 to CELLS^2 - 1: the same in every run."""
    order = torch.randperm(CELLS**2, generator=Generator().manual_seed(0)).to(device)
    held = int(HELD_OUT * CELLS**2 / 2)
    return {"val": order[:held], "test": order[held : 2 * held], "train": order[2 * held :]}


def square(cells: Tensor) -> Tensor:
    """Column and row [N, 2] of cells."""
    return torch.stack((cells % CELLS, cells // CELLS), 1)
