"""2x2 max-pooling over channels-last images, differentiable twice."""

from typing import Any

import torch
from torch import Tensor

_CORNERS = [(i, j) for i in range(2) for j in range(2)]


def max_pool(x: Tensor) -> Tensor:
    """[T, N, H, W, C] -> [T, N, H // 2, W // 2, C]; an odd last row or column is left out. Equal maxima share the gradient."""
    return _MaxPool.apply(x)  # type: ignore[return-value]


def _windows(x: Tensor) -> Tensor:
    """[T, N, H, W, C] -> [T, N, h, 2, w, 2, C]."""
    height, width = x.shape[2] // 2, x.shape[3] // 2
    return x[:, :, : 2 * height, : 2 * width].unflatten(3, (width, 2)).unflatten(2, (height, 2))


class _MaxPool(torch.autograd.Function):
    """Corner by corner: torch's own pooling, and its reductions over so few, take several times as long."""

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        windows = _windows(x)
        a, b, c, d = (windows[:, :, :, i, :, j] for i, j in _CORNERS)
        out = torch.maximum(a, b)
        torch.maximum(out, c, out=out)
        torch.maximum(out, d, out=out)
        if ctx.needs_input_grad[0]:
            won = torch.empty_like(x)  # 1 where a window's maximum is
            for i, j in _CORNERS:
                torch.eq(windows[:, :, :, i, :, j], out, out=_windows(won)[:, :, :, i, :, j])
            ctx.save_for_backward(won, _gathered(won, won).reciprocal_())
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        return _Spread.apply(grads[0], *ctx.saved_tensors)  # type: ignore[return-value]


class _Spread(torch.autograd.Function):
    """The gradient goes to where the maxima were."""

    @staticmethod
    def forward(ctx: Any, g: Tensor, won: Tensor, share: Tensor) -> Tensor:
        ctx.save_for_backward(won, share)
        g = g * share
        whole = won.shape[2] % 2 == won.shape[3] % 2 == 0
        out = torch.empty_like(won) if whole else torch.zeros_like(won)
        torch.mul(_windows(won), g[:, :, :, None, :, None], out=_windows(out))
        return out

    @staticmethod
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor, None, None]:
        won, share = ctx.saved_tensors
        return _gathered(grads[0], won).mul_(share), None, None


def _gathered(x: Tensor, won: Tensor) -> Tensor:
    """The sum over each window of what is marked."""
    x, won = _windows(x), _windows(won)
    out = x[:, :, :, 0, :, 0] * won[:, :, :, 0, :, 0]
    for i, j in _CORNERS[1:]:
        out.addcmul_(x[:, :, :, i, :, j], won[:, :, :, i, :, j])
    return out
