"""The training loop: its events, seeds, resumption, evaluation, and what happens when a loss is no number."""

from typing import Any

import pytest
import torch

from metaplay.config import applicable, defaults, revise
from metaplay.events import Evaluated, Probe, ProbeTask, Progress, RunEnded, RunStarted
from metaplay.models.losses import task_losses
from metaplay.registry import ALGORITHMS, able
from metaplay.text import UserError
from metaplay.training import Snapshot, Training, evaluate_snapshot, train
from metaplay.training.evaluate import evaluate
from metaplay.training.fixed import fixed_tasks, mean_ci95
from metaplay.training.probe import ProbeTasks, shown_steps
from metaplay.training.train import LEAST_PROBES, Stepped, told


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


PAIRS = [
    (algorithm, family) for algorithm in ALGORITHMS for family in ("sinusoid", "strokes") if able(algorithm, family)
]


def small(algorithm: str = "maml", family: str = "sinusoid", **changes: Any):
    sizes = {"eval_tasks": 8}
    if "test_inner_steps" in applicable(defaults(algorithm, family)):
        sizes["test_inner_steps"] = 5
    if ALGORITHMS[algorithm].meta_trains:
        sizes |= {"steps": 6, "meta_batch": 4}
    if "inner_steps" in ALGORITHMS[algorithm].fields:
        sizes["inner_steps"] = 3
    if family != "sinusoid":
        sizes["width"] = 8
    return revise(defaults(algorithm, family), {**sizes, **changes})


def values(run: Training) -> dict[str, torch.Tensor]:
    return {name: value.detach().clone() for name, value in run.learner.state().items()}


@pytest.mark.parametrize(("train_way", "ways"), [(0, 5), (12, 12)])
def test_training_episodes_have_their_own_ways_and_tests_do_not(train_way: int, ways: int):
    events = list(train(small("protonet", "strokes", train_way=train_way, steps=1)))
    progress = next(event for event in events if isinstance(event, Progress))
    assert progress.metric_before == [pytest.approx(1 / ways, abs=1e-5)]  # chance, before the support set is seen
    probe = next(event for event in events if isinstance(event, Probe))
    assert len(probe.confusion) == 5


@pytest.mark.parametrize(("algorithm", "family"), PAIRS)
def test_every_algorithm_runs_on_every_family(algorithm, family):
    config = small(algorithm, family)
    events = list(train(config))
    steps = config.steps if ALGORITHMS[algorithm].meta_trains else 0
    assert isinstance(events[0], RunStarted)
    assert isinstance(events[1], ProbeTask)
    assert [event.step[0] for event in events if isinstance(event, Progress)] == list(range(1, steps + 1))
    probed = [event.step for event in events if isinstance(event, Probe)]
    assert {0, *([2, 4, 6] if steps else [])} <= set(probed) <= set(range(steps + 1))
    evaluated, ended = events[-2:]
    assert isinstance(evaluated, Evaluated)
    assert (evaluated.split, evaluated.tasks) == ("test", 8)
    assert len(evaluated.mean) == (2 if algorithm == "protonet" else 6)
    assert evaluated.metric == ("mse" if family == "sinusoid" else "accuracy")
    assert evaluated.transductive == (family == "strokes" and algorithm != "protonet")
    assert isinstance(ended, RunEnded)
    assert (ended.status, ended.step) == ("finished", steps)


@pytest.mark.parametrize(("algorithm", "family"), [pair for pair in PAIRS if ALGORITHMS[pair[0]].meta_trains])
def test_a_resumed_run_equals_an_unbroken_one_bit_for_bit(algorithm, family):
    config = small(algorithm, family)
    unbroken = train(config)
    whole = list(unbroken)
    broken = train(config)
    for event in broken:
        if isinstance(event, Progress) and event.step == [3]:
            break
    snapshot = broken.snapshot()
    resumed = train(config, snapshot)
    rest = list(resumed)
    assert isinstance(rest[0], RunStarted)
    assert rest[0].resumed_from == 3
    ours, theirs = values(resumed), values(unbroken)
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    last = next(event for event in whole if isinstance(event, Evaluated))
    assert next(event for event in rest if isinstance(event, Evaluated)).mean == last.mean


def test_the_same_seed_gives_the_same_run_and_another_does_not():
    runs = [train(small(seed=seed)) for seed in (1, 1, 2)]
    losses = [[e.meta_loss for e in run if isinstance(e, Progress)] for run in runs]
    assert losses[0] == losses[1] != losses[2]


def test_evaluation_and_probes_change_nothing():
    run = train(small("mamlpp", "strokes"))
    for event in run:
        if isinstance(event, Progress) and event.step == [3]:
            break
    before, rng = values(run), run.rng.get_state()
    evaluate(run.learner, run.family, run.device, 3, 8, "test")
    ProbeTasks(run.config, run.family, run.device, run.learner.test_steps).run(run.learner, 3)
    assert torch.equal(rng, run.rng.get_state())
    assert all(torch.equal(value, before[name]) for name, value in values(run).items())


