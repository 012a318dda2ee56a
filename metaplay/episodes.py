"""Episodes: a batch of tasks, each with the support set it adapts to and the query set it is tested on."""

from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol

from torch import Generator, Tensor

Split = Literal["train", "val", "test"]


@dataclass(frozen=True)
class Episodes:
    """T tasks, side by side.

    support_x [T, S, ...], support_y [T, S] class labels 0..way-1 (int64) or [T, S, 1] targets (float);
    query_x [T, Q, ...], query_y likewise. Images are [T, S, C, H, W], float, ink 1 on background 0.
    Support and query are ordered by class: label 0's examples first.
    `classes` [T, way] (int64), classification only: the class of the split that each label stands for.
    `latent` [T, L], regression only: the numbers that the true curve of a task is made of.
    `support_numbers` [T, S] and `query_numbers` [T, Q], text only: which of the set's sentences each example is.
    """

    support_x: Tensor
    support_y: Tensor
    query_x: Tensor
    query_y: Tensor
    classes: Tensor | None = None
    latent: Tensor | None = None
    support_numbers: Tensor | None = None
    query_numbers: Tensor | None = None

    @property
    def tasks(self) -> int:
        return self.support_x.shape[0]

    def __getitem__(self, tasks: slice) -> "Episodes":
        """Some of the tasks."""
        whole = {item.name: getattr(self, item.name) for item in fields(self)}
        some: dict[str, Any] = {name: None if part is None else part[tasks] for name, part in whole.items()}
        return Episodes(**some)


class TaskFamily(Protocol):
    """Where episodes come from. Built by the registry's target, called with (config, device).

    `input_shape` is the shape of one example; `outputs` the network's output size: ways, or 1 for regression. `train_classes`
    is the number of classes of the training split (0 for regression), the turned ones included; `class_counts` that of every
    split from which the different classes of an episode are drawn; `split_digest` a fingerprint of which class is in which split.
    """

    kind: Literal["regression", "classification"]
    input_shape: tuple[int, ...]
    outputs: int
    train_classes: int
    class_counts: dict[str, int]
    split_digest: str

    def sample(
        self, split: Split, tasks: int, shot: int, query: int, rng: Generator, way: int | None = None
    ) -> Episodes:
        """Draw episodes; the same generator state gives the same episodes. `way` is the configuration's unless given."""
        ...

    def class_names(self, split: Split, classes: Tensor) -> list[str]:
        """Names of classes [way] of a split; an empty list for regression."""
        ...


class WordedFamily(TaskFamily, Protocol):
    """What a family of sentences has beside: its sentences, to be shown, and the floor that needs no learning."""

    def sentences(self, numbers: Tensor) -> list[str]:
        """The sentences of these numbers [N]."""
        ...

    def floor(self, episodes: Episodes) -> Tensor:
        """Accuracy of nearest centroid by TF-IDF of each task, [T]."""
        ...

    def cosines(self, episodes: Episodes, numbers: Tensor) -> Tensor:
        """What the floor goes by: of the sentences of these numbers [T, N] with each class of their task, [T, N, way]."""
        ...

    def outside(self, split: Split, episodes: Episodes, count: int, rng: Generator) -> Tensor | None:
        """Numbers [T, O] of at most `count` sentences that are of none of a task's classes; None where there are none."""
        ...

    def examples(self, numbers: Tensor) -> Tensor:
        """The sentences of these numbers [T, N], as `query_x` has its examples."""
        ...


class CurveFamily(TaskFamily, Protocol):
    """What a regression family has beside: the `interval` that x is drawn from, and the true curves, to be drawn."""

    interval: tuple[float, float]

    def curve(self, latent: Tensor, x: Tensor) -> Tensor:
        """y [T, N, 1] at x [T, N, 1] (T may be 1 on either side) of tasks with these `latent` numbers [T, L]."""
        ...
