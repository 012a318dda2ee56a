"""The lab's page for a run that learns to act: goal, paths and returns, and nothing that only classes or curves have."""

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.config import defaults, revise
from metaplay.engine.acted import FURTHER
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.settings import settings

SMALL = {"steps": 1, "eval_tasks": 2, "meta_batch": 2, "shot": 4, "query": 4, "width": 16}


@pytest.fixture(scope="module")
def runs() -> list[str]:
    store, made = RunStore(settings().runs), []
    for algorithm in ("maml", "reptile"):
        made.append(store.create(revise(defaults(algorithm, "nav2d"), SMALL)))
        run_job(str(store.root), made[-1])
    return made


def _open(page: AppTest, **address: str) -> AppTest:
    for name, value in address.items():
        page.query_params[name] = value
    page.default_timeout = 120
    page.switch_page("pages/lab.py")
    return page.run()


def _said(page: AppTest) -> str:
    return " ".join(item.value for item in (*page.markdown, *page.caption))


@pytest.mark.parametrize("step", [0, 2])
def test_a_policy_is_looked_at_after_an_inner_step(page: AppTest, runs: list[str], step: int):
    _open(page, run=runs[0], episode="7", inner=str(step))
    assert not page.exception
    assert not page.warning
    assert page.slider(key="lab-step").max == 3 + FURTHER
    said = _said(page)
    assert f"inner step {step}: return **-" in said
    assert "Told the goal, one gets " in said
    assert "true class" not in said
    assert page.button(key="lab-put-back").disabled


@pytest.mark.parametrize("other", ["scratch", "run"])
def test_what_is_compared_is_told_beside(page: AppTest, runs: list[str], other: str):
    _open(page, run=runs[0], compare=runs[1] if other == "run" else other, lang="zh")
    assert not page.exception
    assert _said(page).count("：回报 **") == 2
