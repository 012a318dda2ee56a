"""PyTorch's own transformations: the gradient of a vmap over tasks of a loss with gradients in it, all tasks at once."""

from functools import partial

from torch import Tensor
from torch.func import grad, vmap

from benchmarks.peers.contenders.base import TorchPeer
from benchmarks.peers.network import Params, forward, loss_of, written_norm


class Vmap(TorchPeer):
    """With batch normalisation from elementary operations: second derivatives of torch's own come out wrong under vmap."""

    def __init__(self, *arguments):
        super().__init__(*arguments)
        self.meta_gradient = grad(self.mean_loss)

    def query_loss(self, task):
        raise NotImplementedError("all tasks are done at once")

    def backward(self) -> None:
        found = self.meta_gradient({name: leaf.detach() for name, leaf in self.leaves.items()})
        for name, leaf in self.leaves.items():
            leaf.grad = found[name]

    def mean_loss(self, params: Params) -> Tensor:
        return vmap(partial(self.task_loss, params))(*self.batch).mean()

    def task_loss(self, params: Params, *task: Tensor) -> Tensor:
        support_x, support_y, query_x, query_y = task
        fast = {name: params[name] for name in self.adapted}
        for _ in range(self.config.inner_steps):
            slopes = grad(self.loss)(fast, params, support_x, support_y)
            for name, slope in slopes.items():
                taken = slope.detach() if self.first_order else slope
                fast[name] = fast[name] - self.config.inner_lr * taken
        return self.loss(fast, params, query_x, query_y)

    def loss(self, fast: Params, params: Params, x: Tensor, y: Tensor) -> Tensor:
        return loss_of(forward({**params, **fast}, x, self.pool, norm=written_norm), y)
