"""MAML++: each of the six switches changes what it should and nothing else; all off is MAML bit for bit."""

import math
from typing import Any

import pytest
import torch

from metaplay.config.schedules import multi_step_weights
from metaplay.verify import naive
from metaplay.verify.expected import MetaLoss
from metaplay.verify.subject import perturb_learned, tasks_of
from tests.unit.algorithms.conftest import close, make_episodes, make_learner, naive_gradient

OFF: dict[str, Any] = dict.fromkeys(("msl", "lslr", "da", "ca", "bnrs", "bnwb"), False)
CURVES = {name: value for name, value in OFF.items() if name not in ("bnrs", "bnwb")}


def make(network="conv4", **changes):
    switches: dict[str, Any] = CURVES if network == "mlp" else OFF
    return make_learner("mamlpp", network, **{**switches, "inner_steps": 3, "steps": 1000, **changes})


@pytest.mark.parametrize("network", ["mlp", "conv4"])
def test_all_off_is_maml_bit_for_bit(network):
    ours, maml = make(network), make_learner("maml", network, inner_steps=3, steps=1000)
    for step in range(4):
        episodes = make_episodes(network, step)
        ours.update(episodes, step, torch.Generator())
        maml.update(episodes, step, torch.Generator())
    assert all(torch.equal(value, maml.params[name]) for name, value in ours.params.items())


@pytest.mark.parametrize(
    ("epoch", "expected"),
    [
        (0, [0.2, 0.2, 0.2, 0.2, 0.2]),
        (5, [0.1, 0.1, 0.1, 0.1, 0.6]),
        (9, [0.02, 0.02, 0.02, 0.02, 0.92]),
        (10, [0.006, 0.006, 0.006, 0.006, 0.976]),
    ],
)
def test_multi_step_weights_are_the_authors(epoch, expected):
    assert multi_step_weights(5, epoch) == pytest.approx(expected)
    assert naive.multi_step_weights(5, epoch) == pytest.approx(expected)


def test_msl_weighs_the_loss_after_every_step_and_then_only_the_last():
    learner = make(msl=True)
    for step, weights in ((0, [1 / 3] * 3), (50, multi_step_weights(3, 5)), (100, [0, 0, 1]), (999, [0, 0, 1])):
        assert learner.loss_weights(step) == pytest.approx(weights)
        ours, report = learner.meta_gradient(make_episodes("conv4"), step)
        theirs, loss = naive_gradient(learner, "conv4", step)
        close(ours, theirs)
        assert report.meta_loss == pytest.approx(loss)


def test_lslr_has_a_rate_for_each_tensor_and_step_and_learns_it():
    learner, episodes = make(lslr=True), make_episodes("conv4")
    assert set(learner.rates) == {f"rate.{name}" for name in learner.model.adapted}
    assert all(rates.tolist() == [0.1] * 3 for rates in learner.rates.values())
    perturb_learned(learner)
    ours, _ = learner.meta_gradient(episodes, 0)
    assert learner.rates.keys() < ours.keys()
    close(ours, naive_gradient(learner, "conv4")[0])
    before = {name: value.detach().clone() for name, value in learner.rates.items()}
    learner.update(episodes, 0, torch.Generator())
    assert all((value != before[name]).all() for name, value in learner.rates.items())
    assert learner.learned_rates() == {name: learner.rates[f"rate.{name}"].tolist() for name in learner.model.adapted}
    assert make().learned_rates() == {}


def test_steps_beyond_the_trained_ones_use_the_rate_that_all_started_from():
    learner = make("mlp", lslr=True)
    with torch.no_grad():
        learner.rates["rate.head.bias"].copy_(torch.tensor([0.1, 0.2, 0.3]))
    rates = [float(torch.as_tensor(learner.rate("head.bias", k)).detach()) for k in range(5)]
    assert rates == pytest.approx([0.1, 0.2, 0.3, 0.01, 0.01])


def test_adam_moves_a_learned_rate_by_the_same_share_of_itself_at_any_inner_rate():
    """One per cent at first, as with the authors' inner rate of 0.1 and outer rate of 0.001."""
    for inner_lr in (0.1, 0.4):
        learner = make(lslr=True, inner_lr=inner_lr, outer_lr=0.001)
        learner.update(make_episodes("conv4"), 0, torch.Generator())
        for rates in learner.rates.values():
            share = (rates.detach() / inner_lr - 1).abs()
            assert torch.allclose(share, torch.full_like(share, 0.01), rtol=1e-3)


def test_learned_rates_and_running_statistics_are_in_the_saved_state():
    learner, episodes = make(lslr=True, bnrs=True, bnwb=True), make_episodes("conv4")
    learner.update(episodes, 0, torch.Generator())
    other = make(lslr=True, bnrs=True, bnwb=True)
    other.load_state({name: value.clone() for name, value in learner.state().items()})
    assert other.rates["rate.head.bias"].tolist() == learner.rates["rate.head.bias"].tolist() != [0.1] * 3
    for learner_ in (learner, other):
        learner_.update(make_episodes("conv4", 9), 1, torch.Generator())
    assert all(torch.equal(value, other.state()[name]) for name, value in learner.state().items())


