"""TorchOpt (Ren et al. 2022): its differentiable SGD adapts the module in place, whose state is put back after each task."""
# pyright: reportMissingImports=false

from importlib.metadata import version

import torchopt
from torch import Tensor

from benchmarks.peers.contenders import Unsupported
from benchmarks.peers.contenders.base import Task, TorchPeer
from benchmarks.peers.network import Network, Params, loss_of


class Torchopt(TorchPeer):
    version = version("torchopt")

    def build(self, leaves: Params) -> Params:
        if self.first_order:
            raise Unsupported("its optimisers always keep the inner gradients' graph: there is no first order")
        self.network = Network(leaves, self.pool)
        self.inner = torchopt.MetaSGD(self.network, lr=self.config.inner_lr)
        return self.network.leaves()

    def query_loss(self, task: Task) -> Tensor:
        support_x, support_y, query_x, query_y = task
        before = torchopt.extract_state_dict(self.network, by="reference")
        optimizer = torchopt.extract_state_dict(self.inner)
        for _ in range(self.config.inner_steps):
            self.inner.step(loss_of(self.network(support_x), support_y))
        loss = loss_of(self.network(query_x), query_y)
        torchopt.recover_state_dict(self.network, before)
        torchopt.recover_state_dict(self.inner, optimizer)
        return loss
