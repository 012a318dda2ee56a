"""Runs that were really trained, tested on families that they were not trained on: with `evaluate --on`, and as pages ask."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from metaplay.cli import main
from metaplay.config import defaults, revise
from metaplay.engine.answers import answer
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.settings import settings
from metaplay.walks import Crossed

Capture = pytest.CaptureFixture[str]
RUNS: dict[str, tuple[str, dict[str, Any]]] = {
    "protonet": ("protonet", {"query": 3}),
    "maml": ("maml", {"way": 2}),
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> RunStore:
    return RunStore(tmp_path_factory.mktemp("across-runs"))


@pytest.fixture(scope="module")
def runs(store: RunStore) -> dict[str, str]:
    """Short runs on strokes: of 5 ways and of 2."""
    made = {}
    for name, (algorithm, changes) in RUNS.items():
        small = {"steps": 4, "width": 8, "meta_batch": 4, "eval_tasks": 40, **changes}
        made[name] = store.create(revise(defaults(algorithm, "strokes"), small))
        run_job(str(store.root), made[name])
    return made


@pytest.fixture(autouse=True)
def kmnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prepared set of ten classes, of which two are for test. All images of a class are the same."""
    cache = settings().cache
    monkeypatch.setenv("METAPLAY_CACHE", str(tmp_path))
    for file in cache.glob("strokes-*"):
        (tmp_path / file.name).symlink_to(file)
    images = np.random.default_rng(0).integers(0, 256, (10, 1, 28, 28), np.uint8).repeat(30, 1)
    np.savez(tmp_path / "kmnist-28px-v1.npz", pixels=images, names=np.array([f"sign {i}" for i in range(10)]))


def evaluated(store: RunStore, capsys: Capture, run: str, *more: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["evaluate", run, "--tasks", "40", "--runs", str(store.root), "--json", *more]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


@pytest.mark.parametrize("name", RUNS)
def test_on_its_own_family_it_is_the_runs_own_test(store: RunStore, runs: dict[str, str], name: str, capsys: Capture):
    own, on = evaluated(store, capsys, runs[name]), evaluated(store, capsys, runs[name], "--on", "strokes")
    assert own["evaluated"] == on["evaluated"]
    assert (on["on"], on["classes"]) == ("strokes", 300)
    tested = store.history(runs[name]).evaluated[-1]
    assert tested.mean == pytest.approx(own["evaluated"]["mean"])


def test_a_split_that_has_enough_classes_is_what_is_tested(store: RunStore, runs: dict[str, str], capsys: Capture):
    found = evaluated(store, capsys, runs["maml"], "--on", "kmnist")
    assert found["classes"] == 2
    assert set(found["evaluated"]["per_class"]) == {"sign 8", "sign 9"}


def test_where_it_has_too_few_all_classes_are(store: RunStore, runs: dict[str, str], capsys: Capture):
    found = evaluated(store, capsys, runs["protonet"], "--on", "kmnist")
    assert found["classes"] == 10
    assert set(found["evaluated"]["per_class"]) == {f"sign {i}" for i in range(10)}
    assert found["evaluated"]["mean"][-1] == 1  # as support and query images of a class are the same
    capsys.readouterr()
    assert main(["evaluate", runs["protonet"], "--on", "kmnist", "--tasks", "4", "--runs", str(store.root)]) == 0
    assert "Trained on Strokes, tested on KMNIST: tasks of all its classes" in capsys.readouterr().out


def test_what_pages_ask_is_what_the_command_says(store: RunStore, runs: dict[str, str], capsys: Capture):
    found = answer(str(store.root), "crossed", {"run": runs["maml"], "family": "kmnist", "tasks": 40})
    told = evaluated(store, capsys, runs["maml"], "--on", "kmnist")["evaluated"]
    assert found == Crossed(told["mean"][-1], told["ci95"][-1], 40, True, 2, False)


def test_a_family_that_does_not_fit_is_refused(store: RunStore, runs: dict[str, str], capsys: Capture):
    capsys.readouterr()
    assert main(["evaluate", runs["protonet"], "--on", "cifar10", "--runs", str(store.root)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        "A run on Strokes cannot be tested on CIFAR-10: its network takes grey images, and those are colour images.\n"
    )


def test_the_run_is_left_as_it_is(store: RunStore, runs: dict[str, str], capsys: Capture):
    files = {path: path.read_bytes() for path in (store.root / runs["maml"]).rglob("*") if path.is_file()}
    evaluated(store, capsys, runs["maml"], "--on", "kmnist", "--inductive")
    assert files == {path: path.read_bytes() for path in (store.root / runs["maml"]).rglob("*") if path.is_file()}
