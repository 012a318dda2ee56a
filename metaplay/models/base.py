"""What every network is: a pure function of parameters that may carry a task dimension in front."""

import math
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Protocol

import torch
from torch import Generator, Tensor

from metaplay.models.unrolled import Rate, Unrolled

Params = dict[str, Tensor]
"""Parameters by name. Each has its plain shape, shared by all tasks, or [T, *shape], a set of its own for each task."""

Stats = list[tuple[Tensor, Tensor]]
"""Mean and variance of each normalisation layer, [T, 1, C] each (or [1, 1, C], shared by all tasks)."""


class Model(Protocol):
    """A network. `adapted` names the parameters that an inner loop changes; `head` those of the output layer.

    Built with (input_shape, outputs, width, norm_sets, context). With `context` C over 0, parameters "context" [T, C] may stand
    among those of the tasks; weights of the network's own say what they do.
    """

    adapted: tuple[str, ...]
    head: tuple[str, ...]

    def init(self, rng: Generator) -> Params:
        """Fresh parameters without a task dimension, on the CPU."""
        ...

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        """Outputs [T, N, O] for x [T, N, ...] (or [1, N, ...], the same for all tasks), and the batch statistics that were used.

        `step` is the number of inner steps taken so far (networks with per-step normalisation read it). With `stats`
        given, those normalise instead of the batch's own.
        """
        ...

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        """What the head is given, [T, N, D]; else as `forward`."""
        ...


class ClosedForm(ABC):
    """A network that has the gradient of its loss written out, which costs much less than autograd's where it is small.

    For networks without normalisation: the loss is that of `forward(params, x)`.
    """

    @abstractmethod
    def gradients(self, params: Params, x: Tensor, y: Tensor, names: tuple[str, ...]) -> tuple[list[Tensor], Tensor]:
        """For each of the names, the gradient [T, ...] of the task's losses (losses.py) on x [T, N, ...] and targets y; and
        the outputs [T, N, O], as constants. The gradients can be differentiated once more."""

    @abstractmethod
    def descended(self, params: Params, rates: Mapping[str, Rate], x: Tensor, y: Tensor) -> Params:
        """The parameters after an inner step down the loss of x and y, at these rates by name, as constants: [T, ...] those that
        have a rate, and the others as they are."""

    @abstractmethod
    def unrolled(
        self,
        params: Params,
        rates: Sequence[Mapping[str, Rate]],
        support: tuple[Tensor, Tensor],
        query: tuple[Tensor, Tensor],
        weights: Sequence[float],
        second_order: bool,
    ) -> Unrolled:
        """A meta-loss and its gradient, as models/unrolled.py has them, without context inputs. `rates` are by name, those of
        each inner step; `grads` are in the order of `adapted`."""


class Tabled(ABC):
    """A network with a table of vectors of which a task's examples touch few rows (models/tables.py).

    It takes parameters of tasks as `spread` gives them, too: of these, `shared` names what is the same for all tasks.
    """

    shared: tuple[str, ...]

    @abstractmethod
    def spread(self, params: Params, x: Tensor) -> Params:
        """A copy of the parameters for each task, [T, ...]; of the table, only of the rows that its x [T, N, ...] touches."""

    @abstractmethod
    def mean(self, fast: Params) -> Params:
        """The mean over tasks of what `spread` gave, without a task dimension."""

    @abstractmethod
    def whole(self, fast: Params) -> Params:
        """What `spread` gave, with a table [T, ...] for each task; other parameters as they are."""


def copies(params: Params, tasks: int) -> Params:
    """A copy of the parameters for each task, [T, ...]."""
    return {name: value.expand(tasks, *value.shape).clone() for name, value in params.items()}


def uniform(shape: tuple[int, ...], fan_in: int, rng: Generator) -> Tensor:
    """Weights U(-1/sqrt(fan_in), 1/sqrt(fan_in)), torch's default for linear layers."""
    bound = 1 / math.sqrt(fan_in)
    return torch.empty(shape).uniform_(-bound, bound, generator=rng)


def linear(params: Params, name: str, x: Tensor) -> Tensor:
    """x [T, N, I] @ weight [(T,) I, O] + bias [(T,) O]."""
    return x @ params[f"{name}.weight"] + params[f"{name}.bias"].unsqueeze(-2)
