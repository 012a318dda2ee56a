"""MAML++ (Antoniou et al. 2019) as a plain loop: at the start of a run, all switches on but derivative-order annealing."""

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.peers.contenders import Unsupported
from benchmarks.peers.contenders.base import Task, TorchPeer
from benchmarks.peers.network import Params, forward, loss_of
from metaplay.config.schedules import multi_step_weights


class PlusPlusLoop(TorchPeer):
    """A rate for each tensor and step (LSLR), the query loss after every step (MSL), and normalisation with scale, shift and
    running statistics of each step (BNWB, BNRS). The rates share the weights' outer rate, as at the authors' inner rate."""

    algorithms = ("mamlpp",)

    def build(self, leaves: Params) -> Params:
        config = self.config
        if config.da or not (config.msl and config.lslr and config.bnrs and config.bnwb and config.transductive):
            raise Unsupported("written for all of MAML++ but derivative-order annealing")
        like = leaves["head.bias"]
        self.rates = {
            name: torch.full((config.inner_steps,), config.inner_lr, dtype=like.dtype, device=like.device)
            for name in self.adapted
        }
        shape = (4, config.inner_steps + 1, config.width)
        self.means, self.variances = (
            make(shape, dtype=like.dtype, device=like.device) for make in (torch.zeros, torch.ones)
        )
        return {**leaves, **{f"rate.{name}": rate.requires_grad_() for name, rate in self.rates.items()}}

    def query_loss(self, task: Task) -> Tensor:
        support_x, support_y, query_x, query_y = task
        fast = {name: value for name, value in self.leaves.items() if not name.startswith("rate.")}
        total = support_x.new_zeros(())
        for k, weight in enumerate(multi_step_weights(self.config.inner_steps, epoch=0)):
            loss = loss_of(self.outputs(fast, support_x, k), support_y)
            grads = torch.autograd.grad(loss, [fast[name] for name in self.adapted], create_graph=True)
            for name, grad in zip(self.adapted, grads, strict=True):
                fast[name] = fast[name] - self.rates[name][k] * grad
            total = total + weight * loss_of(self.outputs(fast, query_x, k + 1), query_y)
        return total

    def outputs(self, params: Params, x: Tensor, k: int) -> Tensor:
        """With the statistics of step k moved by those of each layer's batch."""
        running = iter(zip(self.means[:, k], self.variances[:, k], strict=True))

        def norm(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
            return F.batch_norm(x, *next(running), scale, shift, training=True, momentum=0.1)

        return forward(params, x, self.pool, k, norm)