def test_evaluation_is_the_mean_over_fixed_tasks_with_its_confidence_interval():
    run = train(small("maml", "strokes", eval_tasks=30))
    result = evaluate(run.learner, run.family, run.device, 0, 30, "test")
    right: list[list[float]] = []
    for part in fixed_tasks(run.config, run.family, "test", 30, run.config.query, run.device):
        for t in range(part.tasks):
            task = part[t : t + 1]
            row = []
            for k, fast in enumerate(run.learner.adapt(task, 5)):
                guess = run.learner.predict(fast, task, k).argmax(-1)
                row.append((guess == task.query_y).double().mean().item())
            right.append(row)
    assert len(right) == 30
    table = torch.tensor(right, dtype=torch.float64)
    assert result.mean == pytest.approx(table.mean(0).tolist())
    assert result.ci95 == pytest.approx((1.96 * table.std(0) / 30**0.5).tolist())


def test_all_algorithms_and_seeds_are_tested_on_the_same_tasks():
    tasks = []
    for algorithm, seed in (("maml", 0), ("reptile", 5)):
        run = train(small(algorithm, "strokes", seed=seed))
        tasks.append(next(iter(fixed_tasks(run.config, run.family, "test", 4, 5, run.device))))
    assert torch.equal(tasks[0].support_x, tasks[1].support_x)
    assert torch.equal(tasks[0].query_y, tasks[1].query_y)


def test_ci95_follows_its_definition():
    mean, ci95 = mean_ci95(torch.tensor([[0.0, 1.0, 1.0, 0.0]]))
    assert mean == [0.5]
    assert ci95 == pytest.approx([1.96 * (1 / 3) ** 0.5 / 2])


def test_a_run_that_diverges_fails_with_a_reason_and_a_good_snapshot():
    run = train(small(inner_lr=10.0, outer_lr=10.0, steps=400))
    events = list(run)
    ended = events[-1]
    assert isinstance(ended, RunEnded)
    assert ended.status == "failed"
    assert "lower the inner or outer rate" in ended.reason
    assert all(torch.isfinite(value).all() for value in run.snapshot().tensors.values())
    assert run.snapshot().step == ended.step


def probed_by(run: Training, step: float, probe: float) -> list[int]:
    """The steps that are probed where a meta-step and a probe take these seconds."""
    run._pace = step
    found = []
    while run.step < run.steps:
        run.step, run.seconds = run.step + 1, run.seconds + step
        if run.probe_due():
            found.append(run.step)
            run._probe_took = probe
            run._probing += probe
    return found


def test_probes_take_a_small_share_of_the_time_but_there_are_always_some():
    run = train(small(steps=3000))
    costly = probed_by(run, 0.001, 0.9)
    assert {1000, 2000, 3000} <= set(costly)
    assert len(costly) <= 5
    quick = probed_by(train(small(steps=3000)), 0.1, 0.5)
    assert {1, 2, 4, 1000, 2000, 3000} <= set(quick)
    assert 0.024 * 300 / 0.5 - 2 <= len(quick) <= 0.025 * 300 / 0.5 + LEAST_PROBES
    small_steps = probed_by(train(small(steps=3000)), 0.002, 0.01)
    assert len(small_steps) <= 0.005 * 6 / 0.01 + LEAST_PROBES + 1, "what is told of each step takes its part"
    even = probed_by(train(small(steps=3000)), 0.1, 1e-5)
    assert even == sorted({1, 2, 4, 8, 1000, 2000, *range(15, 3001, 15)})


def test_a_resumed_run_has_not_earned_probes_by_what_it_did_before():
    first = train(small(steps=3000))
    first.step, first.seconds = 1500, 1000.0
    resumed = train(small(steps=3000), first.snapshot())
    resumed._pace, resumed._probe_took, resumed._probing = 0.001, 0.1, 0.1
    resumed.step, resumed.seconds = 1515, 1000.5
    assert not resumed.probe_due()
    resumed.seconds, resumed._probe_took, resumed._probing = 1000.1, 0.0015, 0.0
    assert not resumed.probe_due(), "what may be spent early is of a run's own beginning"


def test_the_meta_steps_of_a_while_are_told_as_one_and_nothing_is_lost():
    config = small("maml", "strokes", steps=4)
    each = [event for event in train(config) if isinstance(event, Progress)]
    whole = told([turn for turn in train(config).turns if isinstance(turn, Stepped)])
    for name in (
        "step",
        "meta_loss",
        "loss_before",
        "loss_after",
        "metric_before",
        "metric_after",
        "outer_lr",
        "grad_norm",
    ):
        assert getattr(whole, name) == [value for event in each for value in getattr(event, name)]
        assert len(getattr(whole, name)) == 4
    assert whole.seconds > 0


