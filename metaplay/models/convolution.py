"""A 3x3 convolution with a filter set for each task, differentiable twice.

On a processor the tasks are the groups of torch's own convolution over channels-last memory, [N, H, W, T * C]: its kernels
need no image patches, and use the widest vector instructions of every make of processor (matrix products here do not: on an
AMD core they came to 105 GFLOP/s, these to 250). Elsewhere it is one batched matrix product over patches.

A convolution, its gradient for the input and its gradient for the weights are three faces of one trilinear form: each one's
derivatives are the other two. So the three functions below are closed under differentiation. (torch's own double backward of
grouped convolutions goes through the groups one by one.)
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from metaplay.models.patches import patches3x3


def convolve(x: Tensor, weight: Tensor, stride: int, bias: Tensor | None = None) -> Tensor:
    """x [T (or 1), N, H, W, C], weight [(T,) 9 * C, O] by row, column, channel, bias [T (or 1), O] -> [T, N, Ho, Wo, O].

    Zero-padded by one. Weights are taken without a copy where memory holds them as [(T,) O, 9 * C].
    """
    tasks = max(len(x), len(weight) if weight.dim() > 2 else 1)
    x = x.expand(tasks, *x.shape[1:])
    if x.device.type != "cpu":
        return _by_patches(x, weight, stride, bias)
    if weight.dim() == 2 and bias is None:  # the same filters for all tasks: their images are one batch
        images = _last(x.flatten(0, 1).movedim(-1, 1))
        return _Convolve.apply(images, _kernel(weight[None]), None, stride, 1).movedim(1, -1).unflatten(0, (tasks, -1))
    images = _last(x.permute(1, 0, 4, 2, 3).flatten(1, 2))
    kernel = _kernel(weight.expand(tasks, *weight.shape[-2:]))
    out = _Convolve.apply(images, kernel, None if bias is None else bias.expand(tasks, -1).flatten(), stride, tasks)
    return out.unflatten(1, (tasks, -1)).permute(1, 0, 3, 4, 2)


def _last(images: Tensor) -> Tensor:
    return images.contiguous(memory_format=torch.channels_last)


def _kernel(weight: Tensor) -> Tensor:
    """[T, 9 * C, O] -> [T * O, C, 3, 3]."""
    tasks, rows, outputs = weight.shape
    return _last(weight.transpose(1, 2).reshape(tasks * outputs, 3, 3, rows // 9).permute(0, 3, 1, 2))


def _by_patches(x: Tensor, weight: Tensor, stride: int, bias: Tensor | None) -> Tensor:
    tasks, count = x.shape[:2]
    rows = patches3x3(x.flatten(0, 1), stride)  # [T * N, Ho, Wo, 9 * C]
    out = rows.view(tasks, -1, rows.shape[-1]) @ weight
    if bias is not None:
        out = out + bias.unsqueeze(1)
    return out.view(tasks, count, *rows.shape[1:3], -1)


def _gradients(g: Tensor, x: Tensor, weight: Tensor, stride: int, groups: int, which: list[bool]) -> Any:
    return torch.ops.aten.convolution_backward(
        _last(g), x, weight, [weight.shape[0]], [stride] * 2, [1, 1], [1, 1], False, [0, 0], groups, which
    )


class _Convolve(torch.autograd.Function):
    """x [N, G * C, H, W], weight [G * O, C, 3, 3], bias [G * O] -> [N, G * O, Ho, Wo]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, weight: Tensor, bias: Tensor | None, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(x, weight)
        ctx.stride, ctx.groups = stride, groups
        return F.conv2d(x, weight, bias, stride, 1, 1, groups)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (g,), (x, weight) = grads, ctx.saved_tensors
        of_x, of_weight, of_bias = ctx.needs_input_grad[:3]
        gx = gw = gb = None
        if of_x:
            gx = _ToInput.apply(g, weight, x, ctx.stride, ctx.groups)
        if of_weight:
            gw, gb = _ToWeight.apply(g, x, weight, of_bias, ctx.stride, ctx.groups)
        return gx, gw, gb, None, None


class _ToInput(torch.autograd.Function):
    """The gradient for x of <g, x * weight>; `like` has the shape of x."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, weight: Tensor, like: Tensor, stride: int, groups: int) -> Tensor:
        ctx.save_for_backward(g, weight)
        ctx.stride, ctx.groups = stride, groups
        return _gradients(g, like, weight, stride, groups, [True, False, False])[0]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        u, (g, weight) = _last(grads[0]), ctx.saved_tensors
        gg = _Convolve.apply(u, weight, None, ctx.stride, ctx.groups)
        gw, _ = _ToWeight.apply(g, u, weight, False, ctx.stride, ctx.groups)
        return gg, gw, None, None, None


class _ToWeight(torch.autograd.Function):
    """The gradient for weight, and with `biased` that for the bias, of <g, x * weight + bias>; `like` has the weight's shape."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, x: Tensor, like: Tensor, biased: bool, stride: int, groups: int) -> Any:
        ctx.save_for_backward(g, x)
        ctx.biased, ctx.stride, ctx.groups = biased, stride, groups
        return _gradients(g, x, like, stride, groups, [False, True, biased])[1:]

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Any:
        (u, v), (g, x) = grads, ctx.saved_tensors
        u = _last(u)
        gg = _Convolve.apply(x, u, v if ctx.biased else None, ctx.stride, ctx.groups)
        gx = _ToInput.apply(g, u, x, ctx.stride, ctx.groups) if ctx.needs_input_grad[1] else None
        return gg, gx, None, None, None, None
