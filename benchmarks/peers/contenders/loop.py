"""A plain loop over tasks, as one writes it without a library: functional parameters and torch.autograd.grad."""

import torch
from torch import Tensor

from benchmarks.peers.contenders.base import Task, TorchPeer
from benchmarks.peers.contenders.loop_mamlpp import PlusPlusLoop
from benchmarks.peers.contenders.loop_reptile import ReptileLoop
from benchmarks.peers.network import forward, loss_of
from benchmarks.peers.problem import Problem


def loop(problem: Problem, device: str) -> TorchPeer:
    """The loop of the problem's algorithm."""
    kinds = {"mamlpp": PlusPlusLoop, "reptile": ReptileLoop}
    return kinds.get(problem.config.algorithm, MamlLoop)(problem, device)


class MamlLoop(TorchPeer):
    """MAML of second and first order."""

    def query_loss(self, task: Task) -> Tensor:
        support_x, support_y, query_x, query_y = task
        fast = dict(self.leaves)
        for _ in range(self.config.inner_steps):
            loss = loss_of(forward(fast, support_x, self.pool), support_y)
            grads = torch.autograd.grad(loss, [fast[n] for n in self.adapted], create_graph=not self.first_order)
            for name, grad in zip(self.adapted, grads, strict=True):
                fast[name] = fast[name] - self.config.inner_lr * grad
        return loss_of(forward(fast, query_x, self.pool), query_y)
