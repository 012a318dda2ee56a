"""MAML and first-order MAML (Finn et al. 2017, "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks")."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Generator, Tensor

from metaplay.algorithms.adam import AdamOuter
from metaplay.algorithms.base import Learner, Report, before_after, finite_norm
from metaplay.algorithms.inner import descend, inner_gradient
from metaplay.algorithms.recompute import recomputed
from metaplay.algorithms.written_out import closed_form, written_out
from metaplay.config import RunConfig
from metaplay.episodes import Episodes, TaskFamily
from metaplay.models.base import Params, Stats
from metaplay.models.losses import task_losses

Observer = Callable[[Stats, int], None]


class Maml(Learner):
    """Algorithm 1 (regression) and 2 (classification are the same algorithm): exact second-order meta-gradients.

    Inner step, equation 1: fast = theta - alpha * grad of the support loss (mean over the support set).
    Outer step: Adam on the mean over tasks of the query loss at the fast weights, differentiated through the inner steps.
    All tasks are adapted together: each has its own copy of theta in front, and the gradient of the sum of their losses
    is, for each copy, that task's own gradient.
    """

    def __init__(self, config: RunConfig, family: TaskFamily, device: torch.device):
        super().__init__(config, family, device)
        self.outer = AdamOuter(self.trainable(), self.outer_scales())

    def trainable(self) -> Params:
        """What the outer step changes."""
        return self.params

    def outer_scales(self) -> dict[str, float]:
        """What the outer rate is multiplied with for some of them."""
        return {}

    def second_order(self, step: int) -> bool:
        """Whether the meta-gradient of this meta-step goes through the inner gradients."""
        return True

    def loss_weights(self, step: int) -> list[float]:
        """Weight in the meta-loss of the query loss after each inner step: here only the last counts."""
        return [0.0] * (self.config.inner_steps - 1) + [1.0]

    def outer_lr(self, step: int) -> float:
        return self.config.outer_lr

    def rate(self, name: str, inner_step: int) -> float | Tensor:
        """Inner learning rate of one parameter at one inner step."""
        return self.config.inner_lr

    def update(self, episodes: Episodes, step: int, rng: Generator) -> Report:
        grads, report = self.meta_gradient(episodes, step)
        self.outer.step(list(grads.values()), report.outer_lr)
        return report

    def meta_gradient(self, episodes: Episodes, step: int) -> tuple[Params, Report]:
        """Gradient of the meta-loss with respect to everything trainable, and what was measured on the way."""
        trainable = self.trainable()
        total, told = list[Tensor](), torch.zeros((), device=episodes.support_x.device)
        for part in self.chunks(episodes):
            share = part.tasks / episodes.tasks
            grads, loss, measured = self._part_gradient(part, step, share)
            total = [a + b for a, b in zip(total, grads, strict=True)] if total else list(grads)
            told = told + share * torch.stack((loss.detach(), *measured))
        meta_loss, before, after, *metrics = told.tolist()  # read once: each reading waits for a GPU
        metric_before, metric_after = metrics or (None, None)
        norm = finite_norm(meta_loss, total)
        report = Report(meta_loss, before, after, metric_before, metric_after, self.outer_lr(step), norm)
        return dict(zip(trainable, total, strict=True)), report

    def _part_gradient(self, part: Episodes, step: int, share: float) -> tuple[Sequence[Tensor], Tensor, list[Tensor]]:
        """The gradient of `share` times the meta-loss of a part of the meta-batch; and what `meta_loss` tells of it."""
        if model := closed_form(self):
            grads, loss, (first, last) = written_out(self, model, part, step, self.second_order(step))
        elif self.config.recompute and self.second_order(step):
            grads, loss, (first, last) = recomputed(self, part, step, self.train_query, self.observe)
        else:
            loss, measured = self.meta_loss(part, step)
            leaves = list(self.trainable().values())
            return torch.autograd.grad(share * loss, leaves, materialize_grads=True), loss, measured
        measured = before_after((first, part.support_y), (last, part.query_y))
        return grads if share == 1 else [share * grad for grad in grads], loss, measured

    def meta_loss(self, episodes: Episodes, step: int) -> tuple[Tensor, list[Tensor]]:
        """Mean over tasks of the weighted query losses; and loss before and after adaptation, for classes accuracy too."""
        weights = self.loss_weights(step)
        fast = self.start(episodes.tasks)
        loss = episodes.support_x.new_zeros(())
        first = last = episodes.query_x
        for k, weight in enumerate(weights):
            fast, support_out = self.inner_step(fast, episodes, k, self.second_order(step), self.observe)
            first = support_out.detach() if k == 0 else first
            if weight > 0:
                last = self.train_query(fast, episodes, k + 1)
                loss = loss + weight * task_losses(last, episodes.query_y).mean()
        return loss, before_after((first, episodes.support_y), (last.detach(), episodes.query_y))

    def start(self, tasks: int) -> Params:
        """theta, a copy for each task of what the inner loop adapts: [T, ...]. The copies share memory."""
        return {
            name: value.expand(tasks, *value.shape) if name in self.adapted else value
            for name, value in self.params.items()
        }

    def inner_step(
        self, fast: Params, episodes: Episodes, k: int, second_order: bool, observe: Observer | None = None
    ) -> tuple[Params, Tensor]:
        """Equation 1 for all tasks; also the support outputs [T, S, O] before the step.

        With `second_order` off the gradient is a constant, while the way from theta to the fast weights stays open: the
        meta-gradient is then the query gradient at the fast weights (FOMAML, section 5.2). `observe` is shown the batch
        statistics of the support set.
        """
        adapted, (x, y) = self.adapted, (episodes.support_x, episodes.support_y)
        grads, outputs, stats = inner_gradient(self.model, fast, x, y, k, adapted, second_order)
        if observe:
            observe(stats, k)
        moved = {name: descend(fast[name], self.rate(name, k), grad) for name, grad in zip(adapted, grads, strict=True)}
        return {**fast, **moved}, outputs

    def train_query(self, fast: Params, episodes: Episodes, k: int) -> Tensor:
        """Query outputs [T, Q, O] after k inner steps, in meta-training."""
        return self.predict(fast, episodes, k)

    def observe(self, stats: Stats, k: int) -> None:
        """Shown the batch statistics of meta-training at inner step k; here they are not kept."""

    def adapt(self, episodes: Episodes, steps: int) -> Iterator[Params]:
        fast = {name: value.detach() for name, value in self.start(episodes.tasks).items()}
        for k in range(steps + 1):
            yield fast
            if k < steps:
                fast = self._moved(fast, episodes, k)

    def _moved(self, fast: Params, episodes: Episodes, k: int) -> Params:
        """The weights after one more inner step, as constants."""
        if model := closed_form(self):
            rates = {name: self.rate(name, k) for name in self.adapted}
            return model.descended(fast, rates, episodes.support_x, episodes.support_y)
        leaves = {name: value.requires_grad_(name in self.adapted) for name, value in fast.items()}
        with torch.enable_grad():
            moved, _ = self.inner_step(leaves, episodes, k, second_order=False)
        return {name: value.detach() for name, value in moved.items()}

    def state(self) -> dict[str, Tensor]:
        learned = {name: value.detach() for name, value in self._learned().items()}
        return {**super().state(), **learned, **self.outer.state()}

    def load_state(self, tensors: dict[str, Tensor]) -> None:
        super().load_state(tensors)
        with torch.no_grad():
            for name, value in self._learned().items():
                value.copy_(tensors[name])
        self.outer.load_state(tensors)

    def _learned(self) -> Params:
        """What the outer step changes beside the parameters."""
        return {name: value for name, value in self.trainable().items() if name not in self.params}


class Fomaml(Maml):
    """First-order MAML (Finn et al. 2017, section 5.2): second derivatives are left out."""

    def second_order(self, step: int) -> bool:
        return False
