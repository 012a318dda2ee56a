"""`reproduce` on small tables: rows are normal runs, reused, gone on with, stopped; the files say what is so."""

import csv
import json
import os
import re
import signal
import sys
import time
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from metaplay.cli import main
from metaplay.engine.store import RunStore
from metaplay.events import RunStarted
from metaplay.presets import PRESETS, Paper, Preset
from metaplay.reproduce.tables import TABLES, Row, Table
from metaplay.text import Text

FOREVER = 1_000_000
SMALL = {"steps": 5, "eval_tasks": 10}
STROKES = {"width": 4, "steps": 2, "eval_tasks": 10, "meta_batch": 2}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("METAPLAY_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    monkeypatch.setenv("LC_ALL", "C")
    return RunStore(tmp_path / "runs")


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch):
    """Make a table named `small`: rows by name, each of an algorithm, a family and values; and the manner, where there is one."""

    def make(
        rows: dict[str, tuple[str, str, dict[str, Any]]], manner: dict[str, bool] | None = None, paired: bool = False
    ):
        made = []
        for name, (algorithm, family, values) in rows.items():
            preset = f"small-{algorithm}-{sorted(values.items())}"
            monkeypatch.setitem(PRESETS, preset, Preset(algorithm, family, Text("small", "小"), values))
            made.append(Row(name, name, preset, Paper("0.67", "Someone 2017"), (manner or {}).get(name)))
        monkeypatch.setitem(TABLES, "small", Table("Small", tuple(made), paired))

    return make


@pytest.fixture
def two(table) -> None:
    table({"maml": ("maml", "sinusoid", SMALL), "fomaml": ("fomaml", "sinusoid", SMALL)})


def _rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "small.csv").open(encoding="utf-8", newline="") as file:
        return {line["row"]: line for line in csv.DictReader(file)}


def _reproduce(out: Path, *words: str) -> int:
    return main(["reproduce", "small", "--out", str(out), *words])


@pytest.mark.usefixtures("two")
def test_rows_are_runs_in_the_store_and_a_second_call_takes_them_as_they_are(store: RunStore, tmp_path: Path):
    assert _reproduce(tmp_path) == 0
    rows = _rows(tmp_path)
    assert {rows[name]["run"] for name in ("maml", "fomaml")} == set(store.list())
    for name, row in rows.items():
        history = store.history(row["run"])
        tested = history.evaluated[-1]
        assert store.config(row["run"]).algorithm == name
        assert (row["state"], row["steps"], row["of_steps"]) == ("finished", "5", "5")
        assert [float(row[key]) for key in ("mean", "ci95", "mean_1", "ci95_1")] == [
            tested.mean[-1], tested.ci95[-1], tested.mean[1], tested.ci95[1],
        ]  # fmt: skip
        assert history.started
        assert row["commit"] == history.started.versions["metaplay"]
        assert row["command"] == f"python -m metaplay reproduce small --only {name}"
        assert f"| {float(row['mean']):.3f} ± {float(row['ci95']):.3f} |" in (tmp_path / "small.md").read_text("utf-8")
    before = {path.name: path.read_bytes() for path in tmp_path.glob("small.*")}
    runs = store.list()
    assert _reproduce(tmp_path) == 0
    assert store.list() == runs
    assert {path.name: path.read_bytes() for path in tmp_path.glob("small.*")} == before


@pytest.mark.usefixtures("two")
def test_a_row_that_is_not_run_now_stays_as_it_stands(store: RunStore, tmp_path: Path):
    assert _reproduce(tmp_path, "--only", "maml") == 0
    rows = _rows(tmp_path)
    assert (rows["fomaml"]["state"], rows["fomaml"]["mean"]) == ("not run", "")
    assert re.search(r"\| fomaml \|.*\| not run \|", (tmp_path / "small.md").read_text("utf-8"))
    assert len(store.list()) == 1
    store.delete(rows["maml"]["run"])
    assert _reproduce(tmp_path, "--only", "fo*") == 0
    after = _rows(tmp_path)
    assert after["maml"] == rows["maml"]
    assert after["fomaml"]["state"] == "finished"


