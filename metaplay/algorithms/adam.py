"""The outer optimiser of every algorithm that has a meta-gradient."""

import torch
from torch import Tensor

from metaplay.models.base import Params

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


class AdamOuter:
    """Adam (Kingma and Ba 2015, Algorithm 1) on named parameters; `scales` multiplies the rate of some of them.

    The moments of all parameters stand in one row, so that a step is few operations. torch's own would import its compiler,
    which takes seconds and 150 MB.
    """

    def __init__(self, params: Params, scales: dict[str, float] | None = None):
        self.params, self.taken = params, 0
        self.scales = [(scales or {}).get(name, 1.0) for name in params]
        self.sizes = [value.numel() for value in params.values()]
        some = next(iter(params.values()))
        self.mean, self.square, self.move = some.new_zeros(3, sum(self.sizes), requires_grad=False)
        self.moves = self._parts(self.move)  # what of the row is each parameter's

    @torch.no_grad()
    def step(self, grads: list[Tensor], lr: float) -> None:
        """Move every parameter, given their gradients in order."""
        self.taken += 1
        grad = torch.cat([grad.reshape(-1) for grad in grads])
        self.mean.lerp_(grad, 1 - BETA1)
        self.square.mul_(BETA2).addcmul_(grad, grad, value=1 - BETA2)
        torch.sqrt(self.square, out=self.move).div_((1 - BETA2**self.taken) ** 0.5).add_(EPSILON)
        torch.div(self.mean, self.move, out=self.move)
        lr = lr / (1 - BETA1**self.taken)
        for value, move, scale in zip(self.params.values(), self.moves.values(), self.scales, strict=True):
            value.add_(move, alpha=-lr * scale)

    def state(self) -> dict[str, Tensor]:
        """For each parameter `adam.exp_avg.<name>` and `adam.exp_avg_sq.<name>`, its moments; `adam.step.<name>`, the steps taken."""
        means, squares = self._parts(self.mean), self._parts(self.square)
        return {
            f"adam.{key}.{name}": value
            for name in self.params
            for key, value in (
                ("step", torch.tensor(float(self.taken))),
                ("exp_avg", means[name]),
                ("exp_avg_sq", squares[name]),
            )
        }

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Take over what `state` returned; what there was none of yet stays at zero."""
        for key, row in (("exp_avg", self.mean), ("exp_avg_sq", self.square)):
            for name, part in self._parts(row).items():
                if f"adam.{key}.{name}" in tensors:
                    part.copy_(tensors[f"adam.{key}.{name}"])
                    self.taken = int(tensors[f"adam.step.{name}"])

    def _parts(self, row: Tensor) -> Params:
        """Views of what in a row belongs to each parameter."""
        parts = zip(self.params.items(), row.split(self.sizes), strict=True)
        return {name: part.view(value.shape) for (name, value), part in parts}
