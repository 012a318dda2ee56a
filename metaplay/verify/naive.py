"""The oracle: every algorithm once more, as the plainest loop over tasks, with torch's own layers and optimisers.

It shares no code with metaplay: parameters arrive as named tensors, convolutions are F.conv2d, normalisation is written out
over NCHW, and each task is done alone.
"""

from collections.abc import Callable, Iterator
from functools import cache

import torch
from torch import Tensor
from torch.nn import functional as F

Params = dict[str, Tensor]


def forward(params: Params, x: Tensor, stride: int, step: int = 0, use: list | None = None) -> tuple[Tensor, list]:
    """One task: x [N, ...] -> outputs [N, O], and mean and variance of each normalisation layer."""
    embedded, found = embed(params, x, stride, step, use)
    return embedded @ params["head.weight"] + params["head.bias"], found


def embed(params: Params, x: Tensor, stride: int, step: int = 0, use: list | None = None) -> tuple[Tensor, list]:
    """The same without the head: [N, D]. A "context" [C] is appended to every input, or scales and shifts the third layer."""
    if "embed.weight" in params:
        return torch.stack([sentence(params, example) for example in x]), []
    if "conv1.weight" not in params:
        weight = params["layer1.weight"]
        if "context" in params:
            x = torch.cat([x, params["context"].repeat(len(x), 1)], 1)
            weight = torch.cat([weight, params["context.weight"]])
        x = torch.relu(x @ weight + params["layer1.bias"])
        return torch.relu(x @ params["layer2.weight"] + params["layer2.bias"]), []
    found = []
    for i in range(1, 5):
        weight = params[f"conv{i}.weight"]
        inputs, outputs = weight.shape[0] // 9, weight.shape[1]
        kernel = weight.T.reshape(outputs, 3, 3, inputs).permute(0, 3, 1, 2)
        x = F.conv2d(x, kernel, stride=stride, padding=1)
        mean, variance = (x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False)) if use is None else use[i - 1]
        found.append((mean, variance))
        scales, shifts = params[f"norm{i}.scale"], params[f"norm{i}.shift"]
        row = min(step, len(scales) - 1)
        x = (x - mean.view(1, -1, 1, 1)) / torch.sqrt(variance.view(1, -1, 1, 1) + 1e-5)
        x = x * scales[row].view(1, -1, 1, 1) + shifts[row].view(1, -1, 1, 1)
        if "context" in params and i == 3:
            film = torch.einsum("c,cf->f", params["context"], params["context.weight"])
            x = x + x * film[:outputs].view(1, -1, 1, 1) + film[outputs:].view(1, -1, 1, 1)
        x = torch.relu(x)
        if stride == 1:
            x = F.max_pool2d(x, 2)
    return x.mean((2, 3)), found


@cache
def fixed_vectors(buckets: int) -> Tensor:
    """The random directions that n-grams keep."""
    drawn = torch.randn(buckets, 512, generator=torch.Generator().manual_seed(0), dtype=torch.float32)
    return (drawn / 512**0.5).double()


def sentence(params: Params, example: Tensor) -> Tensor:
    """One sentence, [2, L] of bucket numbers and weights: its fixed vectors, and the learned ones with their two layers."""
    table, buckets, shares = params["embed.weight"], example[0].long(), example[1].unsqueeze(1)
    known = (shares * fixed_vectors(len(table))[buckets]).sum(0)
    learned = (shares * table[buckets]).sum(0)
    inputs, weights = learned, params["layer1.weight"]
    if "context" in params:
        inputs, weights = torch.cat([inputs, params["context"]]), torch.cat([weights, params["context.weight"]])
    hidden = torch.relu(inputs @ weights + params["layer1.bias"])
    learned = learned + hidden @ params["layer2.weight"] + params["layer2.bias"]
    both = torch.cat([known, learned])
    return 4 * both / both.norm()


def loss_of(outputs: Tensor, targets: Tensor) -> Tensor:
    if targets.is_floating_point():
        return ((outputs - targets) ** 2).mean()
    return -torch.log_softmax(outputs, -1)[torch.arange(len(targets)), targets].mean()


def adapted(name: str) -> bool:
    """What MAML adapts: all but batch-norm scale and shift, and the table of n-grams' vectors."""
    return not name.startswith(("norm", "embed"))


def head_only(name: str) -> bool:
    """What ANIL adapts."""
    return name.startswith("head")


def context_only(name: str) -> bool:
    """What CAVIA adapts."""
    return name == "context"


