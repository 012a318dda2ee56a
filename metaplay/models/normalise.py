"""Batch normalisation task by task (Ioffe and Szegedy 2015), differentiable twice.

Not torch's own: its second derivatives of weights before it come out wrong under a double backward. Written by hand, since
autograd's backward of its backward makes some forty passes over the activations where a dozen do.
"""

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

EPSILON = 1e-5
_IMAGES = (1, 2, 3)


def normalise(x: Tensor, scale: Tensor, shift: Tensor, given: tuple[Tensor, Tensor] | None):
    """x [T, N, H, W, C] with mean 0 and variance 1 over N, H and W, times scale, plus shift; and the statistics used, [T, 1, C]
    each: those given, or the batch's own. Scale and shift are [T, C]; 1 in place of T serves all tasks, in any of these."""
    if given is None:
        tasks = max(len(x), len(scale))
        x, scale, shift = (value.expand(tasks, *value.shape[1:]) for value in (x, _wide(scale), _wide(shift)))
        out, mean, variance = _Normalise.apply(x, scale, shift)  # type: ignore[misc]
        return out, (mean.flatten(1, 3), variance.flatten(1, 3))
    factor, bias = affine(given, scale, shift)
    return torch.addcmul(_wide(bias), x, _wide(factor)), given


def affine(stats: tuple[Tensor, Tensor], scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor]:
    """Normalisation by these statistics is x * factor + bias: factor and bias, [T, C] each."""
    mean, variance = (value.squeeze(1) for value in stats)
    factor = torch.rsqrt(variance + EPSILON) * scale
    return factor, shift - mean * factor


def _wide(value: Tensor) -> Tensor:
    return value[:, None, None, None]


def _mean(value: Tensor) -> Tensor:
    return value.mean(_IMAGES, keepdim=True)


class _Normalise(torch.autograd.Function):
    """x, scale, shift -> out, mean, variance: x [T, N, H, W, C], out the same, all else [T, 1, 1, 1, C]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, scale: Tensor, shift: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        mean = _mean(x)
        centred = x - mean
        variance = _mean(centred * centred)
        factor = torch.rsqrt(variance + EPSILON)
        ctx.save_for_backward(x, scale, mean, factor)
        ctx.set_materialize_grads(False)
        return torch.addcmul(shift, centred, factor * scale), mean, variance

    @staticmethod
    def backward(ctx: Any, *grads: Tensor | None) -> Any:
        (g, to_mean, to_variance), (x, scale, mean, factor) = grads, ctx.saved_tensors
        gx = g_scale = g_shift = None
        if g is not None:
            gx, g_scale, g_shift = _ToInput.apply(g, x, scale, mean.detach(), factor)  # type: ignore[misc]
        count = x[0, ..., 0].numel()
        if to_mean is not None:  # rare: statistics that normalise other images are differentiated too (inductive MAML)
            share = (to_mean / count).expand_as(x)
            gx = share if gx is None else gx + share
        if to_variance is not None:
            share = to_variance * (x - mean) * (2 / count)
            gx = share if gx is None else gx + share
        return gx, g_scale, g_shift


class _ToInput(torch.autograd.Function):
    """The gradients for x, scale and shift. With c = x - mean, r = 1 / deviation, s = scale and < > the mean over images:

    gx = s r (g - <g> - r^2 c <g c>),  g_scale = M r <g c>,  g_shift = M <g>,  M images' pixels.
    """

    @staticmethod
    def forward(ctx: Any, g: Tensor, x: Tensor, scale: Tensor, mean: Tensor, factor: Tensor) -> Any:
        c, level = x - mean, _mean(g)
        slope = _mean(g * c)
        ctx.save_for_backward(g, x, scale, mean, factor, level, slope)
        count = g[0, ..., 0].numel()
        gain = scale * factor
        gx = _sum(-gain * level, (g, gain), (c, -gain * factor.square() * slope))
        return gx, count * factor * slope, count * level

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Any:
        """u, v, w come for gx, g_scale and g_shift. The map g -> gx is its own transpose; x acts through c and r."""
        (u, v, w), (g, x, scale, mean, r, level, slope) = grads, ctx.saved_tensors
        c = x - mean
        u_level, u_slope = _mean(u), _mean(u * c)
        agree = _mean(u * g) - level * u_level - r.square() * slope * u_slope
        gain, k = scale * r, scale * r**3
        # What g's and u's own pixels, and c's, are multiplied with in the gradient for x; the rest makes its mean zero.
        of_g, of_u = v * r - k * u_slope, -k * slope
        of_c = k * (2 * r.square() * slope * u_slope - agree) - v * r**3 * slope
        gx = _sum(-of_g * level - of_u * u_level, (g, of_g), (u, of_u), (c, of_c))
        gg = _sum(w - gain * u_level, (u, gain), (c, v * r - k * u_slope))
        count = g[0, ..., 0].numel()
        return gg, gx, count * r * agree, None, None


def _sum(constant: Tensor, *terms: tuple[Tensor, Tensor]) -> Tensor:
    """constant + term * factor + ..., a pass over memory for each."""
    out = torch.addcmul(constant, *terms[0])
    for term, factor in terms[1:]:
        out.addcmul_(term, factor)
    return out
