"""The text encoder against sums written out, and what its inner loop may touch."""

import torch
from torch import Generator

from metaplay.models.base import copies
from metaplay.models.ngrams import BUCKETS, LENGTH, NGrams
from metaplay.models.tables import summed


def example(rng: Generator, *shape: int) -> torch.Tensor:
    rows = torch.randint(BUCKETS, (*shape, 7), generator=rng).float()
    return torch.stack((rows, torch.rand(*shape, 7, generator=rng)), -2)


def test_a_sentence_is_the_weighted_sum_of_rows_of_each_tasks_own_table():
    rng = Generator().manual_seed(0)
    tables, x = torch.randn(2, BUCKETS, 5, generator=rng), example(rng, 2, 3)
    parts = x[:, :, 0].long(), x[:, :, 1]
    for t in range(2):
        for n in range(3):
            expected = sum(weight * tables[t, int(row)] for row, weight in zip(*x[t, n], strict=True))
            assert torch.allclose(summed(tables, *parts)[t, n], torch.as_tensor(expected), atol=1e-5)
    assert torch.allclose(summed(tables[0], *(part[:1] for part in parts)), summed(tables, *parts)[:1], atol=1e-6)


def test_task_batched_parameters_are_each_tasks_own():
    rng, model = Generator().manual_seed(1), NGrams((2, 7), 3, 4)
    params = [model.init(rng) for _ in range(2)]
    x = example(rng, 2, 5)
    together = {name: torch.stack([one[name] for one in params]) for name in params[0]}
    outputs, _ = model.forward(together, x)
    for t in range(2):
        assert torch.allclose(outputs[t], model.forward(params[t], x[t : t + 1])[0][0], atol=1e-5)
    found, _ = model.features(params[0], x)
    assert torch.allclose(found.norm(dim=-1), torch.full((2, 5), LENGTH), atol=1e-4)


def test_the_inner_loop_leaves_the_table_alone():
    assert "embed.weight" not in NGrams((2, 7), 3, 4).adapted


def test_rows_that_a_task_touches_are_its_own_and_all_others_are_shared():
    rng, model = Generator().manual_seed(2), NGrams((2, 7), 3, 4)
    params, support, query = model.init(rng), example(rng, 2, 3), example(rng, 2, 5)
    query[:, 0] = support[:, 0]  # some of the queries' rows are the tasks' own
    fast = model.spread(params, support)
    assert fast["embed.own"].shape[1] <= 3 * 7
    fast["embed.own"] = fast["embed.own"] + torch.randn(fast["embed.own"].shape, generator=rng)
    dense = model.whole(fast)
    assert dense["embed.weight"].shape == (2, BUCKETS, 4)
    for t in range(2):
        touched = support[t, :, 0].long().unique()
        moved = (dense["embed.weight"][t] != params["embed.weight"]).any(1)
        assert moved.nonzero().flatten().tolist() == touched.tolist()
    for x in (support, query):
        assert torch.allclose(model.forward(fast, x)[0], model.forward(dense, x)[0], atol=1e-5)
    means = model.mean(fast)
    assert means.keys() == params.keys()
    assert all(torch.allclose(value, dense[name].mean(0), atol=1e-6) for name, value in means.items())
    assert dense.keys() == copies(params, 2).keys()