def maml_loss(
    params: Params,
    task: tuple[Tensor, Tensor, Tensor, Tensor],
    *,
    stride: int,
    weights: list[float],
    rate: Callable[[str, int], float | Tensor],
    second_order: bool,
    transductive: bool = True,
    adapts: Callable[[str], bool] = adapted,
    running: list[list[tuple[Tensor, Tensor]]] | None = None,
    held: list[list[Tensor]] | None = None,
) -> Tensor:
    """Weighted query losses of one task after each inner step (Finn et al. 2017, Algorithm 1; Antoniou et al. 2019, eq. 3).

    `adapts` says of a parameter's name whether the inner loop changes it. Without `second_order` the inner gradients are
    constants: `held`, where it is empty, takes them up, and where it is not, they are taken from there. `running` are the
    statistics that judge inductive queries after k steps, instead of the support set's.
    """
    support_x, support_y, query_x, query_y = task
    fast = dict(params)
    total = torch.zeros((), dtype=support_x.dtype)
    for k, weight in enumerate(weights):
        names = [name for name in fast if adapts(name)]
        if held is not None and k < len(held):
            grads = held[k]
        else:
            loss = loss_of(forward(fast, support_x, stride, k)[0], support_y)
            grads = list(torch.autograd.grad(loss, [fast[name] for name in names], create_graph=second_order))
        if held is not None and k == len(held):
            held.append(grads)
        fast.update({name: fast[name] - rate(name, k) * grad for name, grad in zip(names, grads, strict=True)})
        if weight:
            use = None
            if not transductive:
                use = running[k + 1] if running else forward(fast, support_x, stride, k + 1)[1]
            total = total + weight * loss_of(forward(fast, query_x, stride, k + 1, use)[0], query_y)
    return total


def multi_step_weights(steps: int, epoch: int) -> list[float]:
    """MAML++'s weights of the query losses, as its authors' `get_per_step_loss_importance_vector` has them for 10 epochs."""
    decay = 1 / steps / 10
    weights = [max(1 / steps - epoch * decay, 0.03 / steps) for _ in range(steps)]
    weights[-1] = min(1 / steps + epoch * (steps - 1) * decay, 1 - (steps - 1) * 0.03 / steps)
    return weights


def joint_loss(params: Params, tasks: list[tuple[Tensor, Tensor]], stride: int) -> Tensor:
    """Loss of ordinary training on the examples (x, y) of all tasks in one batch."""
    x, y = (torch.cat(parts) for parts in zip(*tasks, strict=True))
    return loss_of(forward(params, x, stride)[0], y)


def prototype_loss(params: Params, task: tuple[Tensor, Tensor, Tensor, Tensor], *, stride: int) -> Tensor:
    """Query loss of one task by nearest class mean (Snell et al. 2017, Algorithm 1), all its images normalised together."""
    support_x, support_y, query_x, query_y = task
    embedded, _ = embed(params, torch.cat([support_x, query_x]), stride)
    support, query = embedded[: len(support_x)], embedded[len(support_x) :]
    return nearest_mean_loss(support, support_y, query, query_y)


def nearest_mean_loss(support: Tensor, support_y: Tensor, query: Tensor, query_y: Tensor) -> Tensor:
    """Cross-entropy of softmax(-squared distance to each class mean), a query at a time."""
    means = [support[support_y == label].mean(0) for label in range(int(support_y.max()) + 1)]
    losses = []
    for point, label in zip(query, query_y.tolist(), strict=True):
        distances = torch.stack([((point - mean) ** 2).sum() for mean in means])
        losses.append(distances[label] + torch.logsumexp(-distances, 0))
    return torch.stack(losses).mean()


def walk(
    params: Params,
    batches: list[tuple[Tensor, Tensor]],
    stride: int,
    kind: str,
    lr: float,
    squares: Params | None = None,
    taken: int = 0,
) -> Iterator[Params]:
    """Ordinary training of one task with torch's own optimiser, a minibatch a step: the weights after 0, 1, ... steps.

    Adam goes on from second moments `squares` of `taken` steps, which are replaced by those at the end.
    """
    leaves = {name: value.detach().clone().requires_grad_() for name, value in params.items()}
    if kind == "adam":
        optimizer: torch.optim.Optimizer = torch.optim.Adam(leaves.values(), lr=lr, betas=(0.0, 0.999), eps=1e-8)
        for name, leaf in leaves.items() if squares else ():
            optimizer.state[leaf] = {
                "step": torch.tensor(float(taken)),
                "exp_avg": torch.zeros_like(leaf),
                "exp_avg_sq": (squares or {})[name].clone(),
            }
    else:
        optimizer = torch.optim.SGD(leaves.values(), lr=lr)
    yield {name: value.detach().clone() for name, value in leaves.items()}
    for k, (x, y) in enumerate(batches):
        optimizer.zero_grad()
        loss_of(forward(leaves, x, stride, k)[0], y).backward()
        optimizer.step()
        yield {name: value.detach().clone() for name, value in leaves.items()}
    if squares is not None and kind == "adam":
        squares.update({name: optimizer.state[leaf]["exp_avg_sq"] for name, leaf in leaves.items()})
