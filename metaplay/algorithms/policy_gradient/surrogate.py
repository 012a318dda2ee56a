"""What the inner loop goes down, in three forms that have the same gradient and different second derivatives."""

from typing import Literal

import torch
from torch import Tensor

Estimator = Literal["plain", "lvc", "dice"]
CLIP = 0.2
"""Schulman et al. 2017, section 6.1: the best of those that they compare."""


def surrogate(log_probs: Tensor, advantages: Tensor, alive: Tensor, estimator: Estimator) -> Tensor:
    """Minus what is to grow, for each task [T], a mean over its living time steps; log pi(a | s) etc. are [T, N, H].

    The meta-gradient needs how the *expected* inner gradient changes with the parameters, the Hessian of the expected return J.
    The gradient of all three forms is the policy gradient, -sum_t grad log pi_t A_t; but an average over samples that were
    drawn before the derivative is taken forgets that other parameters would have drawn others:

    plain  log pi_t A_t. Its Hessian is that of log pi alone, times A: biased. What the MAML paper's code does.
    lvc    pi_t / stop(pi_t) A_t, "low-variance curvature" (Rothfuss et al. 2019, "ProMP", equation 9). Adds grad log pi_t
           grad log pi_t^T: exact where one action has no influence on later ones, else it lacks the products across time.
    dice   (box(sum up to t) - box(sum before t)) A_t with box(x) = exp(x - stop(x)) (Foerster et al. 2018, "DiCE"; with
           advantages Farquhar et al. 2019, "Loaded DiCE"). Adds these too: unbiased, of the greatest variance.
    """
    log_probs = log_probs * alive
    if estimator == "plain":
        gain = log_probs
    elif estimator == "lvc":
        gain = _box(log_probs)
    else:
        up_to = log_probs.cumsum(-1)
        gain = _box(up_to) - _box(up_to - log_probs)
    return -(gain * advantages * alive).sum((1, 2)) / alive.sum((1, 2))


def importance(log_probs: Tensor, old: Tensor, advantages: Tensor, alive: Tensor) -> Tensor:
    """The outer loop's surrogate [T]: minus the mean of pi / pi_old * A (Schulman et al. 2015, "TRPO", equation 14)."""
    return -(torch.exp(log_probs - old) * advantages * alive).sum((1, 2)) / alive.sum((1, 2))


def clipped(log_probs: Tensor, old: Tensor, advantages: Tensor, alive: Tensor) -> Tensor:
    """The same [T] for several steps on the same trajectories (Schulman et al. 2017, "PPO", equation 7): the lesser of ratio * A with
    the ratio as it is and within 1 +- CLIP, so that going farther gains nothing, and coming back still counts."""
    ratio = torch.exp(log_probs - old)
    gain = torch.minimum(ratio * advantages, ratio.clamp(1 - CLIP, 1 + CLIP) * advantages)
    return -(gain * alive).sum((1, 2)) / alive.sum((1, 2))


def _box(x: Tensor) -> Tensor:
    """1, whose derivative is that of x."""
    return torch.exp(x - x.detach())
