"""Meta-SGD (Li et al. 2017, "Meta-SGD: Learning to Learn Quickly for Few-Shot Learning")."""

import torch
from torch import Tensor

from metaplay.algorithms.maml import Maml
from metaplay.config import RunConfig
from metaplay.episodes import TaskFamily
from metaplay.models.base import Params


class MetaSgd(Maml):
    """MAML that also learns an inner rate for every single weight (Algorithm 1): fast = theta - alpha * grad, elementwise.

    alpha has the shape of theta, starts at the inner rate everywhere and is learned together with theta by the same outer
    optimiser; it may become negative, as in the paper. The same alpha serves every inner step of training.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        self.rates: Params = {}
        super().__init__(config, family, device)

    def trainable(self) -> Params:
        if not self.rates:
            self.rates = {
                f"rate.{name}": torch.full_like(self.params[name], self.config.inner_lr).requires_grad_()
                for name in self.adapted
            }
        return {**self.params, **self.rates}

    def rate(self, name: str, inner_step: int) -> float | Tensor:
        """Beyond the trained steps the rate that all started from, as for MAML++: alpha, learned for one step, was seen to end
        in infinity when it was used again and again."""
        if inner_step >= self.config.inner_steps:
            return super().rate(name, inner_step)
        return self.rates[f"rate.{name}"]

    def learned_rates(self) -> dict[str, list[float]]:
        """The mean over each parameter's weights; one set serves all steps."""
        return {name.removeprefix("rate."): [value.mean().item()] for name, value in self.rates.items()}
