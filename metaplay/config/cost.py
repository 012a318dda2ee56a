"""What training costs, counted in gradients: the same on every machine, unlike seconds."""

from metaplay.config.checks import applicable
from metaplay.config.run import EPOCHS, RunConfig
from metaplay.config.schedules import DA_EPOCHS, MSL_EPOCHS
from metaplay.config.trust_region import CLIPPED_STEPS, CONJUGATE_STEPS, CURVED
from metaplay.registry import ALGORITHMS


def gradient_evaluations(config: RunConfig, steps: int) -> int:
    """Gradient evaluations of a run in its first `steps` meta-steps.

    One is a backward pass over one set of examples of one task (the support set or a minibatch of it, the query set). Going
    back through an inner gradient, for the exact meta-gradient, counts as one more. Gradients of a part of the weights count
    whole. The queries that Reptile only watches cost nothing. Each product with the curvature of a trust region goes over the last
    trajectories once, and twice through each inner gradient. Each step of PPO adapts anew.
    """
    algorithm = ALGORITHMS[config.algorithm]
    inner = config.inner_steps if algorithm.inner_gradients else 0
    every = algorithm.inner_gradients * inner + algorithm.outer_gradients
    evaluations = every * steps
    if config.msl:  # the query loss after every inner step
        evaluations += (inner - 1) * min(steps, _meta_steps(config, MSL_EPOCHS))
    if config.da:  # first order at first
        evaluations -= inner * min(steps, _meta_steps(config, DA_EPOCHS))
    if "kl_limit" in applicable(config):
        products = CONJUGATE_STEPS * (1 + 2 * inner * (algorithm.inner_gradients - 1 if inner else 0))
        return round(config.meta_batch * (evaluations + steps * products / CURVED))
    if config.outer_optimizer == "ppo":
        evaluations *= CLIPPED_STEPS
    return config.meta_batch * evaluations


def _meta_steps(config: RunConfig, epochs: int) -> int:
    """Meta-steps of a run's first `epochs`: those whose number (from 0) times EPOCHS over the run's length is below."""
    return -(-epochs * config.steps // EPOCHS)
