"""Gradients written out by hand against autograd's, and once more differentiated, in float64."""

import pytest
import torch
from torch import Generator, Tensor

from metaplay.models.base import Params
from metaplay.models.losses import task_losses
from metaplay.models.mlp import Mlp

TASKS, EXAMPLES = 3, 4
BODY = ("layer1.weight", "layer1.bias", "layer2.weight", "layer2.bias")
HEAD = ("head.weight", "head.bias")


def some(outputs: int, context: int, shared: tuple[str, ...]) -> tuple[Mlp, Params, Tensor, Tensor]:
    """A network, parameters of each task's own (but for some), and examples: for curves if there is one output, else for classes."""
    model, rng = Mlp((2,), outputs, 6, context=context), Generator().manual_seed(outputs)

    def draw(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=rng, dtype=torch.float64)

    params = {name: draw(*(() if name in shared else (TASKS,)), *v.shape) for name, v in model.init(rng).items()}
    if context:
        params = {**params, "context.weight": draw(context, 6), "context": draw(TASKS, context)}
    labels = torch.randint(outputs, (TASKS, EXAMPLES), generator=rng)
    x, y = draw(TASKS, EXAMPLES, 2), draw(TASKS, EXAMPLES, 1) if outputs == 1 else labels
    return model, {name: value.requires_grad_() for name, value in params.items()}, x, y


@pytest.mark.parametrize("outputs", [1, 5])
@pytest.mark.parametrize(
    ("names", "shared", "context"),
    [(BODY + HEAD, (), 0), (HEAD, BODY, 0), (BODY[2:], BODY[:2] + HEAD, 0), (("context",), BODY + HEAD, 3)],
    ids=["all", "head", "middle", "context"],
)
def test_gradients_and_their_derivatives_are_those_of_autograd(outputs, names, shared, context):
    model, params, x, y = some(outputs, context, shared)
    predicted, _ = model.forward(params, x)
    wanted = [params[name] for name in names]
    theirs = torch.autograd.grad(task_losses(predicted, y).sum(), wanted, create_graph=True)
    ours, told = model.gradients(params, x, y, names)
    assert torch.allclose(told, predicted, atol=1e-12)
    assert not told.requires_grad
    directions = [torch.randn_like(grad) for grad in theirs]
    along = [
        torch.autograd.grad(grads, list(params.values()), directions, materialize_grads=True)
        for grads in (ours, theirs)
    ]
    for mine, autograd in zip((*ours, *along[0]), (*theirs, *along[1]), strict=True):
        assert torch.allclose(mine, autograd, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("names", [BODY + HEAD, HEAD])
def test_an_inner_step_goes_down_the_gradient_at_each_rate_and_leaves_the_rest(names):
    model, params, x, y = some(5, 0, BODY if names == HEAD else ())
    rates = {name: 0.3 if name != "head.bias" else torch.tensor(0.7, dtype=torch.float64) for name in names}
    wanted = [params[name] for name in names]
    grads = torch.autograd.grad(task_losses(model.forward(params, x)[0], y).sum(), wanted)
    after = model.descended(params, rates, x, y)
    for name, grad in zip(names, grads, strict=True):
        assert torch.allclose(after[name], params[name] - rates[name] * grad, rtol=1e-10, atol=1e-12)
        assert not after[name].requires_grad
    assert all(after[name] is params[name] for name in params.keys() - {*names})


def test_what_is_not_differentiated_leaves_no_graph():
    model, params, x, y = some(1, 0, ())
    with torch.no_grad():
        grads, _ = model.gradients(params, x, y, BODY + HEAD)
    assert not any(grad.requires_grad for grad in grads)
