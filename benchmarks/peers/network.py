"""The networks as one writes them in PyTorch for a single task: what all torch peers are given."""

from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn import functional as F

Params = dict[str, Tensor]
Norm = Callable[[Tensor, Tensor, Tensor], Tensor]
"""Batch normalisation of x [N, C, H, W] with scale and shift [C], by the statistics of the batch."""


def native_norm(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """torch's own."""
    return F.batch_norm(x, None, None, scale, shift, training=True)


def written_norm(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
    """From elementary operations, which any transformation of torch.func differentiates right."""
    centred = x - x.mean((0, 2, 3), keepdim=True)
    factor = torch.rsqrt(centred.square().mean((0, 2, 3), keepdim=True) + 1e-5)
    return centred * factor * scale.view(1, -1, 1, 1) + shift.view(1, -1, 1, 1)


def forward(params: Mapping[str, Tensor], x: Tensor, pool: bool, step: int = 0, norm: Norm = native_norm) -> Tensor:
    """Outputs [N, O] of x [N, ...]; `pool`: max-pooling instead of stride 2. Scale and shift are [steps, C]."""
    if "conv1.weight" not in params:
        for layer in ("layer1", "layer2"):
            x = torch.relu(F.linear(x, params[f"{layer}.weight"], params[f"{layer}.bias"]))
        return F.linear(x, params["head.weight"], params["head.bias"])
    for i in range(1, 5):
        x = F.conv2d(x, params[f"conv{i}.weight"], stride=1 if pool else 2, padding=1)
        scale, shift = params[f"norm{i}.scale"], params[f"norm{i}.shift"]
        row = min(step, len(scale) - 1)
        x = torch.relu(norm(x, scale[row], shift[row]))
        x = F.max_pool2d(x, 2) if pool else x
    return F.linear(x.mean((2, 3)), params["head.weight"], params["head.bias"])


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    """Mean squared error, or cross-entropy of labels."""
    return F.mse_loss(outputs, targets) if targets.is_floating_point() else F.cross_entropy(outputs, targets)


class Network(nn.Module):
    """The same as a module, for libraries that adapt one: its parameters are what the inner loop changes.

    Scale and shift of batch normalisation are attributes, so that the libraries leave them alone; they are meta-learned.
    """

    def __init__(self, params: Params, pool: bool):
        super().__init__()
        self.pool = pool
        self.shared = {name: value for name, value in params.items() if name.startswith("norm")}
        self.names = {name: name.replace(".", "_") for name in params if name not in self.shared}
        for name, key in self.names.items():
            self.register_parameter(key, nn.Parameter(params[name].detach().clone()))

    def forward(self, x: Tensor) -> Tensor:
        own = {name: getattr(self, key) for name, key in self.names.items()}
        return forward({**own, **self.shared}, x, self.pool)

    def leaves(self) -> Params:
        """All that the outer step changes, by metaplay's names."""
        return {**{name: getattr(self, key) for name, key in self.names.items()}, **self.shared}