@pytest.mark.usefixtures("two")
def test_another_seed_is_another_run(store: RunStore, tmp_path: Path):
    assert _reproduce(tmp_path, "--only", "maml") == 0
    first = _rows(tmp_path)["maml"]
    assert _reproduce(tmp_path, "--only", "maml", "--seed", "3") == 0
    second = _rows(tmp_path)["maml"]
    assert store.config(second["run"]).seed == 3
    assert second["mean"] != first["mean"]
    assert second["command"].endswith("--only maml --seed 3")


@pytest.mark.usefixtures("two")
def test_a_shorter_row_is_a_run_of_that_length_so_that_schedules_follow(store: RunStore, tmp_path: Path):
    assert _reproduce(tmp_path, "--only", "maml", "--steps", "3") == 0
    row = _rows(tmp_path)["maml"]
    assert store.config(row["run"]).steps == 3
    assert (row["state"], row["steps"], row["of_steps"]) == ("finished", "3", "5")
    assert row["command"].endswith("--only maml --steps 3")
    assert _reproduce(tmp_path, "--only", "maml", "--steps", "3") == 0
    assert store.list() == [row["run"]]


def test_a_budget_ends_a_row_early_and_a_larger_one_goes_on(store: RunStore, tmp_path: Path, table):
    table({"maml": ("maml", "sinusoid", {**SMALL, "steps": FOREVER})})
    assert _reproduce(tmp_path, "--budget", "0.005") == 0
    row = _rows(tmp_path)["maml"]
    steps = int(row["steps"])
    assert row["state"] == "finished"
    assert 0 < steps < FOREVER
    assert f"| {steps:,} of {FOREVER:,} |" in (tmp_path / "small.md").read_text("utf-8")
    assert re.search(r"--only maml --budget 0\.00\d+$", row["command"])
    assert _reproduce(tmp_path, "--budget", "0.005") == 0
    assert _rows(tmp_path)["maml"] == row
    assert _reproduce(tmp_path, "--budget", "0.01") == 0
    longer = _rows(tmp_path)["maml"]
    assert store.list() == [longer["run"]] == [row["run"]]
    assert int(longer["steps"]) > steps
    assert longer["mean"] != row["mean"]
    started = [event for event in store.tail(row["run"])[0] if isinstance(event, RunStarted)]
    assert [event.resumed_from for event in started] == [None, steps]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX signal stands for Ctrl-C")
def test_ctrl_c_stops_and_a_stopped_row_is_no_result(store: RunStore, tmp_path: Path, table):
    table({"maml": ("maml", "sinusoid", {**SMALL, "steps": FOREVER}), "fomaml": ("fomaml", "sinusoid", SMALL)})

    def press() -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not (store.list() and store.state(store.list()[0]).step > 5):
            time.sleep(0.05)
        os.kill(os.getpid(), signal.SIGINT)

    finger = Thread(target=press)
    finger.start()
    code = _reproduce(tmp_path)
    finger.join()
    assert code == 130
    [run] = store.list()
    steps = store.state(run).step
    rows = _rows(tmp_path)
    assert rows["maml"]["state"] == f"not finished: {steps:,} of {FOREVER:,} steps"
    assert (rows["maml"]["mean"], rows["maml"]["run"]) == ("", "")
    assert rows["fomaml"]["state"] == "not run"
    assert f"| not finished: {steps:,} of {FOREVER:,} steps |" in (tmp_path / "small.md").read_text("utf-8")
    minutes = (store.state(run).seconds + 0.2) / 60
    assert _reproduce(tmp_path, "--only", "maml", "--budget", str(minutes)) == 0
    row = _rows(tmp_path)["maml"]
    assert (row["state"], row["run"]) == ("finished", run)
    assert int(row["steps"]) > steps