def test_da_is_first_order_for_the_first_half_and_exact_afterwards():
    learner, episodes = make(da=True), make_episodes("conv4")
    for step, second_order in ((0, False), (499, False), (500, True), (999, True)):
        ours, _ = learner.meta_gradient(episodes, step)
        assert MetaLoss(learner.config, episodes, step).exact == second_order
        close(ours, naive_gradient(learner, "conv4", step)[0])


def test_ca_lets_the_outer_rate_fall_along_a_cosine():
    learner = make(ca=True, outer_lr=0.001)
    assert learner.outer_lr(0) == pytest.approx(0.001)
    assert learner.outer_lr(500) == pytest.approx((0.001 + 0.00001) / 2)
    assert learner.outer_lr(250) == pytest.approx(0.00001 + 0.00099 * (1 + math.cos(math.pi / 4)) / 2)
    assert learner.outer_lr(999) < 0.0000103
    plain, episodes = make(outer_lr=0.001), make_episodes("conv4")
    learner.update(episodes, 500, torch.Generator())
    start = make().params["head.bias"].detach()
    plain.update(episodes, 500, torch.Generator())
    ratio = (learner.params["head.bias"] - start) / (plain.params["head.bias"] - start)
    assert torch.allclose(ratio, torch.full_like(ratio, 0.505), rtol=1e-6)


def test_bnwb_gives_each_inner_step_its_own_scale_and_shift():
    learner, episodes = make(bnwb=True), make_episodes("conv4")
    assert learner.params["norm1.scale"].shape == (4, 6)
    assert not torch.equal(learner.params["norm1.scale"][0], learner.params["norm1.scale"][3])
    ours, _ = learner.meta_gradient(episodes, 0)
    close(ours, naive_gradient(learner, "conv4")[0])
    assert all(row.abs().max() > 0 for row in ours["norm1.scale"])
    *_, fast = learner.adapt(episodes, 2)
    assert torch.equal(fast["norm1.scale"], learner.params["norm1.scale"])


def test_bnrs_keeps_running_statistics_of_every_step():
    learner, episodes = make(bnrs=True), make_episodes("conv4")
    expected = [[], [], [], []]
    params = {name: value.detach().clone() for name, value in learner.params.items()}
    for task in tasks_of(episodes):
        fast = {n: v.clone().requires_grad_() for n, v in params.items()}
        for k in range(3):
            outputs, stats = naive.forward(fast, task[0], 2, k)
            expected[k].append(stats[1])
            names = [n for n in fast if naive.adapted(n)]
            grads = torch.autograd.grad(naive.loss_of(outputs, task[1]), [fast[n] for n in names])
            fast.update({n: (fast[n] - 0.1 * g).detach().requires_grad_() for n, g in zip(names, grads, strict=True)})
        expected[3].append(naive.forward(fast, task[2], 2, 3)[1][1])
    learner.update(episodes, 0, torch.Generator())
    for k in range(4):
        mean = torch.stack([item[0] for item in expected[k]]).mean(0)
        variance = torch.stack([item[1] for item in expected[k]]).mean(0)
        assert torch.allclose(learner.running.values[1][0][k], 0.1 * mean)
        assert torch.allclose(learner.running.values[1][1][k], 0.9 + 0.1 * variance)


def test_bnrs_judges_inductive_queries_and_leaves_transductive_ones_alone():
    episodes = make_episodes("conv4")
    for transductive in (True, False):
        on, off = (make(bnrs=value, transductive=transductive) for value in (True, False))
        for learner in (on, off):
            learner.update(episodes, 0, torch.Generator())
        tasks = {name: value.clone() for name, value in next(off.adapt(episodes, 0)).items()}
        fast = {
            name: value if name in off.model.adapted else off.params[name].detach() for name, value in tasks.items()
        }
        same = torch.equal(on.predict(fast, episodes, 2), off.predict(fast, episodes, 2))
        assert same == transductive
    stats = [(m[2], v[2]) for m, v in on.running.values]
    alone = naive.forward(
        {n: (v[0] if n in on.model.adapted else v) for n, v in fast.items()}, episodes.query_x[0], 2, 2, stats
    )
    assert torch.allclose(on.predict(fast, episodes, 2)[0], alone[0])


def test_bnrs_changes_no_gradient_of_a_transductive_run():
    episodes = make_episodes("conv4")
    on, off = make(bnrs=True), make()
    for step in range(3):
        on.update(episodes, step, torch.Generator())
        off.update(episodes, step, torch.Generator())
    assert all(torch.equal(value, off.params[name]) for name, value in on.params.items())
