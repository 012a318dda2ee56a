"""The loss of a task, and its first and second derivative in the network's outputs."""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F


def task_losses(outputs: Tensor, targets: Tensor) -> Tensor:
    """Loss of each task [T], the mean over its examples: cross-entropy for class labels, squared error otherwise."""
    if targets.is_floating_point():
        return F.mse_loss(outputs, targets, reduction="none").mean((1, 2))
    losses = F.cross_entropy(outputs.flatten(0, 1), targets.flatten(), reduction="none")
    return losses.view(targets.shape).mean(1)


def mean_loss(outputs: Tensor, targets: Tensor) -> Tensor:
    """The mean over tasks of `task_losses`."""
    if targets.is_floating_point():
        return (outputs - targets).square().mean()  # half the time of torch's own
    return F.cross_entropy(outputs.flatten(0, 1), targets.flatten())


def loss_slopes(outputs: Tensor, targets: Tensor, share: float = 1.0) -> tuple[Tensor, Callable[[Tensor], Tensor]]:
    """The derivative of `share` of each task's loss in its outputs, [T, N, O], and how it changes along a direction of the
    outputs."""
    if targets.is_floating_point():
        scale = 2 * share / targets[0].numel()
        return (outputs - targets).mul_(scale), lambda direction: direction * scale
    chances, examples = torch.softmax(outputs, -1), targets.shape[1] / share

    def change(direction: Tensor) -> Tensor:
        weighted = chances * direction
        return (weighted - chances * weighted.sum(-1, keepdim=True)) / examples

    return (chances - F.one_hot(targets, outputs.shape[-1])) / examples, change
