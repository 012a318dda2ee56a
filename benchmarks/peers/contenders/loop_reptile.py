"""Reptile (Nichol et al. 2018) as a plain loop: torch's Adam on a module, a task after the other."""

import torch
from torch import Tensor

from benchmarks.peers.contenders.base import Task, TorchPeer, settle
from benchmarks.peers.layout import from_torch
from benchmarks.peers.network import Network, Params, loss_of
from benchmarks.peers.problem import Arrays, Problem


class ReptileLoop(TorchPeer):
    """All parameters adapt, with fresh second moments for each task, on the examples that metaplay draws as well."""

    algorithms = ("reptile",)

    def __init__(self, problem: Problem, device: str):
        super().__init__(problem, device)
        assert problem.order is not None
        self.order = torch.from_numpy(problem.order).to(self.device)

    def query_loss(self, task: Task) -> Tensor:
        raise NotImplementedError("Reptile has no query loss")

    def gradient(self) -> Arrays:
        return from_torch({name: value.cpu().numpy() for name, value in self.direction().items()})

    def step(self) -> None:
        """The outer update at the start of a run, where it is at its full rate."""
        for name, moved in self.direction().items():
            self.leaves[name].data.add_(moved, alpha=self.config.outer_lr)
        settle(self.device)

    def direction(self) -> Params:
        """The mean over tasks of the adapted parameters, minus the parameters."""
        total = {name: torch.zeros_like(leaf, requires_grad=False) for name, leaf in self.leaves.items()}
        for (support_x, support_y, _, _), order in zip(self.tasks, self.order, strict=True):
            network = Network(
                {name: leaf.detach().clone().requires_grad_() for name, leaf in self.leaves.items()}, self.pool
            )
            fast = network.leaves()
            adam = torch.optim.Adam(list(fast.values()), lr=self.config.inner_lr, betas=(0.0, 0.999))
            for rows in order:
                adam.zero_grad()
                loss_of(network(support_x[rows]), support_y[rows]).backward()
                adam.step()
            for name, leaf in self.leaves.items():
                total[name] += (fast[name].detach() - leaf.detach()) / len(self.tasks)
        return total