def test_finish_ends_the_run_early_with_an_evaluation():
    run = train(small(steps=1000))
    events = []
    for event in run:
        events.append(event)
        if isinstance(event, Progress) and event.step == [4]:
            run.finish()
    assert isinstance(events[-2], Evaluated)
    assert (events[-2].step, events[-1].step) == (4, 4)


def test_a_snapshot_of_another_configuration_is_refused():
    snapshot = train(small()).snapshot()
    with pytest.raises(UserError, match="another configuration"):
        train(small(seed=9), snapshot)


def test_a_snapshot_can_be_evaluated_by_itself():
    run = train(small())
    events = list(run)
    again = evaluate_snapshot(run.config, run.snapshot(), 8, "test")
    assert isinstance(events[-2], Evaluated)
    assert again.mean == events[-2].mean


def test_the_probe_of_a_curve_is_what_the_learner_predicts():
    run = train(small(test_inner_steps=20))
    probes = ProbeTasks(run.config, run.family, run.device, run.learner.test_steps)
    task, probe = probes.task(), probes.run(run.learner, 0)
    assert probe.inner_steps == shown_steps(20, 1) == probe.curve_steps
    fast = list(run.learner.adapt(probes.watched, 20))[probe.curve_steps[-1]]
    x = torch.tensor(task.grid_x).view(1, -1, 1)
    curve = run.learner.model.forward(fast, x)[0].flatten()
    assert torch.allclose(curve, torch.tensor(probe.curves[-1]), atol=1e-3)
    *_, fast = run.learner.adapt(probes.parts[0], 20)
    losses = task_losses(run.learner.predict(fast, probes.parts[0], 20), probes.parts[0].query_y)
    assert probe.loss[-1] == pytest.approx(losses.mean().item(), rel=1e-3)
    assert len(probe.region_error) == len(probe.inner_steps)
    assert len(probe.region_error[0]) == len(task.regions) - 1


def test_the_probe_of_images_counts_per_class():
    run = train(small("maml", "strokes"))
    probes = ProbeTasks(run.config, run.family, run.device, run.learner.test_steps)
    task, probe = probes.task(), probes.run(run.learner, 0)
    assert len(task.pictures) == len(task.names) == run.config.way
    assert all(item.startswith("data:image/png;base64,") for item in task.pictures)
    confusion = torch.tensor(probe.confusion)
    queries = probes.watched.query_y.numel()
    assert confusion.sum() == queries
    right = confusion.diag().double() / confusion.sum(1)
    assert right.tolist() == pytest.approx(probe.class_accuracy[-1], abs=1e-4)


def test_probes_hold_the_rates_that_the_learner_has_at_that_moment():
    run = train(small("mamlpp", "strokes", meta_batch=2))
    seen = 0
    for event in run:
        if isinstance(event, Probe):
            seen += 1
            ours, theirs = event.rates, run.learner.learned_rates()
            assert list(ours) == list(run.learner.adapted)
            for name, rates in theirs.items():
                assert len(rates) == run.config.inner_steps
                assert ours[name] == pytest.approx(rates, rel=1e-4)
                assert (rates == pytest.approx([run.config.inner_lr] * len(rates))) == (event.step == 0)
    assert seen >= 3


def test_probes_of_algorithms_that_learn_no_rates_hold_none():
    probes = [event for event in train(small("mamlpp", lslr=False)) if isinstance(event, Probe)]
    assert probes
    assert all(probe.rates == {} for probe in probes)


@pytest.mark.parametrize(
    ("steps", "expected"), [(7, list(range(8))), (50, [0, 1, 2, 3, 5, 8, 13, 19, 24, 29, 34, 40, 45, 50])]
)
def test_long_adaptations_are_measured_at_some_steps(steps, expected):
    assert shown_steps(steps, 5) == expected


def test_a_run_from_before_learners_had_draws_of_their_own_goes_on_as_it_would_have():
    config = revise(defaults("reptile", "sinusoid"), {"steps": 6, "eval_tasks": 4, "meta_batch": 3})
    assert config.inner_batch < config.train_shot, "its minibatches are drawn"
    snapshot = train(config).snapshot()
    old = Snapshot(0, {name: value for name, value in snapshot.tensors.items() if name != "rng.own"}, snapshot.meta)
    whole, broken = train(config, old), train(config, old)
    assert whole.own_rng is whole.rng
    assert [event.step for event in whole if isinstance(event, Progress)][-1] == [6]
    next(event for event in broken if isinstance(event, Progress) and event.step == [3])
    resumed = train(config, broken.snapshot())
    assert [event.step for event in resumed if isinstance(event, Progress)][-1] == [6]
    for name, value in whole.snapshot().tensors.items():
        assert torch.equal(value, resumed.snapshot().tensors[name]), name
