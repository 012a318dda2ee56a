"""The multilayer perceptron of few-shot regression: 1-40-40-1 with ReLU (Finn et al. 2017, section 5.1)."""

import torch
from torch import Generator, Tensor

from metaplay.models.base import Params, Stats, linear, uniform

LAYERS = ("layer1", "layer2", "head")


class Mlp:
    """Two hidden layers of `width` units with ReLU; all parameters adapt; no normalisation."""

    def __init__(self, input_shape: tuple[int, ...], outputs: int, width: int, steps: int = 1):
        (inputs,) = input_shape
        self.sizes = (inputs, width, width, outputs)
        self.adapted = tuple(f"{layer}.{part}" for layer in LAYERS for part in ("weight", "bias"))
        self.head = ("head.weight", "head.bias")

    def init(self, rng: Generator) -> Params:
        params: Params = {}
        for layer, inputs, outputs in zip(LAYERS, self.sizes[:-1], self.sizes[1:], strict=True):
            params[f"{layer}.weight"] = uniform((inputs, outputs), inputs, rng)
            params[f"{layer}.bias"] = uniform((outputs,), inputs, rng)
        return params

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        hidden = torch.relu(linear(params, "layer1", x))
        hidden = torch.relu(linear(params, "layer2", hidden))
        return linear(params, "head", hidden), []
