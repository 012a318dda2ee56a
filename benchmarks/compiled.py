"""What torch.compile would make of whole meta-gradients, second order included, beside metaplay's own paths on a processor.

    python -m benchmarks.compiled [WORKLOAD ...] [--rounds 10]

The meta-gradient of as many tasks as are worked on together (a chunk of the meta-batch) is traced into one graph and compiled,
which takes minutes, on one thread. Then both are timed in turn. Processor time is told, so that the machine may do other things
meanwhile. Workloads are those of `benchmarks.peers`.
"""

import argparse
import time
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Generator, Tensor
from torch.fx.experimental.proxy_tensor import make_fx

from benchmarks.peers.workloads import WORKLOADS
from metaplay.algorithms.maml import Maml
from metaplay.algorithms.written_out import closed_form, written_out
from metaplay.config import RunConfig
from metaplay.episodes import Episodes
from metaplay.registry import ALGORITHMS, FAMILIES, load

SHOWN = ("W1-1", "W2-stride2-1")
LEAST = 0.2
"""Seconds of each in a round, at least."""


class MetaGradient:
    """The meta-gradient of a chunk of tasks as a function of tensors alone: the parameters in order, support and query set."""

    def __init__(self, config: RunConfig, dtype: torch.dtype = torch.float32):
        device, rng = torch.device("cpu"), Generator().manual_seed(0)
        family = load(FAMILIES[config.family])(config, device)
        self.learner: Maml = load(ALGORITHMS[config.algorithm], family.kind)(config, family, device)
        drawn = family.sample("train", config.meta_batch, config.shot, config.query, rng)
        part = next(self.learner.chunks(drawn))
        self.tasks = part.tasks
        tensors = (*self.learner.params.values(), part.support_x, part.support_y, part.query_x, part.query_y)
        self.inputs = [value.detach().to(dtype) if value.is_floating_point() else value for value in tensors]

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        names = list(self.learner.params)
        with torch.enable_grad():
            params = [value.detach().requires_grad_() for value in inputs[: len(names)]]
            self.learner.params = dict(zip(names, params, strict=True))
            part = Episodes(*inputs[len(names) :])
            if model := closed_form(self.learner):
                return written_out(self.learner, model, part, 0, self.learner.second_order(0))[0]
            loss, _ = self.learner.meta_loss(part, 0)
            return list(torch.autograd.grad(loss, params))


def compiled(gradient: MetaGradient) -> tuple[Callable[..., Any], float]:
    """The compiled meta-gradient, and the seconds that it took to make."""
    began = time.perf_counter()
    graph = make_fx(gradient)(*gradient.inputs)
    function = torch.compile(graph, fullgraph=True)
    with torch.no_grad():
        function(*gradient.inputs)
    return function, time.perf_counter() - began


def seconds(act: Callable[[], object]) -> float:
    """Processor seconds of a call, mean over as many as fit into a moment."""
    began, count = time.process_time(), 0
    while time.process_time() - began < LEAST:
        act()
        count += 1
    return (time.process_time() - began) / count


def distance(found: Sequence[Tensor], expected: Sequence[Tensor]) -> float:
    """Of two gradients, over the length of the expected one."""
    apart = sum(float((a.double() - b).square().sum()) for a, b in zip(found, expected, strict=True))
    return (apart / sum(float(b.square().sum()) for b in expected)) ** 0.5


def row(name: str, rounds: int) -> str:
    """A line of the table."""
    config = WORKLOADS[name].config
    gradient, exact = MetaGradient(config), MetaGradient(config, torch.float64)
    function, made = compiled(gradient)

    def eager() -> list[Tensor]:
        return gradient(*gradient.inputs)

    @torch.no_grad()
    def quick() -> list[Tensor]:
        return function(*gradient.inputs)

    took = [(seconds(eager), seconds(quick)) for _ in range(rounds)]
    ours, theirs = (1e3 * min(times) for times in zip(*took, strict=True))
    truth = exact(*exact.inputs)
    apart = [distance(found, truth) for found in (eager(), quick())]
    figures = f"{made:.0f} | {ours:.2f} | {theirs:.2f} | {ours / theirs:.2f} | {apart[0]:.0e} | {apart[1]:.0e}"
    return f"| {name} | {gradient.tasks} | {figures} |"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks.compiled", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("workloads", nargs="*", default=SHOWN, metavar="WORKLOAD")
    parser.add_argument("--rounds", type=int, default=10)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    print(
        "| workload | tasks | compile s | ours ms | compiled ms | ratio | ours from float64 | compiled from float64 |"
    )
    print("|---|---|---|---|---|---|---|---|")
    for name in asked.workloads:
        print(row(name, asked.rounds), flush=True)


if __name__ == "__main__":
    main()
