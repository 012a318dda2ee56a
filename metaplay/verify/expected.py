"""What an algorithm's paper says of a configuration, put to the naive loop: losses as functions of named parameters."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from metaplay.config import EPOCHS, RunConfig
from metaplay.episodes import Episodes
from metaplay.verify import naive
from metaplay.verify.compare import Loss
from metaplay.verify.naive import Params
from metaplay.verify.subject import tasks_of

ADAPTS: dict[str, Callable[[str], bool]] = {
    "anil": naive.head_only,
    "cavia": naive.context_only,
}
"""Which parameters an algorithm's inner loop changes, by their names, where not as in MAML."""
STRIDES = {"mlp": 0, "conv4": 2, "conv4-pool": 1, "ngrams": 0}
"""The networks that the naive loop knows, and the stride of their convolutions."""
MSL_EPOCHS, DA_EPOCHS = 10, 50


@dataclass(frozen=True)
class MetaLoss:
    """The meta-loss at one meta-step of every algorithm of MAML's kind: mean over tasks of the weighted query losses.

    Called with parameters by name, Meta-SGD's and MAML++'s rates among them as `rate.<name>`. `running`: the statistics of
    BNRS that judge inductive queries after 0, 1, ... inner steps.
    """

    config: RunConfig
    episodes: Episodes
    step: int = 0
    running: list[list[tuple[Tensor, Tensor]]] | None = None

    @property
    def epoch(self) -> int:
        return self.step * EPOCHS // self.config.steps

    @property
    def exact(self) -> bool:
        """Whether the algorithm differentiates through its inner gradients at this meta-step."""
        return self.config.algorithm != "fomaml" and not (self.config.da and self.epoch < DA_EPOCHS)

    def __call__(self, leaves: Params) -> Tensor:
        return self._value(leaves, self.exact)

    def first_order(self, leaves: Params) -> Tensor:
        """The same value, with the inner gradients as constants of autograd's."""
        return self._value(leaves, False)

    def value(self, at: Params) -> Loss:
        """What central differences are taken of: the loss itself or, of first order, with the inner gradients held as at `at`."""
        if self.exact:
            return self.first_order  # the same values, without a graph of the inner gradients
        held: list[list[list[Tensor]]] = [[] for _ in range(self.episodes.tasks)]
        self._value(at, False, held)
        return lambda leaves: self._value(leaves, False, held)

    def _value(self, leaves: Params, exact: bool, held: list[list[list[Tensor]]] | None = None) -> Tensor:
        config, losses = self.config, []
        params = {name: value for name, value in leaves.items() if not name.startswith("rate.")}
        for t, task in enumerate(tasks_of(self.episodes)):
            fresh = {"context": torch.zeros(config.context, requires_grad=True)} if config.algorithm == "cavia" else {}
            losses.append(
                naive.maml_loss(
                    {**params, **fresh},
                    task,
                    stride=STRIDES[config.network],
                    weights=self._weights(),
                    rate=lambda name, k: self._rate(leaves, name, k),
                    second_order=exact,
                    transductive=config.transductive,
                    adapts=ADAPTS.get(config.algorithm, naive.adapted),
                    running=self.running,
                    held=held[t] if held else None,
                )
            )
        return torch.stack(losses).mean()

    def _weights(self) -> list[float]:
        if self.config.msl and self.epoch < MSL_EPOCHS:
            return naive.multi_step_weights(self.config.inner_steps, self.epoch)
        return [0.0] * (self.config.inner_steps - 1) + [1.0]

    def _rate(self, leaves: Params, name: str, k: int) -> float | Tensor:
        rate = leaves.get(f"rate.{name}")
        if rate is None:
            return self.config.inner_lr
        return rate[k] if self.config.algorithm == "mamlpp" else rate


def prototype_loss(config: RunConfig, episodes: Episodes) -> Loss:
    """ProtoNet's training loss."""
    stride = STRIDES[config.network]
    return lambda leaves: torch.stack(
        [naive.prototype_loss(leaves, task, stride=stride) for task in tasks_of(episodes)]
    ).mean()


def joint_loss(config: RunConfig, episodes: Episodes) -> Loss:
    """Joint training's loss; labels are the classes of the split."""
    examples = []
    for t, (support_x, support_y, query_x, query_y) in enumerate(tasks_of(episodes)):
        for x, y in ((support_x, support_y), (query_x, query_y)):
            classes = episodes.classes
            examples.append((x, y if classes is None else torch.tensor([int(classes[t, i]) for i in y.tolist()])))
    return lambda leaves: naive.joint_loss(leaves, examples, STRIDES[config.network])
