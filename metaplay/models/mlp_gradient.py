"""The gradient of an MLP's task losses, and its own derivative, written out by hand.

On a network this small, the hundred operations that autograd records and replays for each inner step cost far more than the
matrix products among them.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from metaplay.models.losses import loss_slopes


class Pass:
    """All tasks' examples x [T, N, I] on their way through the network, and back from the loss.

    `flat` are weights [T, I, O] and biases [T, O], layer by layer; ReLU stands between layers. `inputs` are those of each
    layer, `outputs` the network's, [T, N, O]; `deltas`, from `back` on, the derivatives of each task's loss in what each layer
    gives. Nothing here is for autograd to see.
    """

    def __init__(self, x: Tensor, flat: Sequence[Tensor]):
        self.flat, self.weights = flat, flat[::2]
        self.inputs = [x]
        for weight, bias in zip(self.weights[:-1], flat[1:-1:2], strict=True):
            self.inputs.append(product(self.inputs[-1], weight, bias.unsqueeze(1)).relu_())
        self.outputs = product(self.inputs[-1], self.weights[-1], flat[-1].unsqueeze(1))

    def back(self, y: Tensor, lowest: int = 0, share: float = 1.0) -> None:
        """Find the deltas of the layers from `lowest` on, for `share` of the loss."""
        delta, self.curvature = loss_slopes(self.outputs, y, share)
        self.slopes = [below.sign() for below in self.inputs[1:]]  # of the ReLU below each layer but the first
        self.deltas: list[Tensor | None] = [None] * lowest + [delta]
        for i in range(len(self.weights) - 1, lowest, -1):
            delta = product(delta, self.weights[i].mT).mul_(self.slopes[i - 1])
            self.deltas.insert(lowest, delta)

    def gradient(self, index: int) -> Tensor:
        """Of each task's loss in the `index`-th of `flat`."""
        i, is_bias = divmod(index, 2)
        delta = self.deltas[i]
        assert delta is not None
        return delta.sum(1) if is_bias else product(self.inputs[i].mT, delta)

    def descend(self, index: int, rate: float) -> Tensor:
        """The `index`-th of `flat` minus the rate times its gradient, without the gradient itself where it is a product."""
        if index % 2:
            return torch.add(self.flat[index], self.gradient(index), alpha=-rate)
        return product(self.inputs[index // 2].mT, self.deltas[index // 2], self.flat[index], -rate)

    def curve(self, directions: Sequence[Tensor | None], into: list[Any], factor: float = 1.0) -> None:
        """Add `factor` times the Hessian's product with the directions (None: nothing moves that way) to what is in
        `into` (it may be the directions themselves), or to nothing, where that is None; the factor is then 1.

        It is the gradient's derivative along them (Pearlmutter 1994, "Fast Exact Multiplication by the Hessian"): what was
        computed moves, first towards the loss, then back from it.
        """
        along, moves = directions[::2], list[Any]([None])  # moves: of each layer's input, and of the outputs
        for i, (weight, bias) in enumerate(zip(along, directions[1::2], strict=True)):
            shift = None if bias is None else bias.unsqueeze(1).expand(-1, self.outputs.shape[1], -1)
            move = product(moves[i], self.weights[i], product(self.inputs[i], weight, shift))
            moves.append(move if move is None or i == len(self.slopes) else move * self.slopes[i])
        change = self.curvature(moves[-1])  # of a layer's delta
        for i in reversed(range(len(along))):
            back = product(self.deltas[i], turned(along[i])) if i else None
            into[2 * i + 1] = total(into[2 * i + 1], change.sum(1), factor)
            into[2 * i] = product(self.inputs[i].mT, change, into[2 * i], factor)
            into[2 * i] = product(turned(moves[i]), self.deltas[i], into[2 * i], factor)
            if i:
                change = product(change, self.weights[i].mT, back).mul_(self.slopes[i - 1])


class TaskGradients(torch.autograd.Function):
    """Called with x [T, N, I], targets y, which gradients are `wanted`, and the weights and biases of a Pass. Returns the outputs
    [T, N, O], as constants, and the gradient of each task's loss in its own weights and biases (None for one that is not
    wanted), which can be differentiated once more, but not in x.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, y: Tensor, wanted: Sequence[bool], *flat: Tensor) -> tuple[Tensor | None, ...]:
        ctx.passed = passed = Pass(x, flat)
        passed.back(y, wanted.index(True) // 2)
        ctx.mark_non_differentiable(passed.outputs)
        ctx.set_materialize_grads(False)
        return passed.outputs, *(passed.gradient(i) if want else None for i, want in enumerate(wanted))

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *directions: Tensor | None) -> tuple[Tensor | None, ...]:
        found: list[Tensor | None] = [None] * len(directions[1:])
        ctx.passed.curve(directions[1:], found)
        return None, None, None, *found


def product(a: Tensor | None, b: Tensor | None, plus: Tensor | None = None, factor: float = 1.0) -> Any:
    """a [T, N, I] @ b [T, I, O], or plus + factor * a @ b; just plus, where a or b is None.

    It is computed in whichever of the ways is fastest for its shape: libraries are slow at a product with few columns, and at
    one of a column with a row.
    """
    if a is None or b is None:
        return plus
    if a.shape[-1] == 1:
        return a * b if plus is None else torch.addcmul(plus, a, b, value=factor)
    if b.shape[-1] < a.shape[-2]:
        return _product(b.mT, a.mT, turned(plus), factor).mT
    return _product(a, b, plus, factor)


def _product(a: Tensor, b: Tensor, plus: Tensor | None, factor: float) -> Tensor:
    return torch.bmm(a, b) if plus is None else torch.baddbmm(plus, a, b, alpha=factor)


def turned(a: Tensor | None) -> Tensor | None:
    """The transpose [T, O, I] of a [T, I, O], None of None."""
    return None if a is None else a.mT


def total(a: Tensor | None, b: Tensor, factor: float) -> Tensor:
    """a + factor * b; b, where a is None."""
    return b if a is None else torch.add(a, b, alpha=factor)
