"""The command line where nothing is trained: what it lists, and how it refuses."""

import json
from pathlib import Path

import pytest

from metaplay.cli import main
from metaplay.config import defaults, parse
from metaplay.engine import going, labels, turns
from metaplay.engine.store import RunStore
from metaplay.engine.turns import Place
from metaplay.events import Evaluated, Progress, RunEnded, RunStarted, StateChanged
from metaplay.presets import GROUPS, PRESETS

REFUSALS = [
    (["train", "sinusoid-mmal"], "sinusoid-mmal: there is no such preset; those nearest are sinusoid-maml, "),
    (["train", "sinusoid-maml", "--set", "wya=5"], "wya: there is no such setting; the settings are algorithm, "),
    (["train", "sinusoid-maml", "--set", "way=5x"], "way = 5x: choose a whole number from 2 to 60."),
    (["train", "sinusoid-maml", "--set", "way"], "--set way: write it as key=value, such as --set way=5."),
    (["train", "sinusoid-maml", "--steps", "0"], "steps = 0: choose a whole number from 1 to 1000000."),
    (["train", "sinusoid-maml", "--seed", "-1"], "seed = -1: choose a whole number from 0 to 2147483647."),
    (["train", "sinusoid-maml", "--steps", "many"], "Invalid value for '--steps': "),
    (["train", "sinusoid-maml", "--seconds", "0"], "Invalid value for '--seconds': "),
    (["train", "sinusoid-maml", "--sead", "1"], "No such option: --sead"),
    (["train"], "Missing argument 'PRESET'."),
    (["tarin"], "No such command 'tarin'."),
    (["evaluate", "nope"], "There is no run named nope; "),
    (["evaluate", "../../etc"], "There is no run named ../../etc; "),
    (["compare", "nope", "neither"], "There is no run named nope; "),
    (["compare", "nope"], "Name two to six different runs to compare."),
    (["compare", "nope", "nope"], "Name two to six different runs to compare."),
    (["compare", *"abcdefg"], "Name two to six different runs to compare."),
    (["compare", "nope", "neither", "--split", "all"], "split = all: choose one of train, val, test."),
    (["compare", "nope", "neither", "--tasks", "1"], "Invalid value for '--tasks': "),
    (["runs", "show", "20260101-000000-abcdef"], "There is no run named 20260101-000000-abcdef; "),
    (["runs", "delete", "nope"], "There is no run named nope; "),
    (["runs", "resume", "nope"], "There is no run named nope; "),
    (["data", "prepare", "cats"], "cats: there is no such data set; the data sets are strokes, omniglot, "),
]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("METAPLAY_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("LC_ALL", "C")
    return RunStore(tmp_path / "runs")


@pytest.fixture
def finished(store: RunStore) -> str:
    """A run as a finished one is kept."""
    config = defaults("maml", "sinusoid")
    run = store.create(config)
    store.append(run, RunStarted(config=config.model_dump(), device="CPU", threads=1, versions={}, parameters=1))
    store.append(
        run,
        Progress(
            step=[1, 2], meta_loss=[1.0, 1.0], loss_before=[1.0, 1.0], loss_after=[1.0, 1.0], outer_lr=[0.1, 0.1],
            grad_norm=[1.0, 1.0], seconds=0.5, tasks_per_second=50.0,
        ),
    )  # fmt: skip
    figures = {"split": "test", "metric": "mse", "tasks": 600, "transductive": False, "mean": [4.0, 0.5]}
    store.append(run, Evaluated.model_validate({**figures, "step": 2, "ci95": [0.25, 0.125]}))
    store.append(run, RunEnded(status="finished", step=2, seconds=0.5))
    return run


@pytest.mark.parametrize(("arguments", "sentence"), REFUSALS, ids=[" ".join(words) for words, _ in REFUSALS])
def test_a_mistake_is_told_in_one_sentence(
    store: RunStore, capsys: pytest.CaptureFixture[str], arguments: list[str], sentence: str
):
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
    assert said.out == ""
    assert store.list() == []


def test_a_mistake_is_told_in_the_language_of_the_terminal(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert main(["train", "sinusoid-maml", "--set", "wya=5"]) == 2
    assert capsys.readouterr().err.startswith("wya：没有这个设置")


@pytest.mark.parametrize("arguments", [[], ["runs"], ["data"]])
def test_without_a_command_it_says_which_there_are(arguments: list[str], capsys: pytest.CaptureFixture[str]):
    assert main(arguments) == 2
    assert "Usage: python -m metaplay" in "".join(capsys.readouterr())


def test_presets_are_listed_in_groups_with_what_they_show(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["presets"]) == 0
    lines = iter(capsys.readouterr().out.splitlines())
    for title, group in GROUPS:
        assert next(lines) == f"{title.en}:"
        for name, item in group.items():
            assert next(lines).split(maxsplit=1) == [name, item.title.en]
    assert list(lines) == []


def test_of_one_preset_all_is_told(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["presets", "paper-omniglot-20w1s-maml"]) == 0
    title, after, figure, *values = capsys.readouterr().out.splitlines()
    item = PRESETS["paper-omniglot-20w1s-maml"]
    assert item.after
    assert (title, after, figure) == (item.title.en, item.after.en, "95.8 ± 0.3 % (Finn et al. 2017)")
    assert parse(dict(line.split() for line in values)) == item.config
    assert main(["presets", "mnist-joint", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)) == ["mnist-joint"]
    assert main(["presets", "mnist-jiont"]) == 2


def test_presets_as_json_are_configurations(capsys: pytest.CaptureFixture[str]):
    assert main(["presets", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {name: parse(values) for name, values in found.items()} == {
        name: item.config for name, item in PRESETS.items()
    }


def test_no_runs_yet(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["runs", "list"]) == 0
    assert capsys.readouterr().out == f"No runs in {store.root} yet.\n"


def test_a_run_is_listed_and_shown(store: RunStore, finished: str, capsys: pytest.CaptureFixture[str]):
    assert main(["runs", "list"]) == 0
    header, row = capsys.readouterr().out.splitlines()
    assert header.split() == ["run", "state", "algorithm", "tasks", "steps", "seconds"]
    assert row.split() == [finished, "finished", "maml", "sinusoid", "2", "of", "10,000", "0.5"]
    assert main(["runs", "show", finished]) == 0
    shown = capsys.readouterr().out
    assert str(store.path(finished)) in shown
    assert "1 0.5 ± 0.12" in " ".join(shown.replace("│", " ").split())


def test_a_shown_run_as_json_has_the_figures(finished: str, capsys: pytest.CaptureFixture[str]):
    assert main(["runs", "show", finished, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["evaluated"] == {
        "split": "test", "metric": "mse", "tasks": 600, "transductive": False, "mean": [4.0, 0.5], "ci95": [0.25, 0.125],
    }  # fmt: skip
    assert found["tasks_per_second"] == 2 * 25 / 0.5
    assert parse(found["config"]) == defaults("maml", "sinusoid")


def test_a_run_whose_process_is_gone_is_interrupted(store: RunStore, capsys: pytest.CaptureFixture[str]):
    config = defaults("maml", "sinusoid")
    run = store.create(config)
    store.append(run, RunStarted(config=config.model_dump(), device="CPU", threads=1, versions={}, parameters=1))
    assert main(["runs", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == [{"run": run, "status": "interrupted", "steps": 0}]


def test_a_run_that_waits_says_its_place_and_when_it_begins(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("COLUMNS", "200")
    run = store.create(defaults("maml", "sinusoid"))
    store.append(run, StateChanged(state="queued"))
    turns.tell(store.root, {run: Place(2, 34.2)})
    assert main(["runs", "list"]) == 0
    assert "queued  " in capsys.readouterr().out, "the server that said so is gone"
    going.claim(store.root, run)
    assert main(["runs", "list"]) == 0
    assert "queued, number 2, begins in about 34 s" in capsys.readouterr().out
    assert main(["runs", "show", run]) == 0
    assert "queue             number 2, begins in about 34 s\n" in capsys.readouterr().out
    assert main(["runs", "list", "--json"]) == 0
    [found] = json.loads(capsys.readouterr().out)
    assert found == {"run": run, "status": "queued", "steps": 0, "place": 2, "begins_in": 34.2}


def test_a_finished_run_is_not_resumed(finished: str, capsys: pytest.CaptureFixture[str]):
    assert main(["runs", "resume", finished]) == 2
    assert capsys.readouterr().err == f"Run {finished} is finished: there is nothing to resume.\n"


def test_a_run_without_a_checkpoint_cannot_be_evaluated(finished: str, capsys: pytest.CaptureFixture[str]):
    assert main(["evaluate", finished]) == 2
    assert capsys.readouterr().err == f"Run {finished} has no checkpoint yet: train it first.\n"
    assert main(["evaluate", finished, "--split", "all"]) == 2
    assert capsys.readouterr().err == "split = all: choose one of train, val, test.\n"


def test_a_run_is_pinned_and_let_go(store: RunStore, finished: str):
    assert main(["runs", "pin", finished]) == 0
    assert labels.read(store, finished).pinned
    assert main(["runs", "pin", finished, "--off"]) == 0
    assert not labels.read(store, finished).pinned


def test_a_deleted_run_is_gone(store: RunStore, finished: str):
    assert main(["runs", "delete", finished]) == 0
    assert store.list() == []
    assert main(["runs", "delete", finished]) == 2


def test_another_folder_of_runs_can_be_named(tmp_path: Path, finished: str, capsys: pytest.CaptureFixture[str]):
    assert main(["runs", "list", "--runs", str(tmp_path / "other")]) == 0
    assert capsys.readouterr().out == f"No runs in {tmp_path / 'other'} yet.\n"


def test_an_exported_run_is_imported_elsewhere(
    tmp_path: Path, store: RunStore, finished: str, capsys: pytest.CaptureFixture[str]
):
    file, other = tmp_path / "run.zip", RunStore(tmp_path / "other")
    assert main(["runs", "export", finished, str(file)]) == 0
    assert main(["runs", "import", str(file), "--runs", str(other.root)]) == 0
    [opened] = other.list()
    assert capsys.readouterr().out.splitlines()[-1] == f"Opened as {opened}."
    assert other.tail(opened) == store.tail(finished)
    assert main(["runs", "import", str(store.path(finished) / "config.json")]) == 2
    assert capsys.readouterr().err.startswith("This file is not a whole metaplay bundle")
