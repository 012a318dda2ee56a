"""Prototypical networks (Snell et al. 2017, "Prototypical Networks for Few-shot Learning")."""

import math
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.algorithms.adam import AdamOuter
from metaplay.algorithms.base import Learner, Report, finite_norm
from metaplay.algorithms.running import RunningStats
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params, Stats
from metaplay.models.conv4 import LAYERS
from metaplay.models.losses import task_losses
from metaplay.registry import NETWORKS

HALVED_EVERY = 2000
"""Episodes after which the outer rate is halved (section 3.1)."""


class ProtoNet(Learner):
    """Each class is the mean of its support embeddings; a query is of the class whose mean is nearest (Algorithm 1).

    Distances are squared Euclidean (section 2.3). Training may tell more classes apart than a test does (`train_way`, section
    2.4). There is no inner loop: step 0 stands for the network that has not seen the support set, step 1 for the one that has.
    Normalisation: over all images of an episode in training, as the authors' code; at test by running statistics where each
    query is judged alone, else support and query set by their own.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        super().__init__(config, family, device)
        self.params = {name: value for name, value in self.params.items() if name not in self.model.head}
        self.outer = AdamOuter(self.params)
        self.running = RunningStats(config.width, LAYERS if NETWORKS[config.network].norm else 0, 1, device)

    @property
    def adapted(self) -> tuple[str, ...]:
        return ()

    @property
    def test_steps(self) -> int:
        return 1

    def outer_lr(self, step: int) -> float:
        return self.config.outer_lr * 0.5 ** (step * self.config.meta_batch // HALVED_EVERY)

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        self.running.forget()
        total, told = list[Tensor](), torch.zeros((), device=episodes.support_x.device)
        for part in self.chunks(episodes):
            share = part.tasks / episodes.tasks
            loss, outputs, stats = self.episode_loss(part)
            grads = torch.autograd.grad(share * loss, list(self.params.values()))
            total = [a + b for a, b in zip(total, grads, strict=True)] if total else list(grads)
            right = (outputs.argmax(-1) == part.query_y).double()
            told = told + share * torch.stack((loss.detach(), right.mean()))
            self.running.observe(stats, 0)
        loss, accuracy = told.tolist()
        norm = finite_norm(loss, total)
        self.running.settle()
        self.outer.step(total, self.outer_lr(step))
        ways = way_of(episodes)
        return Report(
            meta_loss=loss,
            loss_before=math.log(ways),
            loss_after=loss,
            metric_before=1 / ways,
            metric_after=accuracy,
            outer_lr=self.outer_lr(step),
            grad_norm=norm,
        )

    def episode_loss(self, episodes: Episodes) -> tuple[Tensor, Tensor, Stats]:
        """Mean query loss of a training batch, query outputs [T, Q, W], and the statistics of all its images."""
        everything = torch.cat((episodes.support_x, episodes.query_x), 1)
        embedded, stats = self.model.features(self.params, everything)
        count = episodes.support_x.shape[1]
        outputs = closeness(embedded[:, count:], prototypes(embedded[:, :count], episodes))
        return task_losses(outputs, episodes.query_y).mean(), outputs, stats

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        with torch.no_grad():
            stats = None if self.config.transductive else self.running.at(0)
            found = prototypes(self.model.features(self.params, episodes.support_x, 0, stats)[0], episodes)
        for k in range(steps + 1):
            yield {**self.params, "prototypes": found if k else torch.zeros_like(found)}

    def predict(self, fast: Params, episodes: Episodes, step: int, stats: Stats | None = None) -> Tensor:
        return closeness(self.embed(fast, episodes, step, stats), fast["prototypes"])

    def query_stats(self, fast: Params, episodes: Episodes, step: int) -> Stats:
        return self.running.at(0)

    def state(self) -> dict[str, Tensor]:
        return {**super().state(), **self.outer.state(), **self.running.state()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        self.outer.load_state(tensors)
        self.running.load_state(tensors)


def way_of(episodes: Episodes) -> int:
    """How many classes an episode tells apart; all tasks of a batch have as many."""
    return int(episodes.support_y.max()) + 1


def prototypes(embedded: Tensor, episodes: Episodes) -> Tensor:
    """Mean embedding of each class's support examples, [T, W, D] (equation 1)."""
    members = torch.nn.functional.one_hot(episodes.support_y, way_of(episodes)).to(embedded)  # [T, S, W]
    return members.transpose(1, 2) @ embedded / members.sum(1).unsqueeze(-1)


def closeness(embedded: Tensor, centres: Tensor) -> Tensor:
    """Minus the squared Euclidean distance of each embedding [T, Q, D] to each centre [T, W, D]: logits [T, Q, W] (equation 2)."""
    return -(embedded.unsqueeze(2) - centres.unsqueeze(1)).square().sum(-1)
