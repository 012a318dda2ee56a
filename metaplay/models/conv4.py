"""Conv4: four 3x3 convolutions with batch normalisation and ReLU, the network of few-shot image classification.

Stride-2 form: Finn et al. 2017, section 5.2 (Omniglot). Max-pool form: Vinyals et al. 2016, and MAML++.
Inside, images are [T, N, H, W, C]; in memory the tasks stand beside the channels where each has filters of its own
(convolution.py).
"""

import math

import torch
from torch import Generator, Tensor

from metaplay.models.base import Params, Stats, linear, uniform
from metaplay.models.convolution import convolve
from metaplay.models.normalise import affine, normalise
from metaplay.models.patches import patches3x3
from metaplay.models.pooling import max_pool

LAYERS = 4
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
        self.head: tuple[str, ...] = ("head.weight", "head.bias")

    def init(self, rng: Generator) -> Params:
        params: Params = {}
        for i, (inputs, outputs) in enumerate(zip(self.channels[:-1], self.channels[1:], strict=True), 1):
            bound = math.sqrt(6 / (9 * (inputs + outputs)))  # Glorot and Bengio 2010
            weight = torch.empty(9 * inputs, outputs).uniform_(-bound, bound, generator=rng)
            params[f"conv{i}.weight"] = weight.T.contiguous().T  # as convolutions take it without a copy
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
        row = min(step, self.steps - 1)
        for i in range(1, LAYERS + 1):
            weight = params[f"conv{i}.weight"]
            scale, shift = norm_set(params[f"norm{i}.scale"], row), norm_set(params[f"norm{i}.shift"], row)
            if self.context and i == CONTEXT_LAYER:
                scale, shift = modulated(scale, shift, params["context"] @ params["context.weight"])
            given = stats[i - 1] if stats else None
            if i == 1:
                x, own = convolve_normalised(x, weight, self.stride, scale, shift, given)
            else:
                x, own = normalise(convolve(x, weight, self.stride), scale, shift, given)
            used.append(own)
            x = torch.relu(self._shrink(x))  # of fewer values, where it shrinks
        return x.mean((2, 3)), used

    def _shrink(self, x: Tensor) -> Tensor:
        return x


class Conv4Pool(Conv4):
    """The same with stride 1 and a 2x2 max-pool after each convolution."""

    stride = 1

    def _shrink(self, x: Tensor) -> Tensor:
        return max_pool(x)


def norm_set(values: Tensor, row: int) -> Tensor:
    """One set, [T (or 1), C], of those [(T,) steps, C] of a normalisation."""
    return values[:, row] if values.dim() > 2 else values[row : row + 1]


def modulated(scale: Tensor, shift: Tensor, film: Tensor) -> tuple[Tensor, Tensor]:
    """Scale and shift [T, C] of a normalisation whose channels are then scaled by 1 + film[:C] and shifted by film[C:], film
    [T, 2 * C]."""
    more_scale, more_shift = film.chunk(2, -1)
    return scale * (1 + more_scale), shift * (1 + more_scale) + more_shift


def convolve_normalised(
    x: Tensor, weight: Tensor, stride: int, scale: Tensor, shift: Tensor, given: tuple[Tensor, Tensor] | None
) -> tuple[Tensor, tuple[Tensor, Tensor]]:
    """`normalise(convolve(x, weight, stride), ...)` of the few channels of an input, by folding the normalisation into filters
    and bias.

    The convolution's outputs are patches times weights, and so are their mean and variance: mean patch times weights, and
    weights times the patches' covariance times weights. Those of a 1-channel image are 9 and 9 x 9 numbers, while the outputs
    are the largest tensor of the network: nothing needs to go over them, forwards or backwards.
    """
    if given is None:
        rows = patches3x3(x.flatten(0, 1), stride).view(len(x), -1, weight.shape[-2])
        centre = rows.mean(1, keepdim=True)
        rows = rows - centre
        covariance = rows.transpose(1, 2) @ rows / rows.shape[1]
        variance = (weight * (covariance @ weight)).sum(-2, keepdim=True)
        given = (centre @ weight, variance)
    factor, bias = affine(given, scale, shift)
    return convolve(x, weight * factor.unsqueeze(-2), stride, bias), given