def test_a_row_that_fails_says_why_and_the_others_are_run(store: RunStore, tmp_path: Path, table):
    wild = {**SMALL, "steps": 500, "outer_lr": 10, "inner_lr": 10}
    table({"wild": ("maml", "sinusoid", wild), "fomaml": ("fomaml", "sinusoid", SMALL)})
    assert _reproduce(tmp_path) == 1
    rows = _rows(tmp_path)
    assert rows["wild"]["state"].startswith("failed: The loss stopped being a number")
    assert rows["wild"]["mean"] == ""
    assert rows["fomaml"]["state"] == "finished"


def test_one_run_is_tested_in_both_manners(
    store: RunStore, tmp_path: Path, table, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    reptile = ("reptile", "strokes", {**STROKES, "inner_steps": 2, "test_inner_steps": 2})
    table({"alone": reptile, "together": reptile}, {"alone": False, "together": True})
    assert _reproduce(tmp_path) == 0
    [run] = store.list()
    rows = _rows(tmp_path)
    assert (rows["alone"]["transductive"], rows["together"]["transductive"]) == ("False", "True")
    assert "each query alone" in rows["alone"]["protocol"]
    assert "; transductive;" in rows["together"]["protocol"]
    assert float(rows["together"]["mean"]) == store.history(run).evaluated[-1].mean[-1]
    capsys.readouterr()
    assert main(["evaluate", run, "--tasks", "10", "--inductive", "--json"]) == 0
    assert float(rows["alone"]["mean"]) == json.loads(capsys.readouterr().out)["evaluated"]["mean"][-1]
    monkeypatch.setattr("metaplay.training.evaluate_snapshot", None)  # a second call has nothing to test
    assert _reproduce(tmp_path) == 0
    assert _rows(tmp_path) == rows


def test_differences_to_the_first_row_are_those_of_compare(
    store: RunStore, tmp_path: Path, table, capsys: pytest.CaptureFixture[str]
):
    small = {**STROKES, "inner_steps": 2, "test_inner_steps": 2}
    table({"none": ("maml", "strokes", small), "all": ("mamlpp", "strokes", small)}, paired=True)
    assert _reproduce(tmp_path, "--only", "all") == 0
    assert _rows(tmp_path)["all"]["difference"] == ""
    assert _reproduce(tmp_path) == 0
    rows = _rows(tmp_path)
    first, second = rows["none"]["run"], rows["all"]["run"]
    assert rows["none"]["difference"] == ""
    capsys.readouterr()
    assert main(["compare", first, second, "--tasks", "10", "--json"]) == 0
    last = json.loads(capsys.readouterr().out)["rows"][-1]
    found = [float(rows["all"][key]) for key in ("difference", "difference_ci95")]
    assert found == [last["difference"][1], last["difference_ci95"][1]]
    told = f"| {100 * found[0]:+.2f} ± {100 * found[1]:.2f} |"
    assert told in (tmp_path / "small.md").read_text("utf-8")


REFUSALS = [
    (["smal"], "smal: there is no such table; the tables are sinusoid, omniglot, "),
    (["small", "--only", "mla"], "--only mla: there is no such row; the rows are maml, fomaml."),
    (["small", "--budget", "0"], "Invalid value for '--budget': "),
    (["small", "--seed", "-1"], "seed = -1: choose a whole number from 0 to 2147483647."),
    (["small", "--out", __file__], f"The folder {__file__} cannot be written: "),
]


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize(("words", "sentence"), REFUSALS, ids=[" ".join(words[:2]) for words, _ in REFUSALS])
def test_a_mistake_is_told_before_anything_is_run(
    store: RunStore, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
):
    assert main(["reproduce", *words]) == 2
    said = capsys.readouterr()
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
    assert store.list() == []
