"""Your data: what is said of a file that is handed in, and the form that its tasks come with."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from metaplay.owndata.about import names
from metaplay.owndata.examining import examine
from metaplay.owndata.storing import keep
from tests.unit.owndata.making import intents, sentences_with_vectors


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data root of its own."""
    monkeypatch.setenv("METAPLAY_DATA", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture
def data(page: AppTest) -> AppTest:
    page.default_timeout = 120
    page.switch_page("pages/data.py")
    return page.run()


def _hand_in(page: AppTest, file: Path) -> str:
    """What is said of it."""
    page.file_uploader[0].set_value((file.name, file.read_bytes(), "text/plain"))
    page.run()
    assert not page.exception
    return "\n".join(str(item.value) for item in (*page.markdown, *page.warning, *page.error)).replace("\\", "")


def _keep(page: AppTest, file: Path) -> None:
    """As the button does, which the browser tests press."""
    keep(file.stem, examine(file, file.name))
    page.file_uploader[0].clear()
    page.run()
    assert not page.exception


def _form(page: AppTest, name: str) -> dict[str, object]:
    """The playground's form for tasks of a set."""
    page.query_params["algorithm"], page.query_params["family"] = "maml", f"own:{name}"
    page.switch_page("pages/playground.py").run()
    assert not page.exception
    assert not page.warning
    return page.session_state["form"]


def test_a_csv_of_intents_becomes_tasks_in_the_form(data: AppTest, tmp_path: Path):
    file = intents(tmp_path / "assistant.csv")
    said = _hand_in(data, file)
    assert "180 sentences with 30 labels: 18 labels for training, 6 for validation, 6 for test" in said
    assert names() == []
    _keep(data, file)
    assert names() == ["assistant"]
    form = _form(data, "assistant")
    assert (form["family"], form["network"], form["way"], form["query"]) == ("own:assistant", "ngrams", 5, 5)
    assert data.toggle(key="field-out_of_scope").value is False


def test_vectors_are_told_of_and_bring_another_network(data: AppTest, tmp_path: Path):
    file = sentences_with_vectors(tmp_path / "mine.jsonl")
    said = _hand_in(data, file)
    assert "Each sentence comes with a vector of 6 numbers" in said
    _keep(data, file)
    assert any("a vector of 6 numbers" in item.value for item in data.caption)
    assert _form(data, "mine")["network"] == "mlp"


def test_a_pickle_under_a_good_name_is_not_read(data: AppTest, tmp_path: Path):
    with (tmp_path / "mine.jsonl").open("wb") as file:
        np.save(file, np.array([{"text": "a"}], dtype=object), allow_pickle=True)
    assert "0 classes have 2 or more examples" in _hand_in(data, tmp_path / "mine.jsonl")
    assert not any(item.key == "data-keep" for item in data.button)
    assert names() == []
