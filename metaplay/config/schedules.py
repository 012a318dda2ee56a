"""What MAML++ does by the epoch (Antoniou et al. 2019, section 4): pure functions, which training and the figures share."""

import math

from metaplay.config.run import EPOCHS

MSL_EPOCHS = 10
"""Epochs over which the multi-step loss fades to the last step alone (the authors' setting)."""

DA_EPOCHS = 50
"""Epochs of first-order gradients before exact ones (section 4, "Derivative-Order Annealing")."""

CA_FLOOR = 0.01
"""The cosine ends at this share of the outer rate (the authors: from 1e-3 to 1e-5)."""


def multi_step_weights(inner_steps: int, epoch: int) -> list[float]:
    """MSL's weights at an epoch: 1/K each at first; all but the last fall by 1/(K * MSL_EPOCHS) an epoch, not below 0.03/K.

    The last takes what they lose (the authors' code, `get_per_step_loss_importance_vector`).
    """
    falling = max(1 / inner_steps - epoch / (inner_steps * MSL_EPOCHS), 0.03 / inner_steps)
    return [falling] * (inner_steps - 1) + [1 - falling * (inner_steps - 1)]


def cosine_rate(outer_lr: float, epoch: int) -> float:
    """CA's outer rate at an epoch: half a cosine from the outer rate down to CA_FLOOR of it."""
    floor = CA_FLOOR * outer_lr
    return floor + (outer_lr - floor) * (1 + math.cos(math.pi * epoch / EPOCHS)) / 2
