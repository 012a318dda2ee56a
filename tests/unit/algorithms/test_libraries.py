"""MAML, FOMAML, ANIL, Meta-SGD and MAML++ against an independent library, `higher` (Grefenstette et al. 2019), in float64."""

from typing import Any

import higher
import pytest
import torch
from torch import Tensor, nn

from metaplay.verify.subject import Task, perturb_learned, tasks_of
from tests.unit.algorithms.conftest import close, make_episodes, make_learner

EPSILON = 1e-5


class Network(nn.Module):
    """The networks once more from torch's layers, for one task, with the parameters of ours; `norm` is not adapted."""

    def __init__(self, params: dict[str, Tensor]):
        super().__init__()
        self.names = {name: name.replace(".", "_") for name in params}
        for name, value in params.items():
            self.register_parameter(self.names[name], nn.Parameter(value.detach().clone()))

    def get(self, name: str) -> Tensor:
        return getattr(self, self.names[name])

    def forward(self, x: Tensor) -> Tensor:
        if "layer1.weight" in self.names:
            for layer in ("layer1", "layer2"):
                x = torch.relu(nn.functional.linear(x, self.get(f"{layer}.weight").T, self.get(f"{layer}.bias")))
        else:
            for i in range(1, 5):
                x = torch.relu(self.block(x, i))
            x = x.mean((2, 3))
        return nn.functional.linear(x, self.get("head.weight").T, self.get("head.bias"))

    def block(self, x: Tensor, i: int) -> Tensor:
        weight = self.get(f"conv{i}.weight")  # [9 * C, O], by row, column, channel
        kernel = weight.view(3, 3, -1, weight.shape[1]).permute(3, 2, 0, 1)
        x = nn.functional.conv2d(x, kernel, stride=2, padding=1)
        x = x - x.mean((0, 2, 3), keepdim=True)
        x = x / (x.square().mean((0, 2, 3), keepdim=True) + EPSILON).sqrt()
        scale, shift = (self.get(f"norm{i}.{part}").view(1, -1, 1, 1) for part in ("scale", "shift"))
        return x * scale + shift


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    function = nn.functional.mse_loss if targets.is_floating_point() else nn.functional.cross_entropy
    return function(outputs, targets)


def by_library(learner: Any, task: Task) -> dict[str, Tensor]:
    """One task's meta-gradient by `higher`, of all that is trainable. First order: the inner gradients are detached."""
    network = Network(learner.params)
    rates = {
        name: value.detach().clone().requires_grad_() for name, value in learner.trainable().items() if "rate." in name
    }
    inner = torch.optim.SGD([{"params": [network.get(name)]} for name in learner.adapted], lr=learner.config.inner_lr)

    def rate(name: str, k: int) -> float | Tensor:
        found = rates.get(f"rate.{name}", learner.config.inner_lr)
        return found[k] if learner.config.algorithm == "mamlpp" else found

    def taken(grads: list[Tensor]) -> list[Tensor]:
        return [grad.detach() for grad in grads] if learner.config.algorithm == "fomaml" else grads

    with higher.innerloop_ctx(network, inner, copy_initial_weights=False) as (fast, optimizer):
        for k in range(learner.config.inner_steps):
            at = {"lr": [rate(name, k) for name in learner.adapted]}
            optimizer.step(loss_of(fast(task[0]), task[1]), override=at, grad_callback=taken)
        loss_of(fast(task[2]), task[3]).backward()
    leaves = {**{name: network.get(name) for name in learner.params}, **rates}
    return {name: torch.zeros_like(leaf) if leaf.grad is None else leaf.grad for name, leaf in leaves.items()}


@pytest.mark.parametrize("network", ["mlp", "conv4"])
@pytest.mark.parametrize("steps", [1, 3])
@pytest.mark.parametrize("algorithm", ["maml", "fomaml", "anil", "metasgd", "mamlpp"])
def test_meta_gradient_equals_the_librarys(algorithm: str, network: str, steps: int):
    switches = {"msl": False, "bnwb": False} if network == "conv4" else {"msl": False}
    changes = switches if algorithm == "mamlpp" else {}
    learner, episodes = make_learner(algorithm, network, inner_steps=steps, **changes), make_episodes(network)
    perturb_learned(learner)
    theirs = [by_library(learner, task) for task in tasks_of(episodes)]
    ours, _ = learner.meta_gradient(episodes, 0)
    close(ours, {name: torch.stack([found[name] for found in theirs]).mean(0) for name in ours})
