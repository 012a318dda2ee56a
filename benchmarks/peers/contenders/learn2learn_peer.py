"""learn2learn's MAML (Arnold et al. 2020), as its examples use it: a clone for each task, adapted and thrown away."""

from torch import Tensor

from benchmarks.peers.contenders.base import Task, TorchPeer
from benchmarks.peers.network import Network, Params, loss_of
from benchmarks.peers.sdist import VERSION, unpacked


class Learn2learn(TorchPeer):
    version = VERSION

    def build(self, leaves: Params) -> Params:
        network = Network(leaves, self.pool)
        self.maml = unpacked().MAML(network, lr=self.config.inner_lr, first_order=self.first_order)
        return network.leaves()

    def query_loss(self, task: Task) -> Tensor:
        support_x, support_y, query_x, query_y = task
        clone = self.maml.clone()
        for _ in range(self.config.inner_steps):
            clone.adapt(loss_of(clone(support_x), support_y))
        return loss_of(clone(query_x), query_y)
