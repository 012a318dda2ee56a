"""Reptile (Nichol et al. 2018, "On First-Order Meta-Learning Algorithms"), Algorithm 2 with a batch of tasks."""

from collections import deque
from collections.abc import Iterator

import torch
from torch import Generator, Tensor

from metaplay.algorithms.base import Learner, Report, before_after, finite_norm
from metaplay.algorithms.inner import Moments, fit, means, spread
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params


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
        told = torch.zeros((), device=episodes.support_x.device)
        sums, taken = dict[str, Tensor](), 0
        for part in self.chunks(episodes, self.config.inner_batch or None):
            share = part.tasks / episodes.tasks
            found, moments, measured = self._train_on(part, rng)
            told, taken = told + share * torch.stack(measured), moments.taken
            squares = means(self.model, moments.squares)
            both = {**found, **{f"square.{name}": value for name, value in squares.items()}}
            sums = {name: sums.get(name, 0) + share * mean for name, mean in both.items()}
        before, after, *metrics = told.tolist()
        direction = {name: sums[name] - value.detach() for name, value in self.params.items()}
        norm = finite_norm(after, list(direction.values()))
        with torch.no_grad():
            for name, value in self.params.items():
                value.add_(direction[name], alpha=self.outer_lr(step))
        self.moments = Moments({name: sums[f"square.{name}"] for name in self.params}, taken)
        metric_before, metric_after = metrics or (None, None)
        return Report(after, before, after, metric_before, metric_after, self.outer_lr(step), norm)

    def _train_on(self, episodes: Episodes, rng: Generator) -> tuple[Params, Moments, list[Tensor]]:
        """After the inner steps of training: the mean over tasks of the fast weights; the moments of each; and loss of the first
        minibatch before and of the queries after, for classes accuracy too."""
        first: list[tuple[Tensor, Tensor]] = []
        moments = self._moments(episodes)
        walk = self._fit(episodes, self.config.inner_steps, rng, moments, first)
        fast = deque(walk, maxlen=1).pop()
        with torch.no_grad():
            after = self.predict(fast, episodes, self.config.inner_steps)
            found = means(self.model, fast)
        return found, moments, before_after(first[0], (after, episodes.query_y))

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        rng = Generator(episodes.support_x.device).manual_seed(0)
        return self._fit(episodes, steps, rng, self._moments(episodes), [])

    def _moments(self, episodes: Episodes) -> Moments:
        return Moments(spread(self.model, self.moments.squares, episodes), self.moments.taken)

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
            spread(self.model, self.params, episodes),
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
