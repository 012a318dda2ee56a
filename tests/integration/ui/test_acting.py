"""Runs that learn to act on the pages: shown where they can be, left out where they cannot, and never a traceback."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.engine.store import RunStore
from metaplay.ui.engine import engine
from tests.unit.charts.kept import keep


@pytest.fixture
def store() -> Iterator[RunStore]:
    store = engine().store
    others = {*store.list()}  # of other tests, which may be training
    yield store
    for run in {*store.list()} - others:
        store.delete(run)


def _said(page: AppTest) -> str:
    return " ".join(item.value for item in (*page.markdown, *page.caption, *page.info))


def test_the_playground_shows_a_run_with_its_paths_and_its_oracle(page: AppTest, store: RunStore):
    run = keep(store, "maml", "nav2d")
    page.query_params["run"] = run
    page.run()
    assert not page.exception
    assert "a return of" in _said(page)


def test_the_form_offers_what_policies_have(page: AppTest):
    page.query_params["family"] = "nav2d"
    page.query_params["estimator"] = "lvc"
    page.run()
    assert not page.exception
    assert not page.error
    assert page.query_params["estimator"] in ("lvc", ["lvc"])


@pytest.mark.parametrize(
    "address",
    [
        "goals=circle",
        "wind=true",
        "outer_optimizer=adam",
        "outer_optimizer=ppo",
        "obstacles=true",
        "family=pendulum",
        "algorithm=reptile",
    ],
)
def test_variants_can_be_asked_for(page: AppTest, address: str):
    name, _, value = address.partition("=")
    page.query_params["family"] = "nav2d"
    page.query_params[name] = value
    page.run()
    assert not page.exception
    assert not page.error


def test_runs_are_listed_and_compared(page: AppTest, store: RunStore):
    runs = [keep(store, algorithm, "nav2d") for algorithm in ("maml", "reptile")] + [keep(store, "maml", "sinusoid")]
    page.run()
    page.switch_page("pages/library.py")
    page.session_state["runs-chosen"] = runs
    page.run()
    assert not page.exception
    page.button(key="runs-compare").click().run()
    assert not page.exception


def test_they_can_race(page: AppTest):
    page.run()
    page.switch_page("pages/race.py").run()
    page.segmented_control(key="race-family").set_value("nav2d").run()
    assert not page.exception
    assert not page.error
    assert [page.selectbox(key=f"race-algorithm-{place}").value for place in range(3)] == ["maml", "fomaml", "reptile"]
