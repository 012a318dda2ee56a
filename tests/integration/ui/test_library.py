"""The Runs page in AppTest: what is found, named, asked, compared and linked; what moves is tested in the browser."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.config import defaults, revise
from metaplay.engine import labels
from metaplay.engine.answers import answer
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.ui.engine import engine
from tests.unit.charts.kept import keep


@pytest.fixture
def store() -> Iterator[RunStore]:
    """The server's runs: none at first, whatever other tests left, and none afterwards."""
    store = engine().store
    _empty(store)
    yield store
    _empty(store)


def _empty(store: RunStore) -> None:
    for run in store.list():
        store.delete(run)


@pytest.fixture
def library(page: AppTest) -> AppTest:
    page.run()
    page.switch_page("pages/library.py")
    return page


def _captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def _chosen(page: AppTest, *runs: str) -> AppTest:
    """The page once these runs were chosen in the table, whose boxes AppTest cannot tick."""
    page.session_state["runs-chosen"] = list(runs)
    return page.run()


def test_without_runs_it_says_where_they_come_from(library: AppTest, store: RunStore):
    library.run()
    assert not library.exception
    assert "train one in the playground" in library.info[0].value
    assert library.button(key="runs-delete").disabled


def test_runs_are_found_by_text_state_and_algorithm(library: AppTest, store: RunStore):
    keep(store, "maml", "sinusoid")
    named = keep(store, "reptile", "strokes")
    labels.write(store, named, labels.label("For Monday", ["lecture"]))
    library.run()
    assert "2 of 2 runs" in _captions(library)
    library.text_input(key="runs-text").set_value("monday LECT").run()
    assert "1 of 2 runs" in _captions(library)
    library.text_input(key="runs-text").set_value("nothing like it").run()
    assert "No run fits" in library.info[0].value
    library.text_input(key="runs-text").set_value("").run()
    library.multiselect(key="runs-algorithm").set_value(["maml"]).run()
    assert "1 of 2 runs" in _captions(library)
    library.multiselect(key="runs-state").set_value(["failed"]).run()
    assert "0 of 2 runs" in _captions(library)
    assert not library.exception


def test_what_can_be_done_depends_on_what_is_chosen(library: AppTest, store: RunStore):
    first, second = keep(store, "maml", "sinusoid"), keep(store, "reptile", "sinusoid")
    _chosen(library.run(), first)
    able = {
        key
        for key in ("replay", "compare", "resume", "name", "delete")
        if not library.button(key=f"runs-{key}").disabled
    }
    assert able == {"replay", "name", "delete"}
    _chosen(library, first, second)
    able = {
        key
        for key in ("replay", "compare", "resume", "name", "delete")
        if not library.button(key=f"runs-{key}").disabled
    }
    assert able == {"compare", "delete"}


def test_a_run_is_given_a_name_and_tags(library: AppTest, store: RunStore):
    run = keep(store, "maml", "sinusoid")
    _chosen(library.run(), run)
    library.button(key="runs-name").click().run()
    library.text_input(key="runs-new-name").set_value(" Good  one ")
    library.text_input(key="runs-new-tags").set_value("lecture, Lecture，五类")
    library.button(key="runs-save").click().run()
    assert labels.read(store, run) == labels.Label("Good one", ("lecture", "五类"))
    assert not library.exception


def test_deleting_asks_first(library: AppTest, store: RunStore):
    keep(store, "reptile", "sinusoid")
    run = keep(store, "maml", "sinusoid")
    _chosen(library.run(), run)
    library.button(key="runs-delete").click().run()
    assert "cannot be undone" in " ".join(text.value for text in library.markdown)
    assert len(store.list()) == 2
    library.button(key="runs-keep").click().run()
    assert len(store.list()) == 2
    library.button(key="runs-delete").click().run()
    library.button(key="runs-really").click().run()
    assert run not in store.list()
    assert "1 of 1 runs" in _captions(library)
    assert not library.exception


def test_runs_are_compared_task_by_task_where_they_met_the_same_tasks(library: AppTest, store: RunStore):
    runs = [keep(store, "maml", "sinusoid"), keep(store, "reptile", "sinusoid"), keep(store, "maml", "strokes")]
    _chosen(library.run(), *runs)
    library.button(key="runs-compare").click().run()
    assert not library.exception
    tables = [text.value for text in library.markdown if text.value.startswith("|")]
    assert len(tables) == 2
    _, _, *rows = tables[0].splitlines()
    assert [row.count("the first") for row in rows] == [1, 0]
    assert "±" in rows[1].split("|")[4]
    assert library.query_params["compare"] == ",".join(runs)
    library.button(key="runs-back").click().run()
    assert "3 of 3 runs" in _captions(library)


def test_a_link_leads_to_a_replay_or_says_that_the_run_is_gone(library: AppTest, store: RunStore):
    library.query_params["replay"] = "20200101-000000-abcdef"
    library.run()
    assert "20200101-000000-abcdef" in library.warning[0].value
    assert not library.exception


def test_it_is_all_there_in_chinese(library: AppTest, store: RunStore):
    _chosen(library.run(), keep(store, "maml", "sinusoid"))
    library.segmented_control(key="language").set_value("zh").run()
    assert library.button(key="runs-delete").label == "删除"
    library.button(key="runs-replay").click().run()
    assert library.button(key="replay-play").label == "暂停"
    assert not library.exception


@pytest.fixture(scope="module")
def trained() -> Iterator[list[str]]:
    """Two runs that learnt a little of strokes, one of two classes and one of five."""
    store = engine().store
    made = []
    for algorithm, changes in (("maml", {"way": 2}), ("protonet", {"query": 2})):
        small = {"steps": 2, "width": 8, "meta_batch": 2, "eval_tasks": 4, **changes}
        made.append(store.create(revise(defaults(algorithm, "strokes"), small)))
        run_job(str(store.root), made[-1])
    yield made
    for run in made:
        store.delete(run)


def test_compared_runs_are_tested_on_other_families(page: AppTest, trained: list[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("metaplay.ui.library.crossing.TASKS", 20)
    engine().start()
    page.run()
    page.switch_page("pages/library.py")
    page.query_params["compare"] = ",".join(trained)
    page.run()
    families = page.multiselect(key="cross-families")
    assert families.options[0] == "Strokes"
    assert "Sinusoid" not in families.options
    assert "CIFAR-10" not in families.options
    families.set_value(["strokes"]).run()
    assert not page.session_state["cross-cells"]
    page.button(key="cross-measure").click().run(timeout=120)
    assert not page.exception
    assert not page.warning
    cells = page.session_state["cross-cells"]
    assert {run: cell.tasks for (run, _, _), cell in cells.items()} == dict.fromkeys(trained, 20)
    asked = [
        answer(str(engine().store.root), "crossed", {"run": run, "family": "strokes", "tasks": 20}) for run in trained
    ]
    assert list(cells.values()) == asked
    page.button(key="cross-measure").click().run()  # nothing is asked twice
    assert page.session_state["cross-cells"] == cells
