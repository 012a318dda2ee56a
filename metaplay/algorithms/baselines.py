"""Honest baselines: joint training, which learns the average task, and training from scratch, which learns from none."""

from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.algorithms.adam import AdamOuter
from metaplay.algorithms.base import Learner, Report, finite_norm, mean_accuracy
from metaplay.algorithms.inner import fit, spread
from metaplay.algorithms.running import RunningStats
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params, Stats
from metaplay.models.conv4 import LAYERS
from metaplay.models.losses import task_losses
from metaplay.registry import NETWORKS


class Joint(Learner):
    """The ordinary supervised loop: Adam on all examples of all tasks at once, with batch normalisation over the whole batch.

    Classification learns the classes of the split under their own, fixed labels. Tested on classes that it never saw, its head
    is replaced by a new one (zeros) and all weights are fine-tuned with SGD at the inner rate; on known classes (hold_out =
    images) the head stays. Inductive predictions use running statistics, as ordinary batch normalisation does.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        super().__init__(config, family, device)
        self.outer = AdamOuter(self.params)
        layers = LAYERS if NETWORKS[config.network].norm else 0
        self.running = RunningStats(config.width, layers, 1, device)

    @property
    def new_head(self) -> bool:
        """Whether tested classes are not those of training."""
        return self.family.kind == "classification" and self.config.hold_out == "classes"

    def outputs(self) -> int:
        return self.family.train_classes if self.new_head else self.family.outputs

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        loss, outputs, stats = self.episode_loss(episodes)
        grads = list(torch.autograd.grad(loss, list(self.params.values())))
        norm = finite_norm(loss.item(), grads)
        self.running.observe(stats, 0)
        self.running.settle()
        self.outer.step(grads, self.config.outer_lr)
        measured = loss.item(), mean_accuracy(outputs, pooled(episodes)[1])
        return Report(measured[0], measured[0], measured[0], measured[1], measured[1], self.config.outer_lr, norm)

    def episode_loss(self, episodes: Episodes) -> tuple[Tensor, Tensor, Stats]:
        """Mean loss over all examples of all tasks, their outputs [1, T * (S + Q), O] and batch statistics."""
        x, y = pooled(episodes)
        outputs, stats = self.model.forward(self.params, x)
        return task_losses(outputs, y).mean(), outputs, stats

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        params = {**self.params}
        if self.new_head:
            weight = self.params["head.weight"]
            params["head.weight"] = weight.new_zeros(weight.shape[0], self.family.outputs)
            params["head.bias"] = weight.new_zeros(self.family.outputs)
        fast = spread(self.model, params, episodes)
        return fit(self.model, fast, episodes, steps, "sgd", self.config.inner_lr, 0, Generator())

    def query_stats(self, fast: Params, episodes: Episodes, step: int) -> Stats:
        return self.running.at(0)

    def state(self) -> dict[str, Tensor]:
        return {**super().state(), **self.outer.state(), **self.running.state()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        self.outer.load_state(tensors)
        self.running.load_state(tensors)


class Scratch(Learner):
    """No meta-training: the same fresh network trains on each task's support set. `update` is never called."""

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        raise NotImplementedError("training from scratch has no meta-step")

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        fast = spread(self.model, self.params, episodes)
        config = self.config
        return fit(self.model, fast, episodes, steps, config.inner_optimizer, config.inner_lr, 0, Generator())


def pooled(episodes: Episodes) -> tuple[Tensor, Tensor]:
    """All examples of all tasks as one task: x [1, T * (S + Q), ...], y likewise; labels are the split's classes."""
    x = torch.cat((episodes.support_x, episodes.query_x), 1)
    y = torch.cat((episodes.support_y, episodes.query_y), 1)
    if episodes.classes is not None:
        y = episodes.classes.gather(1, y)
    return x.flatten(0, 1).unsqueeze(0), y.flatten(0, 1).unsqueeze(0)
