"""The outer optimiser against torch's own."""

import torch
from torch import Generator, Tensor

from metaplay.algorithms.adam import AdamOuter


def drawn(rng: Generator) -> dict[str, Tensor]:
    return {"matrix": torch.randn(4, 3, generator=rng), "row": torch.randn(5, generator=rng)}


def test_it_is_torchs_adam_with_a_rate_for_each_whatever_the_order_of_a_gradient_in_memory():
    rng = Generator().manual_seed(0)
    ours = {name: value.requires_grad_() for name, value in drawn(rng).items()}
    theirs = {name: value.detach().clone().requires_grad_() for name, value in ours.items()}
    outer = AdamOuter(ours, {"row": 0.5})
    groups = [{"params": [theirs["matrix"]], "lr": 0.01}, {"params": [theirs["row"]], "lr": 0.005}]
    adam = torch.optim.Adam(groups)
    for taken in range(10):
        grads = drawn(rng)
        for name, value in theirs.items():
            value.grad = grads[name]
        adam.step()
        outer.step([grads["matrix"].T.contiguous().T, grads["row"]], 0.01)
        if taken == 5:  # goes on from what was kept
            kept = {name: value.clone() for name, value in outer.state().items()}
            outer = AdamOuter(ours, {"row": 0.5})
            outer.load_state(kept)
    for name, value in theirs.items():
        assert torch.allclose(ours[name], value, rtol=1e-12)
        for key in ("step", "exp_avg", "exp_avg_sq"):
            assert torch.allclose(outer.state()[f"adam.{key}.{name}"], adam.state[value][key].double(), rtol=1e-12)
