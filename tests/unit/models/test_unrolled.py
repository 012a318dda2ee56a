"""The meta-gradient written out by hand against autograd's through the inner steps, in float64."""

import pytest
import torch
from torch import Tensor

from metaplay.models.base import Params
from metaplay.models.losses import task_losses
from metaplay.models.mlp import Mlp
from metaplay.models.unrolled import Rate
from tests.unit.models.test_closed_form import BODY, HEAD, TASKS, some

WEIGHTS = [0.3, 0.0, 0.7]
"""Of the query losses after each of three inner steps."""
Batch = tuple[Tensor, Tensor]


def inner_rates(kind: str, params: Params, names: tuple[str, ...]) -> list[dict[str, Rate]]:
    """One number for all, or a tensor that is learned: one for each parameter and step, or of a parameter's shape for all steps."""
    if kind == "number":
        return [dict.fromkeys(names, 0.05)] * len(WEIGHTS)
    if kind == "scalars":
        return [{name: torch.tensor(0.02 * (k + 1)).double().requires_grad_() for name in names} for k in range(3)]
    shared: dict[str, Rate] = {name: (0.05 * torch.rand_like(params[name])).requires_grad_() for name in names}
    return [shared] * len(WEIGHTS)


def meta_loss(
    model: Mlp, params: Params, rates: list[dict[str, Rate]], support: Batch, query: Batch, second_order: bool
) -> Tensor:
    """As it is defined."""
    fast, loss = {name: value.expand(TASKS, *value.shape) for name, value in params.items()}, torch.zeros(())
    for rate, weight in zip(rates, WEIGHTS, strict=True):
        inner = task_losses(model.forward(fast, support[0])[0], support[1]).sum()
        grads = torch.autograd.grad(inner, [fast[name] for name in rate], create_graph=second_order)
        moved = {name: fast[name] - rate[name] * grad for name, grad in zip(rate, grads, strict=True)}
        fast = {**fast, **moved}
        loss = loss + weight * task_losses(model.forward(fast, query[0])[0], query[1]).mean()
    return loss


@pytest.mark.parametrize("second_order", [True, False])
@pytest.mark.parametrize("kind", ["number", "scalars", "elementwise"])
@pytest.mark.parametrize("names", [BODY + HEAD, HEAD, BODY[2:]], ids=["all", "head", "upper body"])
@pytest.mark.parametrize("outputs", [1, 5])
def test_the_sweep_back_through_the_inner_steps_is_autograds(outputs, names, kind, second_order):
    model, params, x, y = some(outputs, 0, BODY + HEAD)
    support, query = (x, y), (0.7 * x.flip(1), y.flip(0))
    rates = inner_rates(kind, params, names)
    found = model.unrolled(params, rates, support, query, WEIGHTS, second_order)
    loss = meta_loss(model, params, rates, support, query, second_order)
    assert torch.allclose(found.loss, loss, rtol=1e-12)
    learned = [rate for step in rates for rate in step.values() if isinstance(rate, Tensor)]
    used = [grad for step in found.rate_grads for grad in step if grad is not None]
    leaves = list(params.values())
    theirs = torch.autograd.grad(loss, [*leaves, *dict.fromkeys(learned)])
    for mine, autograd in zip(found.grads, theirs, strict=False):
        assert torch.allclose(mine, autograd, rtol=1e-9, atol=1e-12)
    if kind == "elementwise":  # one set for all steps
        used = [sum(used[i :: len(names)]) for i in range(len(names))]
    for mine, autograd in zip(used, theirs[len(leaves) :], strict=True):
        assert torch.allclose(torch.as_tensor(mine), autograd, rtol=1e-9, atol=1e-12)
