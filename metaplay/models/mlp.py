"""The multilayer perceptron of few-shot regression: 1-40-40-1 with ReLU (Finn et al. 2017, section 5.1)."""

import torch
from torch import Generator, Tensor

from metaplay.models.base import Params, Stats, linear, uniform

LAYERS = ("layer1", "layer2", "head")


class Mlp:
    """Two hidden layers of `width` units with ReLU; all parameters adapt; no normalisation.

    Context inputs are further inputs of the first layer, the same for all examples of a task.
    """

    def __init__(self, input_shape: tuple[int, ...], outputs: int, width: int, steps: int = 1, context: int = 0):
        (inputs,) = input_shape
        self.context = context
        self.sizes = (inputs, width, width, outputs)
        self.adapted = tuple(f"{layer}.{part}" for layer in LAYERS for part in ("weight", "bias"))
        self.head = ("head.weight", "head.bias")

    def init(self, rng: Generator) -> Params:
        params: Params = {}
        for layer, inputs, outputs in zip(LAYERS, self.sizes[:-1], self.sizes[1:], strict=True):
            params[f"{layer}.weight"] = uniform((inputs, outputs), inputs, rng)
            params[f"{layer}.bias"] = uniform((outputs,), inputs, rng)
        if self.context:
            params["context.weight"] = uniform((self.context, self.sizes[1]), self.sizes[0] + self.context, rng)
        return params

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        hidden, stats = self.features(params, x, step, stats)
        return linear(params, "head", hidden), stats

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        hidden = linear(params, "layer1", x)
        if self.context:
            hidden = hidden + (params["context"] @ params["context.weight"]).unsqueeze(-2)
        return torch.relu(linear(params, "layer2", torch.relu(hidden))), []
