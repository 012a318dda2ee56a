"""The proof of each algorithm: what the engine computes, beside the naive loop and central differences."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Generator

from metaplay.algorithms.inner import example_order, whole
from metaplay.config import RunConfig
from metaplay.text import Text, UserError
from metaplay.verify.compare import difference_error, distance, gradient, relative_error
from metaplay.verify.expected import STRIDES, MetaLoss, joint_loss, prototype_loss
from metaplay.verify.naive import Params
from metaplay.verify.subject import Subject, float64, subject, tasks_of
from metaplay.verify.walks import Walks

NAIVE = 1e-9
"""Greatest relative error against the naive loop: both are exact up to rounding, 2e-16 an operation."""
ADAM = 1e-6
"""The same where Adam walks: it divides each gradient by its own size, which blows up the rounding of one that is all but 0."""
DIFFERENCES = 1e-5
"""Greatest relative error against central differences, which are themselves rounded."""
MSL_STEP = 0.05
"""Where MAML++ is looked at besides the run's end: here the multi-step loss is fading, and its gradients may be of first order."""


@dataclass(frozen=True)
class Finding:
    """Relative errors of what the engine computed.

    `second_order` is |ours - first order| / |ours|, None where there are no meta-gradients; `exact` says that the paper's
    gradient has such a term.
    """

    what: str
    step: int
    naive: float
    differences: float
    second_order: float | None = None
    exact: bool = False
    tolerance: float = NAIVE

    @property
    def passed(self) -> bool:
        """Whether all errors are small, and a second-order term that is claimed is large enough for its lack to be seen."""
        seen = not self.exact or (self.second_order or 0.0) > self.tolerance
        return self.naive < self.tolerance and self.differences < DIFFERENCES and seen


def prove(config: RunConfig) -> Iterator[Finding]:
    """Compare what a configuration's algorithm computes with the oracles. Raises UserError where there is none, or no data."""
    if config.algorithm not in PROOFS or config.network not in STRIDES:
        raise UserError(
            Text(
                "There is no naive loop of {algorithm} with {network} to compare with; it is there for {algorithms} with {networks}.",
                "没有 {algorithm}（网络 {network}）的朴素实现可供比较；现有的是 {algorithms}，网络 {networks}。",
            ).fill(
                algorithm=config.algorithm,
                network=config.network,
                algorithms=", ".join(PROOFS),
                networks=", ".join(STRIDES),
            )
        )
    with float64():
        yield from PROOFS[config.algorithm](subject(config))


def meta_gradient(it: Subject) -> Iterator[Finding]:
    """MAML and its kin: `meta_gradient` at the meta-steps where the algorithm does different things."""
    config, learner = it.config, it.learner
    running = None
    if config.bnrs:  # as they were before this very batch, which moves them afterwards
        sets = range(config.inner_steps + 1)
        running = [[(mean[k], variance[k]) for mean, variance in learner.running.values] for k in sets]
    steps = sorted({int(MSL_STEP * config.steps), config.steps - 1}) if config.msl or config.da else [0]
    at = {name: value.detach() for name, value in learner.trainable().items()}
    for step in steps:
        loss = MetaLoss(config, it.episodes, step, running)
        ours, _ = learner.meta_gradient(it.episodes, step)
        theirs = gradient(loss, at)
        first = gradient(loss.first_order, at) if loss.exact else theirs
        leaves = {name: value.clone().requires_grad_() for name, value in at.items()}
        differences = difference_error(loss.value(leaves), at, ours, DIFFERENCES)
        error = relative_error(ours, theirs)
        yield Finding("meta-gradient", step, error, differences, distance(ours, first), loss.exact)


def loss_gradient(it: Subject, loss: Callable[[Params], torch.Tensor]) -> Iterator[Finding]:
    """An algorithm that follows the gradient of one loss."""
    params = it.learner.params
    grads = torch.autograd.grad(it.learner.episode_loss(it.episodes)[0], list(params.values()))
    ours = dict(zip(params, grads, strict=True))
    error = relative_error(ours, gradient(loss, params))
    at = {name: value.detach() for name, value in params.items()}
    yield Finding("gradient", 0, error, difference_error(loss, at, ours, DIFFERENCES))


def reptile(it: Subject) -> Iterator[Finding]:
    """How far an `update` moves the parameters, in the midst of a run: with Adam's second moments, and half the outer rate."""
    config, learner, tasks = it.config, it.learner, tasks_of(it.episodes)
    step, seed, steps = config.steps // 2, config.seed, config.inner_steps
    order = example_order(it.episodes, steps, config.inner_batch, Generator().manual_seed(seed))
    rows = [[slice(None) if order is None else order[t, k] for k in range(steps)] for t in range(len(tasks))]
    batches = [[(x[row], y[row]) for row in rows[t]] for t, (x, y, _, _) in enumerate(tasks)]
    start = {name: value.detach().clone() for name, value in learner.params.items()}
    squares = {name: value.clone() for name, value in learner.moments.squares.items()}
    stride, moments = STRIDES[config.network], learner.moments
    walks = Walks(start, batches, stride, config.inner_optimizer, config.inner_lr, True, squares, moments.taken)
    learner.update(it.episodes, step, Generator().manual_seed(seed))
    rate = config.outer_lr * (1 - step / config.steps)
    ours = {name: (value.detach() - start[name]).unsqueeze(0) / rate for name, value in learner.params.items()}
    yield _walked("update", step, ours, walks)


def scratch(it: Subject) -> Iterator[Finding]:
    """How far `adapt` takes the weights of each task."""
    config, learner = it.config, it.learner
    batches = [[(x, y)] * config.test_inner_steps for x, y, _, _ in tasks_of(it.episodes)]
    start = {name: value.detach().clone() for name, value in learner.params.items()}
    walks = Walks(start, batches, STRIDES[config.network], config.inner_optimizer, config.inner_lr)
    *_, fast = learner.adapt(it.episodes, config.test_inner_steps)
    ours = {name: value - start[name] for name, value in whole(learner.model, fast).items()}
    yield _walked("adapted weights", 0, ours, walks)


def _walked(what: str, step: int, ours: Params, walks: Walks) -> Finding:
    error, differences = relative_error(ours, walks.moved()), walks.difference_error(ours, DIFFERENCES)
    return Finding(what, step, error, differences, tolerance=ADAM if walks.optimizer == "adam" else NAIVE)


PROOFS: dict[str, Callable[[Subject], Iterator[Finding]]] = {
    **dict.fromkeys(("maml", "fomaml", "mamlpp", "anil", "metasgd", "cavia"), meta_gradient),
    "protonet": lambda it: loss_gradient(it, prototype_loss(it.config, it.episodes)),
    "reptile": reptile,
    "joint": lambda it: loss_gradient(it, joint_loss(it.config, it.episodes)),
    "scratch": scratch,
}
"""The proof of each algorithm."""
