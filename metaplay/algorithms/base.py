"""What every algorithm is: meta-parameters, how a task adapts them, and how a meta-step updates them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Generator, Tensor

from metaplay.config import RunConfig, tasks_at_once
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Model, Params, Stats
from metaplay.models.losses import mean_loss
from metaplay.registry import NETWORKS, load
from metaplay.text import Text, UserError


class Diverged(UserError):
    """A loss or gradient is no longer a number. The meta-parameters are those from before that step."""


@dataclass(frozen=True)
class Report:
    """What one meta-step measured: means over its tasks. Metrics are accuracies, None for regression."""

    meta_loss: float
    loss_before: float
    loss_after: float
    metric_before: float | None
    metric_after: float | None
    outer_lr: float
    grad_norm: float


class Learner(ABC):
    """The meta-parameters of one run. `params` are leaf tensors without a task dimension."""

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        self.config, self.family = config, family
        self.model: Model = load(NETWORKS[config.network])(
            family.input_shape, self.outputs(), config.width, self.norm_sets(), self.context_size()
        )
        rng = Generator().manual_seed(config.seed)
        self.params: Params = {name: value.to(device).requires_grad_() for name, value in self.model.init(rng).items()}

    def outputs(self) -> int:
        """Size of the network's output."""
        return self.family.outputs

    def norm_sets(self) -> int:
        """How many sets of batch-norm scale and shift there are: one, or one per inner step."""
        return 1

    def context_size(self) -> int:
        """How many context inputs the network has: none but for CAVIA."""
        return 0

    @property
    def by_step(self) -> bool:
        """Whether the network acts differently after each number of inner steps, the weights left aside."""
        return False

    @property
    def adapted(self) -> tuple[str, ...]:
        """Names of what the inner loop changes."""
        return self.model.adapted

    @property
    def test_steps(self) -> int:
        """Inner steps that it takes on a task of the test."""
        return self.config.test_inner_steps

    def chunks(self, episodes: Episodes, examples: int | None = None) -> Iterator[Episodes]:
        """Parts of a meta-batch that are worked on together, of which nothing but their gradients' sum is kept: so memory does
        not grow with the meta-batch. `examples` of each task are held at once (all, where it is not given)."""
        x = episodes.support_x
        held = examples or x.shape[1] + episodes.query_x.shape[1]
        size = tasks_at_once(self.config, held, x[0, 0].numel(), x.device.type)
        for begin in range(0, episodes.tasks, size):
            yield episodes if size >= episodes.tasks else episodes[begin : begin + size]

    @abstractmethod
    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        """One meta-step, the `step`-th from 0. Raises Diverged and changes nothing if a loss or gradient is not finite."""

    @abstractmethod
    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        """The weights of each task after 0, 1, ..., `steps` inner steps on its support set; changes no state."""

    def predict(self, fast: Params, episodes: Episodes, step: int, stats: Stats | None = None) -> Tensor:
        """Query outputs [T, Q, O] of weights adapted by `step` inner steps, as evaluation counts them.

        Transductive: batch normalisation sees all queries of a task. Inductive: it uses the support set's statistics (or, where
        the algorithm has them, running ones), so that no query's prediction depends on another query. `stats` are those of
        `judging`, where they are known already.
        """
        stats = stats or self.judging(fast, episodes, step)
        return self.model.forward(fast, episodes.query_x, step, stats)[0]

    def embed(self, fast: Params, episodes: Episodes, step: int, stats: Stats | None = None) -> Tensor:
        """What the head is given of the queries, [T, Q, D], where `predict` tells their outputs."""
        stats = stats or self.judging(fast, episodes, step)
        return self.model.features(fast, episodes.query_x, step, stats)[0]

    def judging(self, fast: Params, episodes: Episodes, step: int) -> Stats | None:
        """The statistics that normalise queries; None where those are their own."""
        return None if self.config.transductive else self.query_stats(fast, episodes, step)

    def query_stats(self, fast: Params, episodes: Episodes, step: int) -> Stats:
        """The statistics that normalise queries in inductive mode."""
        return self.model.forward(fast, episodes.support_x, step)[1]

    def learned_rates(self) -> dict[str, list[float]]:
        """Learned inner rates by adapted parameter, its mean for each inner step of training (or one for all); none here."""
        return {}

    def state(self) -> dict[str, Tensor]:
        """Everything that must be saved for the run to go on exactly: parameters here, subclasses add theirs."""
        return {f"params.{name}": value.detach() for name, value in self.params.items()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        """Take over what `state` returned."""
        with torch.no_grad():
            for name, value in self.params.items():
                value.copy_(tensors[f"params.{name}"])


def accuracies(outputs: Tensor, targets: Tensor) -> Tensor | None:
    """Accuracy of each task [T]; None for regression."""
    if targets.is_floating_point():
        return None
    return (outputs.argmax(-1) == targets).double().mean(1)


def before_after(*shown: tuple[Tensor, Tensor]) -> list[Tensor]:
    """Of outputs and targets before adaptation, and of those after it: mean loss over tasks of both, for classes accuracy too."""
    found = [accuracies(*pair) for pair in shown]
    return [*(mean_loss(*pair) for pair in shown), *(values.mean() for values in found if values is not None)]


def mean_accuracy(outputs: Tensor, targets: Tensor) -> float | None:
    """Accuracy over all tasks; None for regression."""
    found = accuracies(outputs, targets)
    return None if found is None else found.mean().item()


def finite_norm(loss: float, grads: list[Tensor]) -> float:
    """Euclidean norm of the gradients. Raises Diverged if it or the loss is not finite."""
    norm = torch.linalg.vector_norm(torch.cat([grad.reshape(-1) for grad in grads])).item()
    check_finite(loss + norm)
    return norm


def check_finite(value: float) -> None:
    """Raises Diverged if the value is not finite."""
    if not abs(value) < float("inf"):
        raise Diverged(
            Text(
                "The loss stopped being a number; lower the inner or outer rate and start again (the last good checkpoint is kept).",
                "损失已不是有限数值；请降低内层或外层学习率后重新开始（最后一个有效的检查点已保留）。",
            )
        )
