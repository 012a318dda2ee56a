"""Reptile (Nichol et al. 2018, "On First-Order Meta-Learning Algorithms"), Algorithm 2 with a batch of tasks."""

from collections import deque
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner, Report, finite_norm, mean_accuracy
from metaplay.algorithms.inner import Moments, fit, spread
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params
from metaplay.models.losses import task_losses


class Reptile(Learner):
    """phi <- phi + eps * mean over tasks of (fast - phi), eps falling from the outer rate to 0 over the run.

    fast: `inner_steps` steps of Adam (beta1 = 0) or SGD from phi on minibatches of the task. All parameters adapt, batch-norm
    scale and shift too. Adam's second moments are carried from meta-step to meta-step, as by the authors' code, and are where
    a test task starts from; tasks side by side all start from the same and leave their mean.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        super().__init__(config, family, device)
        self.moments = Moments.fresh(self.params)

    def outer_lr(self, step: int) -> float:
        """eps, annealed linearly to 0 (section 6.1 of the paper)."""
        return self.config.outer_lr * (1 - step / self.config.steps)

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        fast, moments, (outputs, targets) = self.train_on(episodes, rng)
        with torch.no_grad():
            direction = {name: fast[name].mean(0) - value for name, value in self.params.items()}
            after = self.predict(fast, episodes, self.config.inner_steps)
            loss_after = task_losses(after, episodes.query_y).mean().item()
            norm = finite_norm(loss_after, list(direction.values()))
            for name, value in self.params.items():
                value.add_(direction[name], alpha=self.outer_lr(step))
            self.moments = moments
        return Report(
            meta_loss=loss_after,
            loss_before=task_losses(outputs, targets).mean().item(),
            loss_after=loss_after,
            metric_before=mean_accuracy(outputs, targets),
            metric_after=mean_accuracy(after, episodes.query_y),
            outer_lr=self.outer_lr(step),
            grad_norm=norm,
        )

    def train_on(self, episodes: Episodes, rng: Generator) -> tuple[Params, Moments, tuple[Tensor, Tensor]]:
        """After the inner steps of training: fast weights [T, ...] and moments; outputs and targets of the first minibatch."""
        first: list[tuple[Tensor, Tensor]] = []
        moments = self._moments(episodes.tasks)
        walk = self._fit(episodes, self.config.inner_steps, rng, moments, first)
        fast = deque(walk, maxlen=1).pop()
        means = {name: value.mean(0) for name, value in moments.squares.items()}
        return fast, Moments(means, moments.taken), first[0]

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        rng = Generator(episodes.support_x.device).manual_seed(0)
        return self._fit(episodes, steps, rng, self._moments(episodes.tasks), [])

    def _moments(self, tasks: int) -> Moments:
        return Moments(spread(self.moments.squares, tasks), self.moments.taken)

    def _fit(
        self,
        episodes: Episodes,
        steps: int,
        rng: Generator,
        moments: Moments,
        first: list[tuple[Tensor, Tensor]],
    ) -> Iterator[Params]:
        config = self.config
        return fit(
            self.model,
            spread(self.params, episodes.tasks),
            episodes,
            steps,
            config.inner_optimizer,
            config.inner_lr,
            config.inner_batch,
            rng,
            lambda outputs, targets: first.append((outputs, targets)),
            moments,
        )

    def state(self) -> dict[str, Tensor]:
        squares = {f"square.{name}": value for name, value in self.moments.squares.items()}
        return {**super().state(), **squares, "square.taken": torch.tensor(self.moments.taken)}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        squares = {name: tensors[f"square.{name}"] for name in self.params}
        self.moments = Moments(squares, int(tensors["square.taken"]))
