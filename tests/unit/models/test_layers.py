"""Convolution, normalisation and pooling with backwards of their own: against torch's layers, and differentiated twice."""

from collections.abc import Iterator

import pytest
import torch
from torch import Tensor
from torch.autograd import gradcheck, gradgradcheck
from torch.nn import functional as F

from metaplay.models.conv4 import convolve_normalised
from metaplay.models.convolution import convolve
from metaplay.models.normalise import EPSILON, normalise
from metaplay.models.pooling import max_pool


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Differences take very many convolutions of a few pixels."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def some(*shape: int, seed: int = 0, dtype: torch.dtype = torch.float64) -> Tensor:
    rng = torch.Generator().manual_seed(seed + sum(shape))
    return torch.randn(*shape, generator=rng, dtype=torch.float64).to(dtype).requires_grad_()


def by_torch(x: Tensor, weight: Tensor, stride: int, bias: Tensor) -> Tensor:
    kernel = weight.view(3, 3, -1, weight.shape[-1]).permute(3, 2, 0, 1)
    return F.conv2d(x.movedim(-1, 1), kernel, bias, stride, 1).movedim(1, -1)


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_is_each_tasks_own(stride):
    x, weight, bias = some(2, 3, 5, 6, 2), some(2, 18, 4), some(2, 4)
    expected = torch.stack([by_torch(x[t], weight[t], stride, bias[t]) for t in range(2)])
    assert torch.allclose(convolve(x, weight, stride, bias), expected)
    shared = torch.stack([by_torch(x[t], weight[0], stride, torch.zeros_like(bias[0])) for t in range(2)])
    assert torch.allclose(convolve(x, weight[0], stride), shared)
    assert torch.allclose(convolve(x[:1], weight, stride)[1], by_torch(x[0], weight[1], stride, 0 * bias[1]))


@pytest.mark.parametrize("stride", [1, 2])
def test_convolution_is_differentiable_twice(stride):
    of_tasks = (some(2, 1, 3, 4, 2), some(2, 18, 2), some(2, 2))
    assert gradcheck(lambda x, w, b: convolve(x, w, stride, b), of_tasks)
    assert gradgradcheck(lambda x, w, b: convolve(x, w, stride, b) ** 2, of_tasks)
    assert gradgradcheck(lambda x, w: convolve(x, w, stride) ** 2, (some(2, 1, 3, 4, 2), some(18, 2)))


@pytest.mark.parametrize(("stride", "size"), [(1, 14), (1, 7), (2, 14), (2, 4)])
def test_single_precision_has_the_same_second_derivatives(stride, size):
    """It is computed by other kernels than double precision."""
    found = []
    for dtype in (torch.float64, torch.float32):
        x, weight = some(4, 5, size, size, 64, dtype=dtype), some(4, 9 * 64, 64, dtype=dtype)
        out = convolve(x, weight / 24, stride)
        first = torch.autograd.grad(out.tanh().sum(), (x, weight), create_graph=True)
        second = torch.autograd.grad(torch.stack([value.square().sum() for value in first]).sum(), (x, weight))
        found.append([value.double() for value in (out, *first, *second)])
    for exact, single in zip(*found, strict=True):
        assert (exact - single).norm() < 1e-5 * exact.norm()


def test_normalisation_and_its_statistics_are_differentiable_twice():
    x, scale, shift = some(2, 2, 3, 2, 3), some(2, 3), some(2, 3)
    out, (mean, variance) = normalise(x, scale, shift, None)
    flat = x.flatten(1, 3)
    assert torch.allclose(mean, flat.mean(1, keepdim=True))
    assert torch.allclose(variance, flat.var(1, keepdim=True, unbiased=False))
    for t in range(2):
        expected = F.batch_norm(x[t].movedim(-1, 1), None, None, scale[t], shift[t], training=True, eps=EPSILON)
        assert torch.allclose(out[t], expected.movedim(1, -1))

    def with_statistics(x: Tensor, scale: Tensor, shift: Tensor) -> Tensor:
        out, (mean, variance) = normalise(x, scale, shift, None)
        return out**2 * (mean * variance)[:, None, None]

    assert gradcheck(with_statistics, (x, scale, shift))
    assert gradgradcheck(with_statistics, (x, scale, shift))


@pytest.mark.parametrize("own", [True, False])
def test_normalisation_folded_into_filters_is_that_after_them(own):
    x, weight, scale, shift = some(2, 3, 6, 5, 2).detach(), some(2, 18, 4), some(2, 4), some(2, 4)
    given = None if own else (some(1, 1, 4), some(1, 1, 4).detach().abs())
    folded, stats = convolve_normalised(x, weight, 2, scale, shift, given)
    after, expected = normalise(convolve(x, weight, 2), scale, shift, given)
    assert torch.allclose(folded, after)
    assert all(torch.allclose(ours, theirs) for ours, theirs in zip(stats, expected, strict=True))


@pytest.mark.parametrize("size", [(4, 6), (4, 5), (3, 2)])
def test_pooling_is_torchs_and_differentiable_twice(size):
    x = some(2, 2, *size, 3)
    expected = F.max_pool2d(x.flatten(0, 1).movedim(-1, 1), 2).movedim(1, -1)
    assert torch.equal(max_pool(x).flatten(0, 1), expected)
    assert gradcheck(max_pool, x)
    assert gradgradcheck(lambda value: max_pool(value) ** 2, x)


def test_equal_maxima_share_the_gradient():
    x = torch.zeros(1, 1, 2, 2, 1, requires_grad=True)
    assert torch.equal(torch.autograd.grad(max_pool(x).sum(), x)[0], torch.full_like(x, 0.25))
