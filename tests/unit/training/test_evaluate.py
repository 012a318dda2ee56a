"""Evaluation as an instrument: the same tasks for all, nothing changed by it, each class counted, in either manner."""

from collections import Counter
from typing import Any

import pytest
import torch

from metaplay.config import RunConfig, applicable, defaults, revise
from metaplay.events import Evaluated, Progress, from_line, to_line
from metaplay.registry import ALGORITHMS, FAMILIES, load
from metaplay.text import UserError
from metaplay.training import Training, compare_snapshots, evaluate_snapshot, train
from metaplay.training.classes import MOST_CONFUSED, class_pairs, confused, per_class
from metaplay.training.evaluate import evaluate
from metaplay.training.fixed import fixed_tasks

CPU = torch.device("cpu")


@pytest.fixture(autouse=True)
def _on_one_thread(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def small(algorithm: str, **changes: Any) -> RunConfig:
    """A small run on strokes, tested like every other of these."""
    base = defaults(algorithm, "strokes")
    sizes = {"width": 8, "query": 3, "shot": 1, "meta_batch": 4, "steps": 3, "test_inner_steps": 3, "inner_steps": 2}
    return revise(base, {**{key: value for key, value in sizes.items() if key in applicable(base)}, **changes})


def trained(algorithm: str, steps: int = 3, **changes: Any) -> Training:
    """A run after some meta-steps."""
    run = train(small(algorithm, **changes))
    for event in run:
        if isinstance(event, Progress) and event.step == [steps]:
            break
    return run


def test_every_algorithm_is_tested_on_the_same_tasks():
    lists = []
    for algorithm in ALGORITHMS:
        config = small(algorithm, seed=len(lists))
        family = load(FAMILIES["strokes"])(config, CPU)
        parts = fixed_tasks(config, family, "test", 45, config.query, CPU)
        lists.append([(part.support_x, part.support_y, part.query_x, part.query_y) for part in parts])
    assert sum(len(part[0]) for part in lists[0]) == 45
    for other in lists[1:]:
        for ours, theirs in zip(lists[0], other, strict=True):
            assert all(torch.equal(a, b) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("algorithm", [name for name in ALGORITHMS if ALGORITHMS[name].meta_trains])
@pytest.mark.parametrize("transductive", [True, False])
def test_evaluation_changes_no_state(algorithm: str, transductive: bool):
    run = trained(algorithm, transductive=transductive)
    before, rng, everywhere = run.snapshot(), run.rng.get_state(), torch.get_rng_state()
    evaluate(run.learner, run.family, run.device, run.step, 6, "test", every_class=True)
    after = run.snapshot()
    assert before.tensors.keys() == after.tensors.keys()
    assert all(torch.equal(value, after.tensors[name]) for name, value in before.tensors.items())
    assert torch.equal(rng, run.rng.get_state())
    assert torch.equal(everywhere, torch.get_rng_state())


def test_evaluating_and_comparing_snapshots_changes_them_not():
    run = trained("mamlpp")
    snapshot = run.snapshot()
    before = {name: value.clone() for name, value in snapshot.tensors.items()}
    evaluate_snapshot(run.config, snapshot, 6, "test", transductive=False)
    compare_snapshots({"a": (run.config, snapshot), "b": (run.config, snapshot)}, 6, "test", transductive=False)
    assert snapshot.meta["config"] == run.config.model_dump()
    assert all(torch.equal(value, before[name]) for name, value in snapshot.tensors.items())


@pytest.mark.parametrize("algorithm", ["maml", "protonet"])
def test_classes_are_counted_as_a_naive_loop_counts_them(algorithm: str):
    run = trained(algorithm)
    found = evaluate(run.learner, run.family, run.device, run.step, 45, "test", every_class=True)
    asked, right, mistakes = Counter(), Counter(), Counter()
    for part in fixed_tasks(run.config, run.family, "test", 45, run.config.query, CPU):
        for t in range(part.tasks):
            task = part[t : t + 1]
            *_, fast = run.learner.adapt(task, run.learner.test_steps)
            guesses = run.learner.predict(fast, task, run.learner.test_steps)[0].argmax(-1)
            assert task.classes is not None
            names = run.family.class_names("test", task.classes[0])
            for truth, guess in zip(task.query_y[0].tolist(), guesses.tolist(), strict=True):
                asked[names[truth]] += 1
                right[names[truth]] += truth == guess
                mistakes[names[truth], names[guess]] += truth != guess
    assert sum(asked.values()) == 45 * 5 * 3
    assert found.per_class == {name: (right[name] / asked[name], asked[name]) for name in asked}
    assert [count for _, _, count in found.confused] == [count for _, count in mistakes.most_common(MOST_CONFUSED)]
    assert all(mistakes[truth, guess] == count for truth, guess, count in found.confused)
    weighted = sum(accuracy * queries for accuracy, queries in found.per_class.values()) / sum(asked.values())
    assert weighted == pytest.approx(found.mean[-1])


def names_of(classes: torch.Tensor) -> list[str]:
    return [f"class {number}" for number in classes.tolist()]


def test_mistakes_are_in_order_and_classes_by_their_number_in_the_split():
    classes = torch.tensor([[9, 4], [4, 7]])
    truth, predicted = torch.tensor([[0, 0, 1], [0, 1, 1]]), torch.tensor([[0, 1, 0], [1, 0, 0]])
    pairs = class_pairs(classes, truth, predicted)
    assert pairs.tolist() == [[9, 9, 4, 4, 7, 7], [9, 4, 9, 7, 4, 4]]
    assert per_class(pairs, names_of) == {"class 4": (0.0, 2), "class 7": (0.0, 2), "class 9": (0.5, 2)}
    assert confused(pairs, names_of) == [
        ("class 7", "class 4", 2),
        ("class 4", "class 7", 1),
        ("class 4", "class 9", 1),
        ("class 9", "class 4", 1),
    ]


def test_where_all_is_right_nothing_is_confused():
    pairs = torch.tensor([[0, 1], [0, 1]])
    assert per_class(pairs, names_of) == {"class 0": (1.0, 1), "class 1": (1.0, 1)}
    assert confused(pairs, names_of) == []


def final_evaluation(run: Training) -> Evaluated:
    return next(event for event in run if isinstance(event, Evaluated))


def test_a_runs_own_log_counts_classes_only_where_there_are_few():
    many = train(small("maml", eval_tasks=4, steps=1))
    found = final_evaluation(many)
    assert (found.per_class, found.confused) == ({}, [])
    again = evaluate_snapshot(many.config, many.snapshot(), 4, "test")
    assert again.mean == found.mean
    assert sum(queries for _, queries in again.per_class.values()) == 4 * 5 * 3
    few = final_evaluation(train(small("maml", eval_tasks=4, steps=1, hold_out="images")))
    assert [queries for _, queries in few.per_class.values()] == [4 * 3] * 5
    assert from_line(to_line(few)) == few


def test_curves_have_no_classes_and_no_manner():
    run = train(revise(defaults("maml", "sinusoid"), {"steps": 1, "eval_tasks": 4, "test_inner_steps": 2}))
    final_evaluation(run)
    found = evaluate_snapshot(run.config, run.snapshot(), 4, "test")
    assert (found.metric, found.transductive, found.per_class, found.confused) == ("mse", False, {}, [])
    for manner in (True, False):
        with pytest.raises(UserError, match="has no batch normalisation"):
            evaluate_snapshot(run.config, run.snapshot(), 4, "test", transductive=manner)


@pytest.mark.parametrize("algorithm", ["maml", "mamlpp", "protonet", "reptile", "joint"])
def test_the_manner_can_be_switched_and_is_stated(algorithm: str):
    run = trained(algorithm)
    kept = run.config, run.snapshot()
    found = {manner: evaluate_snapshot(*kept, 30, "test", transductive=manner) for manner in (None, True, False)}
    assert {manner: item.transductive for manner, item in found.items()} == {
        None: run.config.transductive,
        True: True,
        False: False,
    }
    own = found[run.config.transductive]
    assert (found[None].mean, found[None].confused) == (own.mean, own.confused)
    assert found[True].mean != found[False].mean


def test_an_inductive_evaluation_is_that_of_an_inductive_run():
    run = trained("maml")
    switched = evaluate_snapshot(run.config, run.snapshot(), 30, "test", transductive=False)
    run.learner.config = run.config.model_copy(update={"transductive": False})
    assert evaluate(run.learner, run.family, run.device, run.step, 30, "test").mean == switched.mean
