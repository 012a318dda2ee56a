"""The pages where visitors are told apart, in AppTest: each opens them as somebody new."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.engine import owners
from metaplay.ui.engine import engine, house
from tests.integration.ui.conftest import APP


@pytest.fixture(scope="module", autouse=True)
def _many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METAPLAY_VISITORS", "many")
        patch.setenv("METAPLAY_VISITOR_RUNS", "1")
        patch.setenv("METAPLAY_RUNS", str(tmp_path_factory.mktemp("many")))
        engine.clear()
        yield
        house().close()
        engine().close()
        engine.clear()


@pytest.fixture
def other() -> AppTest:
    """The page as another visitor opens it."""
    return AppTest.from_file(str(APP), default_timeout=30)


def _captions(page: AppTest) -> str:
    return " ".join(caption.value for caption in page.caption)


def _train(page: AppTest) -> str:
    page.query_params["steps"] = "20000"
    page.run()
    page.button(key="train").click().run()
    assert not page.exception
    return page.session_state["run"]


def test_a_link_lets_watch_and_nothing_else(page: AppTest, other: AppTest):
    run = _train(page)
    assert owners.of(engine().store, run) == owners.known_by(page.session_state["visitor-id"])
    other.query_params["run"] = run
    other.run()
    assert not other.exception
    assert "belongs to another visitor" in _captions(other)
    assert "belongs to another visitor" in (other.button(key="stop").help or "")
    assert other.button(key="stop").disabled
    assert other.button(key="pause").disabled
    assert not other.button(key="train").disabled, "one like it can be trained"
    assert not other.select_slider
    other.button(key="reset").click().run()
    assert not engine().store.state(run).ended
    assert not page.run().button(key="stop").disabled
    page.number_input(key="field-seed").set_value(7).run()
    page.button(key="train").click().run()
    assert "You have 1 runs that train, are paused or wait" in page.toast[0].value
    page.button(key="stop").click().run()
    assert not page.exception


def test_runs_are_listed_for_their_owner_and_for_who_has_opened_their_link(page: AppTest, other: AppTest):
    run = _train(page)
    for someone, shown in ((page, "1 of 1 runs"), (other, "train one in the playground")):
        someone.run()
        someone.switch_page("pages/library.py").run()
        assert not someone.exception
        assert shown in _captions(someone) + " ".join(info.value for info in someone.info)
    page.session_state["runs-chosen"] = [run]
    assert not page.run().button(key="runs-pin").disabled
    page.button(key="runs-pin").click().run()
    assert page.button(key="runs-pin").label == "Unpin"
    fresh = AppTest.from_file(str(APP), default_timeout=30)
    fresh.query_params["run"] = run
    fresh.run()
    fresh.switch_page("pages/library.py").run()
    fresh.session_state["runs-chosen"] = [run]
    fresh.run()
    assert not fresh.exception
    assert "1 of 1 runs" in _captions(fresh)
    for key in ("resume", "name", "pin", "delete"):
        assert "Only a run's owner can do this" in (fresh.button(key=f"runs-{key}").help or "")
        assert fresh.button(key=f"runs-{key}").disabled
    fresh.segmented_control(key="runs-whose").set_value("own").run()
    assert "0 of 1 runs" in _captions(fresh)


def test_a_run_that_made_room_while_it_was_open_is_told_of(page: AppTest):
    run = _train(page)
    page.button(key="stop").click().run()
    folder = Path(engine().store.path(run))
    folder.rename(folder.with_name(f".{run}"))
    page.run()
    assert not page.exception
    assert f"{run}: there is no such run here" in " ".join(warning.value for warning in page.warning)
