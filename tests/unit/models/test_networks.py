"""The networks against torch's own layers, and the patches against unfold, in float64."""

import pytest
import torch
from torch.nn import functional as F

from metaplay.models.alone import FEW, alone
from metaplay.models.conv4 import Conv4, Conv4Pool
from metaplay.models.mlp import Mlp
from metaplay.models.patches import patches3x3


@pytest.mark.parametrize("stride", [1, 2])
@pytest.mark.parametrize("size", [(7, 7), (8, 6), (2, 3)])
def test_patches_are_those_of_unfold_and_differentiable_twice(stride, size):
    rng = torch.Generator().manual_seed(0)
    x = torch.rand(2, *size, 3, generator=rng, dtype=torch.float64)
    columns = F.unfold(x.movedim(3, 1), 3, padding=1, stride=stride)  # [B, C * 9, L]
    expected = columns.view(2, 3, 9, -1).permute(0, 3, 2, 1).flatten(2)
    assert torch.equal(patches3x3(x, stride).flatten(1, 2).flatten(2), expected)
    small = x[:1, :, :, :1].clone().requires_grad_()
    assert torch.autograd.gradcheck(lambda value: patches3x3(value, stride) ** 2, small)
    assert torch.autograd.gradgradcheck(lambda value: patches3x3(value, stride) ** 3, small)


@pytest.mark.parametrize("network", [Conv4, Conv4Pool])
def test_task_batched_parameters_are_each_tasks_own(network):
    model = network((1, 16, 16), 5, 8)
    rng = torch.Generator().manual_seed(0)
    sets = [model.init(rng) for _ in range(3)]
    stacked = {name: torch.stack([params[name] for params in sets]) for name in sets[0]}
    x = torch.rand(3, 6, 1, 16, 16, generator=rng)
    together, _ = model.forward(stacked, x)
    for t, params in enumerate(sets):
        assert torch.allclose(together[t], model.forward(params, x[t : t + 1])[0][0], atol=1e-6)


@pytest.mark.parametrize("network", [Conv4, Conv4Pool])
@pytest.mark.parametrize("shape", [(3, 32, 32), (3, 84, 84), (1, 45, 45)])
def test_images_of_any_size_and_in_colour_as_torchs_own_layers_take_them(network, shape):
    model = network(shape, 5, 6)
    rng = torch.Generator().manual_seed(0)
    params = {name: value.double().requires_grad_() for name, value in model.init(rng).items()}
    images = torch.rand(4, *shape, generator=rng, dtype=torch.float64)
    ours = model.forward(params, images[None])[0][0]
    x = images
    for i in range(1, 5):
        weight = params[f"conv{i}.weight"].T.unflatten(1, (3, 3, -1)).permute(0, 3, 1, 2)
        x = F.conv2d(x, weight, stride=model.stride, padding=1)
        x = F.relu(F.batch_norm(x, None, None, training=True))
        x = x if network is Conv4 else F.max_pool2d(x, 2)
    theirs = x.mean((2, 3)) @ params["head.weight"] + params["head.bias"]
    assert torch.allclose(ours, theirs, atol=1e-10)
    names = ["conv1.weight", "conv4.weight", "head.weight"]
    found, expected = (torch.autograd.grad(out.square().sum(), [params[n] for n in names]) for out in (ours, theirs))
    assert all(torch.allclose(one, other, atol=1e-9) for one, other in zip(found, expected, strict=True))


@pytest.mark.parametrize("network", [Conv4, Conv4Pool])
def test_sizes_are_those_of_the_paper(network):
    model = network((1, 28, 28), 5, 64)
    params = model.init(torch.Generator().manual_seed(0))
    weights = sum(value.numel() for name, value in params.items() if name.startswith("conv"))
    assert weights == 9 * 64 + 3 * 9 * 64 * 64
    assert params["head.weight"].shape == (64, 5)
    assert model.forward(params, torch.rand(2, 3, 1, 28, 28))[0].shape == (2, 3, 5)


def test_the_mlp_is_1_40_40_1():
    params = Mlp((1,), 1, 40).init(torch.Generator().manual_seed(0))
    assert [tuple(v.shape) for n, v in params.items() if "weight" in n] == [(1, 40), (40, 40), (40, 1)]


def test_initialisation_follows_the_seed():
    model = Conv4((1, 28, 28), 5, 8)
    first, again, other = (model.init(torch.Generator().manual_seed(seed)) for seed in (1, 1, 2))
    assert all(torch.equal(value, again[name]) for name, value in first.items())
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])


@pytest.mark.parametrize("sets", [1, 2])
@pytest.mark.parametrize(("tasks", "images"), [(1, 6), (1, FEW + 1), (2, 6)])
@pytest.mark.parametrize("network", [Conv4, Conv4Pool])
def test_for_one_task_alone_outputs_statistics_and_gradients_are_the_same(network, tasks, images, sets):
    model = network((1, 28, 28), 5, 4, steps=sets)
    rng = torch.Generator().manual_seed(0)
    params = {name: torch.stack([value.double()] * tasks) for name, value in model.init(rng).items()}
    params = {
        name: (value + 0.1 * torch.rand(value.shape, generator=rng)).requires_grad_() for name, value in params.items()
    }
    x, judged = (torch.rand(tasks, images, 1, 28, 28, generator=rng, dtype=torch.float64) for _ in range(2))
    found = []
    for net in (model, alone(model)):
        outputs, stats = net.forward(params, x, 1)
        judgement, _ = net.forward(params, judged, 1, stats)
        grads = torch.autograd.grad(outputs.square().sum(), list(params.values()))
        found.append([outputs, judgement, *grads, *(part for layer in stats for part in layer)])
    assert all(
        one.shape == other.shape and torch.allclose(one, other, atol=1e-9) for one, other in zip(*found, strict=True)
    )


def test_a_network_with_context_stays_what_it_is():
    model = Conv4((1, 28, 28), 5, 4, context=2)
    assert alone(model) is model
