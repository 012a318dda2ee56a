"""The multilayer perceptron of few-shot regression: 1-40-40-1 with ReLU (Finn et al. 2017, section 5.1)."""

from collections.abc import Mapping, Sequence

import torch
from torch import Generator, Tensor

from metaplay.models.base import ClosedForm, Params, Stats, linear, uniform
from metaplay.models.mlp_gradient import TaskGradients
from metaplay.models.unrolled import Rate, Unrolled, UnrolledStep, unrolled

LAYERS = ("layer1", "layer2", "head")


class Mlp(ClosedForm):
    """Two hidden layers of `width` units with ReLU; all parameters adapt; no normalisation.

    Context inputs are further inputs of the first layer, the same for all examples of a task.
    """

    def __init__(self, input_shape: tuple[int, ...], outputs: int, width: int, steps: int = 1, context: int = 0):
        (inputs,) = input_shape
        self.context = context
        self.sizes = (inputs, width, width, outputs)
        self.adapted = tuple(f"{layer}.{part}" for layer in LAYERS for part in ("weight", "bias"))
        self.head = ("head.weight", "head.bias")

    def init(self, rng: Generator) -> Params:
        params: Params = {}
        for layer, inputs, outputs in zip(LAYERS, self.sizes[:-1], self.sizes[1:], strict=True):
            params[f"{layer}.weight"] = uniform((inputs, outputs), inputs, rng)
            params[f"{layer}.bias"] = uniform((outputs,), inputs, rng)
        if self.context:
            params["context.weight"] = uniform((self.context, self.sizes[1]), self.sizes[0] + self.context, rng)
        return params

    def forward(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        hidden, stats = self.features(params, x, step, stats)
        return linear(params, "head", hidden), stats

    def features(self, params: Params, x: Tensor, step: int = 0, stats: Stats | None = None) -> tuple[Tensor, Stats]:
        hidden = linear(params, "layer1", x)
        if self.context:
            hidden = hidden + (params["context"] @ params["context.weight"]).unsqueeze(-2)
        return torch.relu(linear(params, "layer2", torch.relu(hidden))), []

    def gradients(self, params: Params, x: Tensor, y: Tensor, names: tuple[str, ...]) -> tuple[list[Tensor], Tensor]:
        """Context inputs act as a further bias of the first layer."""
        tasks = x.shape[0]
        flat = {name: _each(params[name], tasks, 3 if name.endswith("weight") else 2) for name in self.adapted}
        if self.context:
            flat["layer1.bias"] = flat["layer1.bias"] + params["context"] @ params["context.weight"]
        wanted = {"layer1.bias" if name == "context" else name for name in names}
        outputs, *found = TaskGradients.apply(x, y, [name in wanted for name in flat], *flat.values())
        grads = dict(zip(flat, found, strict=True))
        if "context" in names:
            grads["context"] = grads["layer1.bias"] @ params["context.weight"].T
        return [grads[name] for name in names], outputs

    @torch.no_grad()
    def descended(self, params: Params, rates: Mapping[str, Rate], x: Tensor, y: Tensor) -> Params:
        flat = [_each(params[name], len(x), 3 if name.endswith("weight") else 2) for name in self.adapted]
        after = UnrolledStep(flat, [rates.get(name) for name in self.adapted], x, y).after
        return {**params, **{name: value for name, value in zip(self.adapted, after, strict=True) if name in rates}}

    def unrolled(
        self,
        params: Params,
        rates: Sequence[Mapping[str, Rate]],
        support: tuple[Tensor, Tensor],
        query: tuple[Tensor, Tensor],
        weights: Sequence[float],
        second_order: bool,
    ) -> Unrolled:
        theta = [params[name] for name in self.adapted]
        by_step = [[rate.get(name) for name in self.adapted] for rate in rates]
        return unrolled(theta, by_step, support, query, weights, second_order)


def _each(value: Tensor, tasks: int, dims: int) -> Tensor:
    """A parameter with its task dimension."""
    return value if value.dim() == dims else value.expand(tasks, *value.shape)
