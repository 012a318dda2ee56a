"""The Gaussian policy of continuous control: an MLP gives the mean, a learned number for each action its log-deviation."""

import math

import torch
from torch import Generator, Tensor

from metaplay.models.base import Params, Stats, linear
from metaplay.models.mlp import LAYERS, Mlp

LOG_STD = "log_std"


class GaussianPolicy:
    """pi(a | s) = N(mean(s), diag(std^2)), the mean from two hidden layers with ReLU; std does not depend on s and starts at 1.

    Finn et al. 2017, section 5.3 (100-100 units). All parameters adapt, log_std too.
    """

    def __init__(self, input_shape: tuple[int, ...], outputs: int, width: int, steps: int = 1, context: int = 0):
        self.mlp, self.actions = Mlp(input_shape, outputs, width), outputs
        self.adapted = (*self.mlp.adapted, LOG_STD)
        self.head = (*self.mlp.head, LOG_STD)

    def init(self, rng: Generator) -> Params:
        return {**self.mlp.init(rng), LOG_STD: torch.zeros(self.actions)}

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        """Mean actions [T, M, A] at observations x [T, M, O]."""
        return self.mlp.forward(params, x)

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        return self.mlp.features(params, x)

    def tangent(self, params: Params, direction: Params, x: Tensor) -> Tensor:
        """How the mean actions [T, M, A] at x [T, M, O] change as the parameters move in a direction: the forward derivative, written
        out (torch's own would import its compiler)."""
        hidden, change = x, torch.zeros_like(x)
        for layer in LAYERS:
            weight = params[f"{layer}.weight"]
            change = linear(direction, layer, hidden) + (change @ weight if layer != LAYERS[0] else 0.0)
            hidden = linear(params, layer, hidden)
            if layer != LAYERS[-1]:
                change = change * (hidden > 0)
                hidden = torch.relu(hidden)
        return change

    def log_std(self, params: Params) -> Tensor:
        """Log-deviations [(T,) 1, A]."""
        return params[LOG_STD].unsqueeze(-2)

    def log_probs(self, params: Params, observations: Tensor, actions: Tensor) -> Tensor:
        """log pi(a | s) [T, N, H] of actions [T, N, H, A], unclipped, at observations [T, N, H, O]."""
        mean = self.forward(params, observations.flatten(1, 2))[0]
        return gaussian_log_prob(actions.flatten(1, 2), mean, self.log_std(params)).view(actions.shape[:-1])


def gaussian_log_prob(actions: Tensor, mean: Tensor, log_std: Tensor) -> Tensor:
    """Log-density of a diagonal Gaussian, summed over the last dimension."""
    scaled = (actions - mean) * torch.exp(-log_std)
    return -(scaled.square() / 2 + log_std + math.log(2 * math.pi) / 2).sum(-1)


def gaussian_kl(mean: Tensor, log_std: Tensor, other_mean: Tensor, other_log_std: Tensor) -> Tensor:
    """KL(N(mean, std) || N(other_mean, other_std)) of diagonal Gaussians, summed over the last dimension."""
    ratio = torch.exp(2 * (log_std - other_log_std))
    far = (mean - other_mean).square() * torch.exp(-2 * other_log_std)
    return (other_log_std - log_std + (ratio + far - 1) / 2).sum(-1)
