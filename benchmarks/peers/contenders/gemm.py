"""What the machine can do: the product of two large matrices, all other work of a meta-step left out."""

import torch

from benchmarks.peers.contenders.base import settle
from benchmarks.peers.flops import GEMM_SIDE
from benchmarks.peers.problem import Arrays, Problem


class Gemm:
    """A step is one product of two matrices of GEMM_SIDE x GEMM_SIDE, in the problem's precision."""

    version = str(torch.__version__)

    def __init__(self, problem: Problem, device: str):
        self.device = torch.device(device)
        dtype = torch.from_numpy(problem.support_x).dtype
        shape = (3, GEMM_SIDE, GEMM_SIDE)
        self.a, self.b, self.out = torch.rand(shape, dtype=dtype, device=self.device)

    def gradient(self) -> Arrays:
        raise NotImplementedError("a matrix product has no meta-gradient")

    def step(self) -> None:
        torch.matmul(self.a, self.b, out=self.out)
        settle(self.device)
