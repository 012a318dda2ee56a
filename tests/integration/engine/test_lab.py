"""What the lab asks of real runs: the same task for a seed, of classes never trained on; points of one's own; comparisons."""

from typing import Any

import numpy as np
import pytest
import torch
from torch import Generator

from metaplay.config import defaults, revise
from metaplay.engine.answers import answer
from metaplay.engine.lab import BEYOND, GRID, SCRATCH
from metaplay.engine.restoring import restored
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.text import UserError
from metaplay.walks import CurveWalk, ImageWalk, Slice

SMALL = {"steps": 2, "eval_tasks": 2, "meta_batch": 2}
RUNS: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sine": ("maml", "sinusoid", {"steps": 40}),
    "anil": ("anil", "sinusoid", {"test_inner_steps": 2}),
    "strokes": ("maml", "strokes", {"width": 8}),
    "protonet": ("protonet", "strokes", {"width": 8, "train_way": 5}),
    "three": ("maml", "strokes", {"width": 8, "way": 3}),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    torch.set_num_threads(1)
    return RunStore(tmp_path_factory.mktemp("lab-runs"))


@pytest.fixture(scope="module")
def runs(store: RunStore) -> dict[str, str]:
    """Short real runs, by what they are."""
    made = {}
    for name, (algorithm, family, changes) in RUNS.items():
        made[name] = store.create(revise(defaults(algorithm, family), {**SMALL, **changes}))
        run_job(str(store.root), made[name])
    return made


def ask(store: RunStore, question: str, run: str, seed: int = 5, **more: Any) -> Any:
    return answer(str(store.root), question, {"run": run, "step": None, "seed": seed, **more})


def test_a_seed_is_a_task(store: RunStore, runs: dict[str, str]):
    first, again, other = (ask(store, "walked", runs["strokes"], seed) for seed in (5, 5, 6))
    assert isinstance(first, ImageWalk)
    assert first.names == again.names
    assert first.query.pictures == again.query.pictures
    assert np.array_equal(first.query.probabilities, again.query.probabilities)
    assert first.names != other.names


def test_the_task_is_of_classes_that_training_never_saw(store: RunStore, runs: dict[str, str]):
    family = restored(store, runs["strokes"]).family
    trained = set(family.class_names("train", torch.arange(family.class_counts["train"])))
    tested = set(family.class_names("test", torch.arange(family.class_counts["test"])))
    names = set(ask(store, "walked", runs["strokes"]).names)
    assert names <= tested
    assert not names & trained


def test_a_walk_is_the_runs_adaptation_to_the_task(store: RunStore, runs: dict[str, str]):
    found, training = ask(store, "walked", runs["strokes"]), restored(store, runs["strokes"])
    query = len(found.query.labels) // 5
    task = training.family.sample("test", 2, 1, query, Generator().manual_seed(5))[:1]
    for k, fast in enumerate(training.learner.adapt(task, found.last)):
        outputs = training.learner.predict(fast, task, k).detach()[0].softmax(-1).numpy()
        assert np.allclose(found.query.probabilities[k], outputs, atol=1e-6)
    assert found.last == found.tested + BEYOND
    assert found.accuracies()[-1] == np.mean(outputs.argmax(-1) == task.query_y[0].numpy())


def test_an_earlier_moment_is_another_walk(store: RunStore, runs: dict[str, str]):
    early, late = (ask(store, "walked", runs["sine"], step=step) for step in (0, None))
    assert isinstance(late, CurveWalk)
    assert np.array_equal(early.support, late.support)
    assert not np.allclose(early.curves, late.curves)
    with pytest.raises(UserError, match="not kept at that moment"):
        ask(store, "walked", runs["sine"], step=39)


def test_points_take_the_place_of_the_support_set(store: RunStore, runs: dict[str, str]):
    given = ask(store, "walked", runs["sine"])
    same = ask(store, "walked", runs["sine"], points=[tuple(point) for point in given.support.tolist()])
    assert np.allclose(same.curves, given.curves, atol=1e-5)
    moved = ask(store, "walked", runs["sine"], points=[(1.0, 3.0), (2.0, -3.0)])
    assert np.array_equal(moved.support, [[1, 3], [2, -3]])
    assert np.array_equal(moved.curves[0], given.curves[0])
    assert not np.allclose(moved.curves[1], given.curves[1])
    assert np.array_equal(moved.truth, given.truth)


def test_others_are_compared_on_the_same_task(store: RunStore, runs: dict[str, str]):
    own = ask(store, "walked", runs["strokes"])
    fresh = ask(store, "walked", runs["strokes"], compared=SCRATCH)
    other = ask(store, "walked", runs["strokes"], compared=runs["protonet"])
    assert (fresh.algorithm, fresh.trained, other.algorithm, other.last) == ("scratch", None, "protonet", 1)
    for found in (fresh, other):
        assert found.query.pictures == own.query.pictures
        assert not np.allclose(found.query.probabilities[-1], own.query.probabilities[-1])
    with pytest.raises(UserError, match=r"other tasks \(way = 3, here 5\)"):
        ask(store, "walked", runs["strokes"], compared=runs["three"])


@pytest.mark.parametrize("name", ["sine", "anil", "strokes"])
def test_a_slice_shows_the_way_downhill(store: RunStore, runs: dict[str, str], name: str):
    found = ask(store, "sliced", runs[name])
    assert isinstance(found, Slice)
    assert found.loss.shape == (GRID, GRID)
    assert np.isfinite(found.loss).all()
    walked = ask(store, "walked", runs[name])
    assert len(found.path) == walked.last + 1
    for step in (0, found.tested):
        x, y, off = found.path[step]
        assert off < 1e-4
        across, up = np.searchsorted(found.x, x), np.searchsorted(found.y, y)
        around = found.loss[up - 1 : up + 1, across - 1 : across + 1]  # of the cell that the point is in
        slack = np.ptp(around) + 1e-6
        assert around.min() - slack <= walked.support_loss[step] <= around.max() + slack


def test_what_moves_no_weights_has_no_slice(store: RunStore, runs: dict[str, str]):
    with pytest.raises(UserError, match="ProtoNet moves no weights"):
        ask(store, "sliced", runs["protonet"])
