"""Bodies that learn to run, on the page: their motion is shown, and who lacks MuJoCo is told what to install."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.cli.main import main
from metaplay.engine.store import RunStore
from metaplay.registry import extras
from metaplay.ui.engine import engine
from tests.unit.charts.kept import keep


@pytest.fixture
def store() -> Iterator[RunStore]:
    store = engine().store
    others = {*store.list()}
    yield store
    for run in {*store.list()} - others:
        store.delete(run)


def test_the_playground_shows_a_run_whether_or_not_mujoco_is_here(
    page: AppTest, store: RunStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    page.query_params["run"] = keep(store, "maml", "cheetah-vel")
    page.run()
    assert not page.exception
    assert any("a return of" in item.value for item in page.markdown)


def test_without_mujoco_the_form_says_what_to_install(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    page.query_params["family"] = "cheetah-dir"
    page.run()
    assert not page.exception
    assert any("pip install -r requirements-rl.txt" in item.value for item in page.error)


def test_without_mujoco_the_command_line_refuses_in_one_sentence(
    store: RunStore, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    before = store.list()
    assert main(["train", "cheetah-vel-maml"]) == 2
    assert "pip install -r requirements-rl.txt" in capsys.readouterr().err.replace("\n", " ")
    assert store.list() == before
