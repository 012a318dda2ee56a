"""The adaptation lab's page: what it says and asks for an address and for what is clicked."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.config import defaults, revise
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.settings import settings

SMALL = {"steps": 4, "eval_tasks": 2, "meta_batch": 2}


@pytest.fixture(scope="module")
def runs() -> dict[str, str]:
    store, made = RunStore(settings().runs), {}
    for algorithm, family, changes in (
        ("maml", "sinusoid", {}),
        ("reptile", "sinusoid", {}),
        ("protonet", "strokes", {"width": 8, "train_way": 5}),
    ):
        made[algorithm] = store.create(revise(defaults(algorithm, family), {**SMALL, **changes}))
        run_job(str(store.root), made[algorithm])
    return made


def _open(page: AppTest, **address: Any) -> AppTest:
    for name, value in address.items():
        page.query_params[name] = str(value)
    page.default_timeout = 120
    page.switch_page("pages/lab.py")
    return page.run()


def _address(page: AppTest, name: str) -> str | None:
    found = page.query_params.get(name)
    return found[-1] if isinstance(found, list) else found


def test_an_address_says_run_moment_task_and_comparison(page: AppTest, runs: dict[str, str]):
    _open(page, run=runs["maml"], moment=2, episode=7, compare="scratch", pinned="3.7", inner=2)
    assert not page.exception
    assert not page.warning, page.warning[0].value
    assert page.selectbox(key="lab-run").value == runs["maml"]
    assert page.select_slider(key="lab-moment").value == 2
    assert page.number_input(key="lab-episode").value == 7
    assert page.selectbox(key="lab-compare").value == "scratch"
    assert page.slider(key="lab-step").value == 2
    assert page.slider(key="lab-step").max == 10 + 10
    assert _address(page, "moment") == "2"


def test_another_task_is_another_address_and_a_pinned_one_comes_back(page: AppTest, runs: dict[str, str]):
    _open(page, run=runs["maml"], episode=7)
    page.button(key="lab-pin").click().run()
    assert _address(page, "pinned") == "7"
    page.button(key="lab-another").click().run()
    other = page.number_input(key="lab-episode").value
    assert _address(page, "episode") == str(other)
    page.number_input(key="lab-episode").set_value(8).run()
    page.pills(key="lab-pins").set_value(7).run()
    assert page.number_input(key="lab-episode").value == 7
    assert not page.exception


def test_steps_go_on_and_back_and_stop_at_the_ends(page: AppTest, runs: dict[str, str]):
    _open(page, run=runs["maml"], inner=1)
    page.button(key="lab-on").click().run()
    assert page.slider(key="lab-step").value == 2
    assert _address(page, "inner") == "2"
    for _ in range(3):
        page.button(key="lab-back").click().run()
    assert page.slider(key="lab-step").value == 0


def test_comparisons_are_offered_with_runs_of_the_same_tasks(page: AppTest, runs: dict[str, str]):
    _open(page, run=runs["maml"])
    assert page.selectbox(key="lab-compare").options[:2] == ["nothing", "the same network from scratch"]
    assert len(page.selectbox(key="lab-compare").options) == 3
    page.selectbox(key="lab-compare").set_value(runs["reptile"]).run()
    assert _address(page, "compare") == runs["reptile"]
    assert not page.exception
    page.selectbox(key="lab-run").set_value(runs["protonet"]).run()
    assert len(page.selectbox(key="lab-compare").options) == 2
    assert not page.exception


def test_a_network_without_inner_steps_shows_its_single_answer(page: AppTest, runs: dict[str, str]):
    _open(page, run=runs["protonet"])
    assert page.slider(key="lab-step").max == 1
    assert any("moves no weights" in caption.value for caption in page.caption)
    assert not page.exception


@pytest.mark.parametrize(
    "nonsense", [{"episode": "-3"}, {"moment": "77"}, {"inner": "x"}, {"compare": "20200101-000000-aaaaaa"}]
)
def test_nonsense_in_an_address_is_passed_over(page: AppTest, runs: dict[str, str], nonsense: dict[str, str]):
    _open(page, run=runs["maml"], **nonsense)
    assert not page.exception
    assert page.slider(key="lab-step").value == 10


def test_a_run_that_is_gone_is_said_to_be(page: AppTest, runs: dict[str, str]):
    _open(page, run="20200101-000000-aaaaaa")
    assert "20200101-000000-aaaaaa" in page.warning[0].value
    assert not page.exception


def test_without_runs_the_way_to_train_one_is_shown(page: AppTest, tmp_path: Any, monkeypatch: pytest.MonkeyPatch):
    from metaplay.ui.engine import engine

    monkeypatch.setattr(engine(), "store", RunStore(tmp_path))
    _open(page)
    assert "train one first" in page.info[0].value
    assert not page.exception
