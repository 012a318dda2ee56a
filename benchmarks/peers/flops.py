"""How many floating-point operations a meta-step takes at least: those of its matrix products, counted on paper.

A layer is a product of its inputs with its weights. Going back through it takes one more for the weights' gradient and, but in
the first layer, one more for the inputs'. Going back through an inner gradient (second order) takes two for each product of
that: one for each factor, but for those that nothing depends on. Everything else (normalisation, pooling) is not counted.
"""

from metaplay.config import RunConfig
from metaplay.tasks.cache import SIDE

LAYERS = 4
GEMM_SIDE = 2048
GEMM = 2 * GEMM_SIDE**3
"""Operations of the large matrix product that tells what the machine can do."""


def layers(config: RunConfig) -> list[int]:
    """Multiplications of each layer for one example, from the first on."""
    if config.network == "mlp":
        return [config.width, config.width**2, config.width]
    found, side, inputs = [], SIDE, 1
    for _ in range(LAYERS):
        shrunk = side // 2 if config.network == "conv4-pool" else (side + 1) // 2
        pixels = side**2 if config.network == "conv4-pool" else shrunk**2
        found.append(pixels * 9 * inputs * config.width)
        side, inputs = shrunk, config.width
    return [*found, config.width * config.way]


def meta_step(config: RunConfig) -> int:
    """Floating-point operations of one meta-step; a multiplication with its addition counts as two."""
    first, *later = layers(config)
    forward_backward = 2 * first + 3 * sum(later)
    through = 4 * first + 9 * sum(later)  # forward, backward, and back through both
    ways = config.way if config.network != "mlp" else 1
    shots = config.inner_batch or ways * (config.train_shot or config.shot)
    inner = forward_backward if config.algorithm in ("fomaml", "reptile") else through
    adapting = config.inner_steps * shots * inner
    judging = 0 if config.algorithm == "reptile" else _judged(config) * ways * config.query * forward_backward
    return 2 * config.meta_batch * (adapting + judging)


def _judged(config: RunConfig) -> int:
    """How often queries are judged: after the last inner step, or after each (MSL, as at the start of a run)."""
    return config.inner_steps if config.msl else 1
