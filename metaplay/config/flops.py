"""How many floating-point operations a meta-step takes at least: those of its matrix products, counted on paper.

A layer is a product of its inputs with its weights. Going back through it takes one more for the weights' gradient and, but in
the first layer, one more for the inputs'. Going back through an inner gradient (second order) takes two for each product of
that: one for each factor, but for those that nothing depends on. Everything else (normalisation, pooling, sums of n-grams'
vectors) is not counted. A multiplication with its addition is two operations.
"""

from metaplay.config.run import RunConfig
from metaplay.config.trust_region import CLIPPED_STEPS, CONJUGATE_STEPS, CURVED, JUDGED
from metaplay.registry import ALGORITHMS, FAMILIES

LAYERS = 4
MLPS = ("mlp", "policy")
"""Networks of two hidden layers of the same width."""
FIXED = 512
"""Fixed inputs of the text encoder's head, beside the learned ones (metaplay.models.ngrams)."""


def layers(config: RunConfig) -> list[int]:
    """Multiplications of each layer for one example, from the first on."""
    width = config.width
    if config.network in MLPS:
        inputs, outputs = mlp_ends(config)
        return [inputs * width, width**2, width * outputs]
    if config.network == "ngrams":
        return [width**2, width**2, (FIXED + width) * config.way]
    inputs, side, _ = FAMILIES[config.family].shape
    found = []
    for _ in range(LAYERS):
        shrunk = side // 2 if config.network == "conv4-pool" else (side + 1) // 2
        pixels = side**2 if config.network == "conv4-pool" else shrunk**2
        found.append(pixels * 9 * inputs * width)
        side, inputs = shrunk, width
    return [*found, width * config.way]


def mlp_ends(config: RunConfig) -> tuple[int, int]:
    """Inputs and outputs of an MLP: a point of a curve and its height, a sentence's vector and the classes, or what is observed
    and the action."""
    family = FAMILIES[config.family]
    return family.dims or 1, config.way if family.kind == "classification" else family.actions or 1


def examples(config: RunConfig) -> tuple[int, int]:
    """Support and query examples of a task in training; of trajectories, their time steps."""
    family = FAMILIES[config.family]
    ways = (config.train_way or config.way) if family.kind == "classification" else family.horizon
    return ways * (config.train_shot or config.shot), ways * config.query


def meta_step(config: RunConfig) -> int:
    """Floating-point operations of one meta-step."""
    if FAMILIES[config.family].kind == "control":
        return _policy_step(config)
    algorithm = ALGORITHMS[config.algorithm]
    first, *later = layers(config)
    forward_backward = 2 * first + 3 * sum(later)
    support, query = examples(config)
    judging = query * forward_backward * (config.inner_steps if config.msl else 1)  # MSL: as at the start of a run
    if not algorithm.inner_gradients:  # one pass over everything
        return 2 * config.meta_batch * (support + query) * forward_backward
    if not algorithm.outer_gradients:  # Reptile only watches the queries
        judging = 0
    through = 4 * first + 9 * sum(later)  # forward, backward, and back through both
    if config.algorithm == "anil":  # the inner step's gradient is the head's alone
        through = forward_backward + 6 * later[-1]
    inner = through if algorithm.inner_gradients == 2 else forward_backward
    again = forward_backward if config.recompute else 0
    held = min(config.inner_batch or support, support)
    return 2 * config.meta_batch * (config.inner_steps * held * (inner + again) + judging)


def _policy_step(config: RunConfig) -> int:
    """The same of policies, counted in forward passes over all layers: a gradient takes two more, and a product with an inner
    step's second derivative six."""
    algorithm, (lesson, test) = ALGORITHMS[config.algorithm], examples(config)
    steps = config.inner_steps if algorithm.inner_gradients else 0
    if not algorithm.outer_gradients:  # Reptile
        return 2 * config.meta_batch * sum(layers(config)) * lesson * (4 * steps + 1)
    through = 6 if algorithm.inner_gradients == 2 else 0
    passes = float(lesson * steps * (4 + through) + test * 4)
    if config.outer_optimizer == "trpo":
        passes += CONJUGATE_STEPS / CURVED * (lesson * steps * 2 * through + test * 4)
        passes += JUDGED * (lesson * steps * 3 + test)
    elif config.outer_optimizer == "ppo":
        passes += (CLIPPED_STEPS - 1) * (lesson * steps * (3 + through) + test * 3)
    return int(2 * config.meta_batch * sum(layers(config)) * passes)


def evaluation(config: RunConfig) -> int:
    """Floating-point operations of the test at the end of a run: inner steps, and queries judged after each of them."""
    first, *later = layers(config)
    family = FAMILIES[config.family]
    ways = config.way if family.kind == "classification" else family.horizon
    steps = config.test_inner_steps if config.algorithm != "protonet" else 1
    adapting = steps * ways * config.shot * (2 * first + 3 * sum(later))
    judging = (steps + 1) * ways * config.query * (first + sum(later))
    return 2 * config.eval_tasks * (adapting + judging)
