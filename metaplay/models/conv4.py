"""Conv4: four 3x3 convolutions with batch normalisation and ReLU, the network of few-shot image classification.

Stride-2 form: Finn et al. 2017, section 5.2 (Omniglot). Max-pool form: Vinyals et al. 2016, and MAML++.
Inside, images are channels-last, [T, N, H, W, C], so that each convolution is one matrix product a task.
"""

import math

import torch
from torch import Generator, Tensor

from metaplay.models.base import Params, Stats, linear, uniform
from metaplay.models.patches import patches3x3

LAYERS = 4
EPSILON = 1e-5
CONTEXT_LAYER = 3


class Conv4:
    """Four convolutions of `width` filters and stride 2, the mean over what is left of the image, a linear head.

    Batch normalisation always uses the statistics it is given or those of the batch itself, task by task. Its scale and shift
    are meta-learned but not adapted in the inner loop, as in the authors' code of MAML and MAML++. They are [steps, C]: with
    `steps` over 1 each inner step has its own (BNWB), and the last one serves all steps beyond. Context inputs scale and shift
    the third layer's normalised channels (FiLM: Perez et al. 2018, as in CAVIA, section 4.2), by nothing where they are 0.
    """

    stride = 2

    def __init__(self, input_shape: tuple[int, ...], outputs: int, width: int, steps: int = 1, context: int = 0):
        self.context = context
        self.channels = (input_shape[0], *[width] * LAYERS)
        self.outputs, self.steps = outputs, steps
        layers = range(1, LAYERS + 1)
        self.adapted = (*(f"conv{i}.weight" for i in layers), "head.weight", "head.bias")
        self.head = ("head.weight", "head.bias")

    def init(self, rng: Generator) -> Params:
        params: Params = {}
        for i, (inputs, outputs) in enumerate(zip(self.channels[:-1], self.channels[1:], strict=True), 1):
            bound = math.sqrt(6 / (9 * (inputs + outputs)))  # Glorot and Bengio 2010
            params[f"conv{i}.weight"] = torch.empty(9 * inputs, outputs).uniform_(-bound, bound, generator=rng)
            params[f"norm{i}.scale"] = torch.ones(self.steps, outputs)
            params[f"norm{i}.shift"] = torch.zeros(self.steps, outputs)
        params["head.weight"] = uniform((self.channels[-1], self.outputs), self.channels[-1], rng)
        params["head.bias"] = torch.zeros(self.outputs)
        if self.context:
            params["context.weight"] = uniform((self.context, 2 * self.channels[CONTEXT_LAYER]), self.context, rng)
        return params

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        found, used = self.features(params, x, step, stats)
        return linear(params, "head", found), used

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        used: Stats = []
        x = x.movedim(2, -1)
        for i in range(1, LAYERS + 1):
            x = self._convolve(x, params[f"conv{i}.weight"])
            row = min(step, self.steps - 1)
            scale, shift = params[f"norm{i}.scale"][..., row, :], params[f"norm{i}.shift"][..., row, :]
            x, own = normalise(x, scale, shift, stats[i - 1] if stats else None)
            used.append(own)
            if self.context and i == CONTEXT_LAYER:
                x = modulated(x, params["context"] @ params["context.weight"])
            x = self._shrink(torch.relu(x))
        return x.mean((2, 3)), used

    def _convolve(self, x: Tensor, weight: Tensor) -> Tensor:
        """x [T (or 1), N, H, W, C], weight [(T,) 9 * C, O] -> [T, N, Ho, Wo, O]. No bias: the normalisation after it would take it away."""
        tasks, count = x.shape[:2]
        rows = patches3x3(x.flatten(0, 1), self.stride)  # [T * N, Ho, Wo, 9 * C]
        out = rows.view(tasks, -1, rows.shape[-1]) @ weight
        return out.view(-1, count, *rows.shape[1:3], out.shape[-1])

    def _shrink(self, x: Tensor) -> Tensor:
        return x


class Conv4Pool(Conv4):
    """The same with stride 1 and a 2x2 max-pool after each convolution."""

    stride = 1

    def _shrink(self, x: Tensor) -> Tensor:
        tasks, count, height, width, channels = x.shape
        x = x[:, :, : height // 2 * 2, : width // 2 * 2]
        return x.reshape(tasks, count, height // 2, 2, width // 2, 2, channels).amax((3, 5))


def modulated(x: Tensor, film: Tensor) -> Tensor:
    """x [T, N, H, W, C], each task's channels scaled by 1 + film[:C] and shifted by film[C:], film [T, 2 * C]."""
    scale, shift = film.view(-1, 1, 1, 1, film.shape[-1]).chunk(2, -1)
    return x * (1 + scale) + shift


def normalise(x: Tensor, scale: Tensor, shift: Tensor, given: tuple[Tensor, Tensor] | None):
    """Batch normalisation task by task (Ioffe and Szegedy 2015) from elementary operations; also the statistics used.

    x [T, N, H, W, C]; scale and shift [C] or [T, C]; statistics [T, 1, C]. Not torch's own: its second derivatives of weights
    before it come out wrong under a double backward.
    """
    flat = x.flatten(1, 3)
    if given is None:
        mean = flat.mean(1, keepdim=True)
        centred = flat - mean
        variance = (centred * centred).mean(1, keepdim=True)
    else:
        mean, variance = given
        centred = flat - mean
    factor = torch.rsqrt(variance + EPSILON) * scale.unsqueeze(-2)
    return (centred * factor + shift.unsqueeze(-2)).view_as(x), (mean, variance)
