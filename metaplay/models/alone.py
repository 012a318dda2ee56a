"""Networks for one task by itself, by torch's own layers: on a few images the calls cost more than the arithmetic, and these are
the fewest."""

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from metaplay.models.base import Model, Params, Stats, linear
from metaplay.models.conv4 import LAYERS, Conv4, norm_set
from metaplay.models.normalise import EPSILON

FEW = 12
"""Up to so many small images the plain convolution is faster on a processor than the one that torch takes of itself."""


def alone(model: Model) -> Model:
    """The network as it is best computed where tasks come one by one and nothing is differentiated twice."""
    return Alone(model) if isinstance(model, Conv4) and not model.context else model


class Alone:
    """Conv4 with the same outputs and statistics, differentiable once: the second derivatives of torch's batch normalisation are
    wrong (normalise.py). Several tasks, and images that given statistics normalise, are left to the network itself."""

    def __init__(self, model: Conv4):
        self.model, self.adapted, self.head = model, model.adapted, model.head

    def init(self, rng: Generator) -> Params:
        return self.model.init(rng)

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        found, used = self.features(params, x, step, stats)
        return linear(params, "head", found), used

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        if stats or any(len(value) > 1 for value in (x, *(params[name] for name in self.adapted))):
            return self.model.features(params, x, step, stats)
        used: Stats = []
        images, row = x.squeeze(0), min(step, self.model.steps - 1)
        for i in range(1, LAYERS + 1):
            kernel = params[f"conv{i}.weight"].squeeze(0).T.unflatten(1, (3, 3, -1)).movedim(-1, 1)
            scale, shift = (self._norm_set(params[f"norm{i}.{name}"], row) for name in ("scale", "shift"))
            images = self._convolve(images, kernel)
            images, mean, rate = torch.native_batch_norm(images, scale, shift, None, None, True, 0.0, EPSILON)
            used.append((mean[None, None], (rate**-2 - EPSILON)[None, None]))
            images = torch.relu(images if self.model.stride > 1 else F.max_pool2d(images, 2))
        return images.mean((2, 3))[None], used

    def _norm_set(self, values: Tensor, row: int) -> Tensor:
        """[C]. Going back through a row that was taken out of others costs more than through a view of all."""
        return values.flatten() if self.model.steps == 1 else norm_set(values, row)[0]

    def _convolve(self, images: Tensor, kernel: Tensor) -> Tensor:
        stride = self.model.stride
        if len(images) > FEW or stride == 1 or images.device.type != "cpu":
            return F.conv2d(images, kernel, None, stride, 1)
        return torch.ops.aten.thnn_conv2d(images, kernel, [3, 3], None, [stride] * 2, [1, 1])
