"""higher (Grefenstette et al. 2019): a stateless copy of the module for each task, and a differentiable SGD."""

from importlib.metadata import version

import higher
import torch
from torch import Tensor

from benchmarks.peers.contenders.base import Task, TorchPeer
from benchmarks.peers.network import Network, Params, loss_of


class Higher(TorchPeer):
    version = version("higher")

    def build(self, leaves: Params) -> Params:
        self.network = Network(leaves, self.pool)
        self.inner = torch.optim.SGD(self.network.parameters(), lr=self.config.inner_lr)
        return self.network.leaves()

    def query_loss(self, task: Task) -> Tensor:
        support_x, support_y, query_x, query_y = task
        taken = detached if self.first_order else None
        with higher.innerloop_ctx(self.network, self.inner, copy_initial_weights=False) as (fast, optimizer):
            for _ in range(self.config.inner_steps):
                optimizer.step(loss_of(fast(support_x), support_y), grad_callback=taken)
            return loss_of(fast(query_x), query_y)


def detached(grads: list[Tensor]) -> list[Tensor]:
    """First order: inner gradients as constants."""
    return [grad.detach() for grad in grads]
