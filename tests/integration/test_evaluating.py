"""`evaluate` and `compare` on runs that were really trained: what they print, in either manner, and what they refuse."""

import json
from pathlib import Path
from typing import Any

import pytest

from metaplay.cli import main
from metaplay.engine.store import RunStore

Capture = pytest.CaptureFixture[str]
SMALL = ["--set", "width=8", "--set", "eval_tasks=4", "--steps", "4", "--json"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(autouse=True)
def _settings(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METAPLAY_RUNS", str(folder))
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture(scope="module")
def runs(folder: Path) -> dict[str, str]:
    """Small trained runs on the same tasks, and one on tasks of other ways."""
    asked = {
        "maml": ["meta_batch=4"],
        "fomaml": ["meta_batch=4", "algorithm=fomaml", "test_inner_steps=2"],
        "protonet": ["algorithm=protonet", "query=3"],
        "three": ["meta_batch=4", "way=3"],
    }
    store = RunStore(folder)
    found: dict[str, str] = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METAPLAY_DEVICE", "cpu")
        for name, values in asked.items():
            changes = [word for value in values for word in ("--set", value)]
            assert main(["train", "strokes-5w1s-maml", *changes, *SMALL, "--runs", str(folder)]) == 0
            found[name] = next(run for run in store.list() if run not in found.values())
    return found


def run_json(capsys: Capture, *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def printed(capsys: Capture, *arguments: str) -> str:
    """What a person sees, without the lines of the tables."""
    capsys.readouterr()
    assert main([*arguments]) == 0
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


def test_the_manner_is_switched_and_stated(runs: dict[str, str], capsys: Capture):
    found = {
        flag: run_json(capsys, "evaluate", runs["maml"], "--tasks", "40", *flag)["evaluated"]
        for flag in ((), ("--transductive",), ("--inductive",))
    }
    assert [item["transductive"] for item in found.values()] == [True, True, False]
    own, together, alone = found.values()
    assert own == together
    assert alone["mean"] != together["mean"]
    assert "40 test tasks, transductive" in printed(capsys, "evaluate", runs["maml"], "--tasks", "40")
    assert "40 test tasks, each query alone" in printed(
        capsys, "evaluate", runs["maml"], "--tasks", "40", "--inductive"
    )


def test_classes_are_in_the_json_and_the_hardest_are_printed(runs: dict[str, str], capsys: Capture):
    found = run_json(capsys, "evaluate", runs["maml"], "--tasks", "40")["evaluated"]
    assert sum(queries for _, queries in found["per_class"].values()) == 40 * 5 * 3
    assert len(found["confused"]) == 20
    shown = printed(capsys, "evaluate", runs["maml"], "--tasks", "40")
    assert f"before adapting {found['mean'][0]:.2%} ± {found['ci95'][0]:.2%}" in shown
    assert f"3 {found['mean'][3]:.2%} ± {found['ci95'][3]:.2%}" in shown
    truth, predicted, count = found["confused"][0]
    assert f"Most often confused: {count} times {truth} taken for {predicted}" in shown
    worst = min(found["per_class"], key=lambda name: found["per_class"][name][0])
    assert f"of its queries: {found['per_class'][worst][0]:.2%} of {found['per_class'][worst][1]} {worst}" in shown


def test_runs_are_compared_on_the_tasks_on_which_each_is_evaluated(runs: dict[str, str], capsys: Capture):
    names = [runs["maml"], runs["fomaml"], runs["protonet"]]
    found = run_json(capsys, "compare", *names, "--tasks", "40")
    assert (found["split"], found["metric"], found["tasks"]) == ("test", "accuracy", 40)
    assert found["runs"] == [
        {"run": names[0], "algorithm": "maml", "step": 4, "transductive": True},
        {"run": names[1], "algorithm": "fomaml", "step": 4, "transductive": True},
        {"run": names[2], "algorithm": "protonet", "step": 4, "transductive": False},
    ]
    assert [row["steps"] for row in found["rows"]] == [[0, 0, 0], [1, 1, 1], [3, 2, 1]]
    alone = [run_json(capsys, "evaluate", name, "--tasks", "40")["evaluated"] for name in names]
    for row in found["rows"]:
        means = [item["mean"][step] for item, step in zip(alone, row["steps"], strict=True)]
        assert row["mean"] == pytest.approx(means)
        assert row["difference"] == pytest.approx([mean - means[0] for mean in means])
        assert row["difference_ci95"][0] == 0 < min(row["difference_ci95"][1:])


def test_a_comparison_is_printed_a_row_for_each_step_and_run(runs: dict[str, str], capsys: Capture):
    arguments = ["compare", runs["maml"], runs["fomaml"], "--tasks", "40", "--inductive", "--split", "val"]
    last = run_json(capsys, *arguments)["rows"][-1]
    shown = printed(capsys, *arguments)
    assert f"1 {runs['maml']} MAML, step 4, each query alone" in shown
    assert f"2 {runs['fomaml']} FOMAML, step 4, each query alone" in shown
    assert "40 val tasks, the same for every run" in shown
    assert "before adapting 1 " in shown
    figures = f"2 2 {last['mean'][1]:.2%} ± {last['ci95'][1]:.2%}"
    gain = f"{100 * last['difference'][1]:+.2f} ± {100 * last['difference_ci95'][1]:.2f} points"
    assert f"{figures} {gain}" in shown


def test_runs_of_other_tasks_are_refused(runs: dict[str, str], capsys: Capture):
    capsys.readouterr()
    assert main(["compare", runs["maml"], runs["three"], "--tasks", "10"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == (
        f"Runs {runs['maml']} and {runs['three']} are tested on different tasks (way = 5 and 3): compare runs with the same.\n"
    )


def _contents(folder: Path, runs: dict[str, str]) -> dict[Path, bytes]:
    files = [path for run in runs.values() for path in (folder / run).rglob("*") if path.is_file()]
    return {path: path.read_bytes() for path in files}


def test_evaluating_and_comparing_leave_the_runs_as_they_are(runs: dict[str, str], folder: Path, capsys: Capture):
    before = _contents(folder, runs)
    run_json(capsys, "evaluate", runs["maml"], "--tasks", "10", "--inductive")
    run_json(capsys, "compare", runs["maml"], runs["fomaml"], "--tasks", "10", "--inductive")
    assert _contents(folder, runs) == before
