"""What the torch peers share: leaves in torch's shapes, one task after another, gradients added up, Adam as outer step."""

from abc import ABC, abstractmethod

import torch
from torch import Tensor

from benchmarks.peers.contenders import Unsupported
from benchmarks.peers.layout import from_torch, to_torch
from benchmarks.peers.network import Params
from benchmarks.peers.problem import Arrays, Problem
from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS

Task = tuple[Tensor, Tensor, Tensor, Tensor]


class TorchPeer(ABC):
    """MAML and first-order MAML with a library of PyTorch's. `leaves` are what the outer step changes."""

    algorithms: tuple[str, ...] = ("maml", "fomaml")
    version = str(torch.__version__)

    def __init__(self, problem: Problem, device: str):
        self.config, self.device = problem.config, torch.device(device)
        if self.config.algorithm not in self.algorithms:
            raise Unsupported(f"only the plain loop is written for {ALGORITHMS[self.config.algorithm].label} here")
        self.first_order = self.config.algorithm == "fomaml"
        self.pool = self.config.network == "conv4-pool"
        self.adapted = problem.adapted
        self.give(episodes_of(problem, self.device))
        given = {name: torch.from_numpy(value).to(self.device) for name, value in to_torch(problem.params).items()}
        self.leaves = self.build({name: value.requires_grad_() for name, value in given.items()})
        self.adam = torch.optim.Adam(list(self.leaves.values()), lr=self.config.outer_lr, fused=True)

    def build(self, leaves: Params) -> Params:
        """Make what the library needs; returns the leaves that it will write gradients into."""
        return leaves

    @abstractmethod
    def query_loss(self, task: Task) -> Tensor:
        """The query loss of one task after the inner loop, differentiable with respect to the leaves."""

    def backward(self) -> None:
        """Add up the gradients of the mean query loss, a task at a time, so that only one task's graph is held."""
        for task in self.tasks:
            (self.query_loss(task) / len(self.tasks)).backward()

    def give(self, episodes: Episodes) -> None:
        self.batch = [episodes.support_x, episodes.support_y, episodes.query_x, episodes.query_y]
        self.tasks: list[Task] = list(zip(*self.batch, strict=True))

    def parameters(self) -> Arrays:
        return from_torch({name: leaf.detach().cpu().numpy() for name, leaf in self.leaves.items()})

    def gradient(self) -> Arrays:
        self.adam.zero_grad()
        self.backward()
        found = {name: leaf.grad for name, leaf in self.leaves.items()}
        return from_torch(
            {
                name: (torch.zeros_like(self.leaves[name]) if grad is None else grad).cpu().numpy()
                for name, grad in found.items()
            }
        )

    def step(self) -> None:
        self.adam.zero_grad()
        self.backward()
        self.adam.step()
        settle(self.device)


def episodes_of(problem: Problem, device: torch.device) -> Episodes:
    """The tasks of a problem as metaplay has them."""
    parts = (problem.support_x, problem.support_y, problem.query_x, problem.query_y)
    return Episodes(*(torch.from_numpy(part).to(device) for part in parts))


def settle(device: torch.device) -> None:
    """Wait until a GPU has done what it was given."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
