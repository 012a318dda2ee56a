"""Training from the command line: the JSON object that it ends with, the run that it leaves, Ctrl-C and going on."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from metaplay.cli import main
from metaplay.engine.store import RunStore
from metaplay.events import Checkpointed, Evaluated, Probe, ProbeTask, Progress, RunEnded, RunStarted
from metaplay.tasks.sets import NAMES

ROOT = Path(__file__).parents[2]
SMALL = ["--set", "eval_tasks=10", "--json"]


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    monkeypatch.setenv("METAPLAY_RUNS", str(tmp_path))
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    return RunStore(tmp_path)


def _last_line(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_a_run_ends_with_one_json_object_and_leaves_its_log(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["train", "sinusoid-maml", "--steps", "12", "--seed", "3", *SMALL]) == 0
    found = _last_line(capsys)
    assert list(found) == ["run", "status", "device", "steps", "seconds", "tasks_per_second", "evaluated"]
    assert (found["status"], found["device"], found["steps"]) == ("finished", "CPU", 12)
    assert found["tasks_per_second"] == pytest.approx(12 * 25 / found["seconds"], rel=0.01)
    figures = found["evaluated"]
    assert list(figures) == ["split", "metric", "tasks", "transductive", "mean", "ci95"]
    assert (figures["split"], figures["metric"], figures["tasks"]) == ("test", "mse", 10)
    assert len(figures["mean"]) == len(figures["ci95"]) == 11
    assert store.list() == [found["run"]]
    assert (store.config(found["run"]).seed, store.config(found["run"]).steps) == (3, 12)
    types = {type(event) for event in store.tail(found["run"])[0]}
    assert types == {RunStarted, ProbeTask, Probe, Progress, Evaluated, Checkpointed, RunEnded}


def test_the_same_seed_gives_the_same_figures_and_evaluate_repeats_them(
    store: RunStore, capsys: pytest.CaptureFixture[str]
):
    train = [
        "train",
        "sinusoid-reptile",
        "--steps",
        "5",
        "--set",
        "inner_steps=3",
        "--set",
        "test_inner_steps=3",
        *SMALL,
    ]
    assert main(train) == 0
    first = _last_line(capsys)
    assert main(train) == 0
    assert _last_line(capsys)["evaluated"] == first["evaluated"]
    log = store.tail(first["run"])
    assert main(["evaluate", first["run"], "--tasks", "10", "--json"]) == 0
    assert _last_line(capsys) == {"run": first["run"], "evaluated": first["evaluated"]}
    assert store.tail(first["run"]) == log
    assert main(["evaluate", first["run"], "--tasks", "12", "--split", "val", "--json"]) == 0
    other = _last_line(capsys)["evaluated"]
    assert (other["split"], other["tasks"]) == ("val", 12)
    assert other["mean"] != first["evaluated"]["mean"]


def test_from_scratch_there_is_nothing_to_train(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["train", "sinusoid-maml", "--set", "algorithm=scratch", *SMALL]) == 0
    found = _last_line(capsys)
    assert (found["steps"], found["seconds"], found["tasks_per_second"]) == (0, 0, 0)
    assert found["evaluated"]["tasks"] == 10


def test_seconds_end_the_training_with_an_evaluation(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["train", "sinusoid-maml", "--steps", "1000000", "--seconds", "0.3", *SMALL]) == 0
    found = _last_line(capsys)
    assert found["status"] == "finished"
    assert found["seconds"] >= 0.3
    assert found["steps"] < 1_000_000
    assert found["evaluated"]["tasks"] == 10
    ended = store.tail(found["run"])[0][-1]
    assert isinstance(ended, RunEnded)
    assert ended.reason == "Ended after 0.3 s of training, as asked."


def test_a_run_that_fails_says_why_and_exits_with_1(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert (
        main(["train", "sinusoid-maml", "--steps", "500", "--set", "outer_lr=10", "--set", "inner_lr=10", *SMALL]) == 1
    )
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["status"], found["evaluated"]) == ("failed", None)
    assert f"runs resume {found['run']}" in err
    assert "Traceback" not in err


def test_figures_that_diverge_are_null(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["train", "sinusoid-maml", "--steps", "1", "--set", "inner_lr=10", *SMALL]) == 0
    figures = _last_line(capsys)["evaluated"]
    assert figures["mean"][0] > 0
    assert (figures["mean"][-1], figures["ci95"][-1]) == (None, None)


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX signal stands for Ctrl-C")
def test_ctrl_c_stops_with_a_checkpoint_from_which_the_run_goes_on(store: RunStore, capsys: pytest.CaptureFixture[str]):
    command = [sys.executable, "-m", "metaplay", "train", "sinusoid-maml", "--steps", "1000000", *SMALL]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            deadline = time.monotonic() + 120
            while not (store.list() and store.state(store.list()[0]).step > 5):
                assert time.monotonic() < deadline
                assert process.poll() is None
                time.sleep(0.05)
            process.send_signal(signal.SIGINT)
            out, err = process.communicate(timeout=60)
        finally:
            process.kill()
    assert process.returncode == 130
    found = json.loads(out.splitlines()[-1])
    run, steps = found["run"], found["steps"]
    assert (found["status"], found["evaluated"]) == ("stopped", None)
    assert steps > 5
    assert "Traceback" not in err
    assert f"To go on: python -m metaplay runs resume {run} --runs {store.root}" in err
    assert store.history(run).checkpoint_step == steps

    assert main(["runs", "resume", run, "--seconds", str(found["seconds"] + 0.2), "--json"]) == 0
    resumed = _last_line(capsys)
    assert (resumed["run"], resumed["status"]) == (run, "finished")
    assert resumed["steps"] > steps
    started = [event for event in store.tail(run)[0] if isinstance(event, RunStarted)]
    assert [event.resumed_from for event in started] == [None, steps]


def test_doctor_says_that_all_is_well_a_line_each(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("METAPLAY_DATA", str(tmp_path / "none"))
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines] == ["ok  "] * len(lines)
    subjects = ["versions", "device", "memory", "runs", "cache", *(f"data: {name}" for name in NAMES), "engine"]
    assert [line[6:25].strip() for line in lines] == subjects
    assert "downloaded when first used" in lines[subjects.index("data: omniglot")]
    assert "a worker ready to train on CPU" in lines[-1]


def test_doctor_says_what_is_amiss_and_what_mends_it(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("METAPLAY_SCHEDULER", "tcp://127.0.0.1:9")
    monkeypatch.setattr("metaplay.engine.client._CONNECT_SECONDS", 1)
    monkeypatch.setattr("metaplay.host.memory", lambda: 512_000_000)
    monkeypatch.setenv("METAPLAY_CACHE", "/dev/null/cache")
    monkeypatch.setenv("METAPLAY_RUNS", str(tmp_path))
    (tmp_path / ".version").write_text("1000")
    assert main(["doctor"]) == 1
    lines = {line[6:25].strip(): line for line in capsys.readouterr().out.splitlines() if line.startswith("FAIL")}
    assert lines.keys() == {"memory", "runs", "cache", "engine"}
    assert "This host has 512 MB of memory, and the playground takes up to 600 MB" in lines["memory"]
    assert "kept by a newer metaplay" in lines["runs"]
    assert "/dev/null/cache cannot be written: set METAPLAY_CACHE" in lines["cache"]
    assert "No Dask scheduler answers at tcp://127.0.0.1:9" in lines["engine"]


@pytest.mark.usefixtures("data_root")
def test_a_data_set_is_prepared_before_it_is_needed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("METAPLAY_CACHE", str(tmp_path))
    assert main(["data", "list", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["omniglot"]["state"] == "found"
    assert main(["data", "prepare", "omniglot"]) == 0
    assert capsys.readouterr().out.startswith("Omniglot: ready, ")
    assert main(["data", "list", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["omniglot"]
    assert (found["state"], found["classes"]) == ("ready", 1623)
    assert Path(found["where"]).stat().st_size == found["size"]


def test_a_race_trains_presets_on_the_same_tasks_and_compares_them(store: RunStore, capsys: pytest.CaptureFixture[str]):
    names = ["sinusoid-maml", "sinusoid-reptile", "sinusoid-cavia"]
    assert main(["race", *names, "--steps", "4", "--seed", "5", *SMALL]) == 0
    rows = _last_line(capsys)["runs"]
    assert [row["name"] for row in rows] == ["MAML", "Reptile", "CAVIA"]
    assert [(row["status"], row["steps"]) for row in rows] == [("finished", 4)] * 3
    assert [row["gradients"] for row in rows] == [4 * 25 * each for each in (3, 10, 3)]
    evaluated = [store.history(row["run"]).evaluated[0].per_task for row in rows]
    mean = sum(a - b for a, b in zip(evaluated[1], evaluated[0], strict=True)) / 10
    assert rows[1]["difference"] == pytest.approx(mean, rel=1e-3)
    assert {store.config(row["run"]).train_shot for row in rows} == {0}


def test_presets_of_different_families_do_not_race(store: RunStore, capsys: pytest.CaptureFixture[str]):
    assert main(["race", "sinusoid-maml", "strokes-5w1s-maml"]) == 2
    assert "the same tasks, but here family = " in capsys.readouterr().err
    assert store.list() == []
