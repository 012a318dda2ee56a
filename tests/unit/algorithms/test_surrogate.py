"""The estimators of the meta-gradient, on a problem whose every trajectory can be listed: their expectations are exact sums."""

import itertools

import pytest
import torch
from torch import Tensor

from metaplay.algorithms.policy_gradient.surrogate import Estimator, importance, surrogate

LOGITS = torch.tensor([0.3, -0.7, 0.9], dtype=torch.float64)  # of action 1: at first, and after a first action 0 or 1
REWARDS = {(): 0.0, (0,): 1.0, (1,): -0.5, (0, 0): 2.0, (0, 1): -1.0, (1, 0): 0.5, (1, 1): 3.0}
BASELINE = torch.tensor([0.4, -1.3, 0.8], dtype=torch.float64)  # of the same three states: any will do
ESTIMATORS: tuple[Estimator, ...] = ("plain", "lvc", "dice")


def log_probs(theta: Tensor, horizon: int) -> Tensor:
    """Of each trajectory's actions [trajectories, 1, H]."""
    rows = []
    for actions in itertools.product((0, 1), repeat=horizon):
        states = [0] if horizon == 1 else [0, 1 + actions[0]]
        signs = torch.tensor([2.0 * action - 1 for action in actions])
        rows.append(torch.nn.functional.logsigmoid(signs * theta[states]))
    return torch.stack(rows)[:, None]


def advantages(horizon: int, baseline: Tensor) -> Tensor:
    """Reward to go minus the state's baseline."""
    rows = []
    for actions in itertools.product((0, 1), repeat=horizon):
        rewards = [REWARDS[actions[: h + 1]] for h in range(horizon)]
        states = [0] if horizon == 1 else [0, 1 + actions[0]]
        rows.append([sum(rewards[h:]) - baseline[states[h]] for h in range(horizon)])
    return torch.tensor(rows)[:, None]


def expected_loss(theta: Tensor, horizon: int) -> Tensor:
    """Minus the expected return."""
    chances = log_probs(theta, horizon).sum((1, 2)).exp()
    returns = advantages(horizon, torch.zeros(3))[:, 0, 0]
    return -(chances * returns).sum()


def expected_surrogate(theta: Tensor, horizon: int, estimator: Estimator, baseline: Tensor = BASELINE) -> Tensor:
    """The mean of the surrogate over trajectories as they are drawn, per trajectory instead of per time step."""
    logs = log_probs(theta, horizon)
    each = surrogate(logs, advantages(horizon, baseline), torch.ones_like(logs), estimator)
    return horizon * (logs.sum((1, 2)).exp().detach() * each).sum()


def derivatives(function, *arguments) -> tuple[Tensor, Tensor]:
    """Gradient and Hessian at LOGITS, by differentiating twice (a box is not a function to be differentiated anew)."""
    theta = LOGITS.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(function(theta, *arguments), theta, create_graph=True)
    rows = [torch.autograd.grad(item, theta, retain_graph=True)[0] for item in gradient]
    return gradient.detach(), torch.stack(rows)


@pytest.mark.parametrize("horizon", [1, 2])
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_every_estimator_has_the_gradient_of_the_expected_return(estimator: Estimator, horizon: int):
    ours, _ = derivatives(expected_surrogate, horizon, estimator)
    theirs, _ = derivatives(expected_loss, horizon)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("baseline", [0 * BASELINE, BASELINE], ids=["no baseline", "baseline"])
@pytest.mark.parametrize("horizon", [1, 2])
def test_dice_has_the_hessian_of_the_expected_return(horizon: int, baseline: Tensor):
    _, ours = derivatives(expected_surrogate, horizon, "dice", baseline)
    _, theirs = derivatives(expected_loss, horizon)
    torch.testing.assert_close(ours, theirs, rtol=1e-12, atol=1e-12)


def test_lvc_is_exact_for_one_time_step_and_else_lacks_just_the_products_across_time():
    torch.testing.assert_close(derivatives(expected_surrogate, 1, "lvc")[1], derivatives(expected_loss, 1)[1])
    _, ours = derivatives(expected_surrogate, 2, "lvc")
    _, theirs = derivatives(expected_loss, 2)
    theta = LOGITS.clone().requires_grad_()
    logs = log_probs(theta, 2)
    cross = torch.zeros(3, 3)
    for place, gain in enumerate(advantages(2, BASELINE)[:, 0, 1]):
        first, second = (torch.autograd.grad(logs[place, 0, h], theta, retain_graph=True)[0] for h in (0, 1))
        cross += logs[place].sum().exp().detach() * gain * torch.outer(first, second)
    torch.testing.assert_close(ours - cross - cross.T, theirs)
    assert (ours - theirs).abs().max() > 0.1


@pytest.mark.parametrize("horizon", [1, 2])
def test_plain_is_biased(horizon: int):
    _, ours = derivatives(expected_surrogate, horizon, "plain")
    _, theirs = derivatives(expected_loss, horizon)
    assert (ours - theirs).norm() > 0.1 * theirs.norm()


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_what_comes_after_a_trajectorys_end_does_not_count(estimator: Estimator):
    torch.manual_seed(0)
    logs, gains = torch.randn(2, 3, 5, requires_grad=True), torch.randn(2, 3, 5)
    alive = (torch.arange(5) < torch.tensor([[5, 2, 3], [1, 4, 5]])[..., None]).double()
    loss = surrogate(logs, gains, alive, estimator)
    (gradient,) = torch.autograd.grad(loss.sum(), logs)
    assert (gradient[alive == 0] == 0).all()
    torch.testing.assert_close(gradient, -gains * alive / alive.sum((1, 2), keepdim=True))


def test_importance_is_the_mean_of_ratio_times_advantage_over_living_time_steps():
    torch.manual_seed(0)
    logs, old, gains = torch.randn(3, 2, 3, 5)
    alive = (torch.arange(5) < torch.tensor([[5, 2, 3], [1, 4, 5]])[..., None]).double()
    for t, found in enumerate(importance(logs, old, gains, alive)):
        lived = alive[t] > 0
        torch.testing.assert_close(found, -((logs[t] - old[t]).exp() * gains[t])[lived].mean())
