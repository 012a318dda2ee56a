"""JAX: the whole meta-step, outer Adam included, as one function compiled by XLA; vmap over tasks. Channels last."""
# pyright: reportMissingImports=false

import os
from collections.abc import Callable
from typing import Any

from benchmarks.peers.contenders import Unsupported
from benchmarks.peers.problem import Arrays, Problem
from metaplay.registry import ALGORITHMS


def _keep_to_threads() -> None:
    """XLA has as many threads as it sees cores; they are shown before it starts. Only Linux can."""
    wanted = int(os.environ.get("PEERS_THREADS", "0"))
    if wanted and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-wanted:])


_keep_to_threads()

import jax  # noqa: E402
import jax.numpy as jnp  # noqa: E402

Tree = dict[str, jax.Array]


class Jax:
    version = jax.__version__

    def __init__(self, problem: Problem, device: str):
        config = problem.config
        if config.algorithm not in ("maml", "fomaml"):
            raise Unsupported(f"only the plain loop is written for {ALGORITHMS[config.algorithm].label} here")
        jax.config.update("jax_enable_x64", problem.support_x.dtype == "float64")
        jax.config.update("jax_default_device", jax.devices(device)[0])
        self.problem, self.config = problem, config
        self.params: Tree = {name: jnp.asarray(value) for name, value in problem.params.items()}
        self.batch = [
            jnp.asarray(images_last(part))
            for part in (problem.support_x, problem.support_y, problem.query_x, problem.query_y)
        ]
        self.state = (self.params, *(jax.tree.map(jnp.zeros_like, self.params) for _ in range(2)), jnp.zeros(()))
        self.compiled = jax.jit(self._meta_step)

    def gradient(self) -> Arrays:
        import numpy as np

        found = jax.jit(jax.grad(self._mean_loss))(self.params, *self.batch)
        return {name: np.asarray(value) for name, value in found.items()}

    def step(self) -> None:
        self.state = jax.block_until_ready(self.compiled(self.state, *self.batch))

    def _meta_step(self, state: tuple[Any, ...], *batch: jax.Array) -> tuple[Any, ...]:
        """Adam (Kingma and Ba 2015) on the meta-gradient."""
        params, means, squares, taken = state
        grads, taken = jax.grad(self._mean_loss)(params, *batch), taken + 1
        means = jax.tree.map(lambda m, g: 0.9 * m + 0.1 * g, means, grads)
        squares = jax.tree.map(lambda s, g: 0.999 * s + 0.001 * g * g, squares, grads)

        def moved(p: jax.Array, m: jax.Array, s: jax.Array) -> jax.Array:
            return p - self.config.outer_lr * (m / (1 - 0.9**taken)) / (jnp.sqrt(s / (1 - 0.999**taken)) + 1e-8)

        return jax.tree.map(moved, params, means, squares), means, squares, taken

    def _mean_loss(self, params: Tree, *batch: jax.Array) -> jax.Array:
        return jax.vmap(self._task_loss, in_axes=(None, 0, 0, 0, 0))(params, *batch).mean()

    def _task_loss(self, params: Tree, *task: jax.Array) -> jax.Array:
        support_x, support_y, query_x, query_y = task
        fast = {name: params[name] for name in self.problem.adapted}
        for _ in range(self.config.inner_steps):
            grads = jax.grad(self._loss)(fast, params, support_x, support_y)
            if self.config.algorithm == "fomaml":
                grads = jax.lax.stop_gradient(grads)
            fast = jax.tree.map(lambda value, grad: value - self.config.inner_lr * grad, fast, grads)
        return self._loss(fast, params, query_x, query_y)

    def _loss(self, fast: Tree, params: Tree, x: jax.Array, y: jax.Array) -> jax.Array:
        outputs = forward({**params, **fast}, x, self.config.network == "conv4-pool")
        if jnp.issubdtype(y.dtype, jnp.floating):
            return jnp.square(outputs - y).mean()
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1).mean()


def images_last(part: Any) -> Any:
    """Images [T, N, C, H, W] with their channels last; anything else as it is."""
    return part.transpose(0, 1, 3, 4, 2) if part.ndim == 5 else part


def forward(params: Tree, x: jax.Array, pool: bool) -> jax.Array:
    """Outputs [N, O] of one task's x [N, ...]; metaplay's weights are convolution kernels as XLA likes them."""
    relu: Callable[[jax.Array], jax.Array] = jax.nn.relu
    if "conv1.weight" not in params:
        for layer in ("layer1", "layer2"):
            x = relu(x @ params[f"{layer}.weight"] + params[f"{layer}.bias"])
        return x @ params["head.weight"] + params["head.bias"]
    for i in range(1, 5):
        weight = params[f"conv{i}.weight"]
        kernel, stride = weight.reshape(3, 3, -1, weight.shape[1]), 1 if pool else 2
        layout = ("NHWC", "HWIO", "NHWC")
        x = jax.lax.conv_general_dilated(x, kernel, (stride, stride), ((1, 1), (1, 1)), dimension_numbers=layout)
        centred = x - x.mean((0, 1, 2))
        factor = jax.lax.rsqrt(jnp.square(centred).mean((0, 1, 2)) + 1e-5)
        x = relu(centred * factor * params[f"norm{i}.scale"][0] + params[f"norm{i}.shift"][0])
        x = pooled(x) if pool else x
    return x.mean((1, 2)) @ params["head.weight"] + params["head.bias"]


def pooled(x: jax.Array) -> jax.Array:
    """The greatest of each 2x2 pixels [N, H, W, C]; an odd last row or column is left out.

    Not as the maximum over two axes of a reshaped array: its second derivatives came out as NaN with 64 filters (JAX 0.10.2).
    """
    window = (1, 2, 2, 1)
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, window, window, "VALID")
