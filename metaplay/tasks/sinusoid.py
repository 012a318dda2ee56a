"""Few-shot regression of sine waves, exactly as in Finn et al. 2017, section 5.1 and the authors' code."""

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig
from metaplay.episodes import Episodes, Split

AMPLITUDE = (0.1, 5.0)
PHASE = (0.0, math.pi)
INPUT = (-5.0, 5.0)


class Sinusoid:
    """y = A sin(x - phi), A ~ U[0.1, 5], phi ~ U[0, pi], x ~ U[-5, 5]. No noise, no splits: every task is new."""

    kind = "regression"
    input_shape = (1,)
    outputs = 1
    train_classes = 0
    split_digest = ""
    interval = INPUT

    def __init__(self, config: RunConfig, device: torch.device, progress: Callable[[float], None] | None = None):
        self.device = device
        self.class_counts: dict[str, int] = {}

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        """Episodes of `shot` support and `query` query points; x and y are [T, S, 1]. Curves have no ways."""
        draw = torch.rand(tasks, 2 + shot + query, generator=rng, device=self.device)
        amplitude = AMPLITUDE[0] + (AMPLITUDE[1] - AMPLITUDE[0]) * draw[:, 0]
        phase = PHASE[0] + (PHASE[1] - PHASE[0]) * draw[:, 1]
        latent = torch.stack((amplitude, phase), 1)
        x = (INPUT[0] + (INPUT[1] - INPUT[0]) * draw[:, 2:]).unsqueeze(-1)
        y = self.curve(latent, x)
        return Episodes(x[:, :shot], y[:, :shot], x[:, shot:], y[:, shot:], latent=latent)

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        return []

    def curve(self, latent: Tensor, x: Tensor) -> Tensor:
        """The true curves; latent [T, 2] is amplitude and phase."""
        return latent[:, 0, None, None] * torch.sin(x - latent[:, 1, None, None])
