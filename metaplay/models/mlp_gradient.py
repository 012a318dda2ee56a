"""The gradient of an MLP's task losses, and its own derivative, written out by hand.

On a network this small, the hundred operations that autograd records and replays for each inner step cost far more than the
matrix products among them. Here an inner step's gradient is one operation of autograd's.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from metaplay.models.losses import loss_slopes


class TaskGradients(torch.autograd.Function):
    """Called with x [T, N, I], targets y, which gradients are `wanted`, and weights [T, I, O] and biases [T, O], layer by layer;
    ReLU stands between layers. Returns the outputs [T, N, O], as constants, and the gradient of each task's loss in its own
    weights and biases (None for one that is not wanted), which can be differentiated once more, but not in x.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, wanted: Sequence[bool], *flat: Tensor) -> tuple[Tensor | None, ...]:
        weights, biases = flat[::2], flat[1::2]
        inputs, slopes = [x], list[Tensor]()  # of each layer; of the ReLU before it, but for the first
        for weight, bias in zip(weights[:-1], biases[:-1], strict=True):
            inputs.append((product(inputs[-1], weight) + bias.unsqueeze(1)).relu_())
            slopes.append(inputs[-1].sign())
        outputs = product(inputs[-1], weights[-1]) + biases[-1].unsqueeze(1)
        delta, ctx.curvature = loss_slopes(outputs, y)
        deltas, grads = [delta], list[Tensor | None]()  # delta: of the loss in what a layer gives
        for i in reversed(range(len(weights))):
            grads += [delta.sum(1) if wanted[2 * i + 1] else None]
            grads += [product(inputs[i].mT, delta) if wanted[2 * i] else None]
            if not any(wanted[: 2 * i]):
                break
            delta = product(delta, weights[i].mT) * slopes[i - 1]
            deltas.append(delta)
        ctx.layers = len(weights)
        ctx.save_for_backward(*weights, *inputs, *slopes, *reversed(deltas))
        ctx.mark_non_differentiable(outputs)
        ctx.set_materialize_grads(False)
        return outputs, *[None] * (len(flat) - len(grads)), *reversed(grads)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *directions: Tensor | None) -> tuple[Tensor | None, ...]:
        """The Hessian's product with the directions is the gradient's derivative along them (Pearlmutter 1994, "Fast Exact
        Multiplication by the Hessian"): what `forward` computes moves, first towards the loss, then back from it."""
        layers, saved = ctx.layers, ctx.saved_tensors
        weights, inputs, slopes = saved[:layers], saved[layers : 2 * layers], saved[2 * layers : 3 * layers - 1]
        deltas = (None,) * (4 * layers - 1 - len(saved)) + saved[3 * layers - 1 :]
        along_weights, along_biases = directions[1::2], directions[2::2]
        moves: list[Tensor | None] = [None]  # of each layer's input, and of the outputs
        for i, (weight, bias) in enumerate(zip(along_weights, along_biases, strict=True)):
            shift = None if bias is None else bias.unsqueeze(1).expand(-1, inputs[i].shape[1], -1)
            move = total(product(inputs[i], weight), product(moves[i], weights[i]), shift)
            moves.append(move if move is None or i == layers - 1 else move * slopes[i])
        change, found = ctx.curvature(moves[-1]), list[Tensor | None]()  # change: how delta moves
        for i in reversed(range(layers)):
            found += [change.sum(1)]
            found += [total(product(inputs[i].mT, change), product(turned(moves[i]), deltas[i]))]
            if i:
                back = total(product(change, weights[i].mT), product(deltas[i], turned(along_weights[i])))
                change = back * slopes[i - 1]
        return None, None, None, *reversed(found)


def product(a: Tensor | None, b: Tensor | None) -> Any:
    """a [T, N, I] @ b [T, I, O], None where one of them is; in whichever of the ways is fastest for its shape.

    Libraries are slow at a product with few columns, and at one of a column with a row.
    """
    if a is None or b is None:
        return None
    if a.shape[-1] == 1:
        return a * b
    return torch.bmm(b.mT, a.mT).mT if b.shape[-1] < a.shape[-2] else torch.bmm(a, b)


def turned(a: Tensor | None) -> Tensor | None:
    """The transpose [T, O, I] of a [T, I, O], None of None."""
    return None if a is None else a.mT


def total(*terms: Tensor | None) -> Any:
    """The sum of those that are not None; None where all are."""
    there = [term for term in terms if term is not None]
    return sum(there[1:], there[0]) if there else None
