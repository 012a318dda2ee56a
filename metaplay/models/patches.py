"""Image patches as matrix rows, so that a convolution with a filter set per task is one batched matrix product.

The two functions are each other's adjoint: the backward of one is the other, at any order of differentiation.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F


class _Gather(torch.autograd.Function):
    """[B, H, W, C] -> [B, Ho, Wo, 9 * C]."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, stride: int) -> Tensor:
        ctx.shape, ctx.stride = x.shape, stride
        padded = F.pad(x, (0, 0, 1, 1, 1, 1))
        windows = padded.unfold(1, 3, stride).unfold(2, 3, stride)  # [B, Ho, Wo, C, 3, 3]
        return windows.permute(0, 1, 2, 4, 5, 3).flatten(3)

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None]:
        return _Scatter.apply(grads[0], ctx.shape, ctx.stride), None  # type: ignore[return-value]


class _Scatter(torch.autograd.Function):
    """[B, Ho, Wo, 9 * C] -> [B, H, W, C], adding where patches overlap."""

    @staticmethod
    def forward(ctx: Any, patches: Tensor, shape: tuple[int, ...], stride: int) -> Tensor:
        ctx.stride = stride
        batch, height, width, channels = shape
        rows, columns = patches.shape[1:3]
        patches = patches.view(batch, rows, columns, 3, 3, channels)
        padded = patches.new_zeros(batch, height + 2, width + 2, channels)
        for i in range(3):
            for j in range(3):
                window = padded[:, i : i + stride * rows : stride, j : j + stride * columns : stride]
                window += patches[:, :, :, i, j]
        return padded[:, 1:-1, 1:-1].contiguous()

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        return _Gather.apply(grads[0], ctx.stride), None, None  # type: ignore[return-value]


def patches3x3(x: Tensor, stride: int) -> Tensor:
    """3x3 patches, zero-padded by one: [B, H, W, C] -> [B, Ho, Wo, 9 * C], ordered row, column, channel."""
    return _Gather.apply(x, stride)  # type: ignore[return-value]
