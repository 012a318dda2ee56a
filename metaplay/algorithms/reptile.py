"""Reptile (Nichol et al. 2018, "On First-Order Meta-Learning Algorithms"), Algorithm 2 with a batch of tasks."""

from collections import deque
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner, Report, finite_norm, mean_accuracy, task_losses
from metaplay.algorithms.inner import fit, spread
from metaplay.episodes import Episodes
from metaplay.models.base import Params


class Reptile(Learner):
    """phi <- phi + eps * mean over tasks of (fast - phi), eps falling from the outer rate to 0 over the run.

    fast: `inner_steps` steps of Adam (beta1 = 0) or SGD from phi on minibatches of the task. All parameters adapt, batch-norm
    scale and shift too. Adam's second moments start afresh on every task, in training and at test; the authors' code carries
    them over from task to task in training, which tasks side by side cannot.
    """

    def outer_lr(self, step: int) -> float:
        """eps, annealed linearly to 0 (section 6.1 of the paper)."""
        return self.config.outer_lr * (1 - step / self.config.steps)

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        fast, (outputs, targets) = self.train_on(episodes, rng)
        with torch.no_grad():
            direction = {name: fast[name].mean(0) - value for name, value in self.params.items()}
            after = self.predict(fast, episodes, self.config.inner_steps)
            loss_after = task_losses(after, episodes.query_y).mean().item()
            norm = finite_norm(loss_after, list(direction.values()))
            for name, value in self.params.items():
                value.add_(direction[name], alpha=self.outer_lr(step))
        return Report(
            meta_loss=loss_after,
            loss_before=task_losses(outputs, targets).mean().item(),
            loss_after=loss_after,
            metric_before=mean_accuracy(outputs, targets),
            metric_after=mean_accuracy(after, episodes.query_y),
            outer_lr=self.outer_lr(step),
            grad_norm=norm,
        )

    def train_on(self, episodes: Episodes, rng: Generator) -> tuple[Params, tuple[Tensor, Tensor]]:
        """The fast weights [T, ...] after the inner steps of training; outputs and targets of the first minibatch."""
        first: list[tuple[Tensor, Tensor]] = []
        walk = self._fit(episodes, self.config.inner_steps, rng, first)
        return deque(walk, maxlen=1).pop(), first[0]

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        rng = Generator(episodes.support_x.device).manual_seed(0)
        return self._fit(episodes, steps, rng, [])

    def _fit(
        self, episodes: Episodes, steps: int, rng: Generator, first: list[tuple[Tensor, Tensor]]
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
        )
