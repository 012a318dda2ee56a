"""The row of controls while a run goes: what may change, what may not and why, and what happens to a value that is refused."""

import time
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.engine.control import wished
from metaplay.presets import PRESETS
from metaplay.ui.engine import engine


@pytest.fixture(autouse=True)
def _runs_end() -> Iterator[None]:
    yield
    for run in engine().store.list():
        if not engine().store.state(run).ended:
            engine().control(run, "stop")


def trained(page: AppTest, preset: str) -> str:
    """The page on a run of the preset that goes."""
    run = engine().submit(PRESETS[preset].config)
    page.query_params["run"] = run
    page.run()
    return run


def control(page: AppTest, name: str, run: str):
    return next(widget for widget in page.number_input if str(widget.key).startswith(f"change-{name}-{run}"))


def pace(page: AppTest, run: str):
    return next(widget for widget in page.select_slider if str(widget.key).startswith(f"pace-{run}"))


def test_what_is_changed_is_wished_and_shown_to_all(page: AppTest):
    run = trained(page, "sinusoid-maml")
    control(page, "inner_lr", run).set_value(0.02).run()
    control(page, "inner_steps", run).set_value(3).run()
    pace(page, run).set_value(5.0).run()
    assert not page.exception
    wish = wished(engine().store, run)
    assert (wish.values, wish.pace) == ({"inner_lr": 0.02, "inner_steps": 3}, 5.0)
    engine().change(run, {"inner_lr": 0.03})
    page.run()
    assert control(page, "inner_lr", run).value == 0.03


def test_what_may_not_change_is_disabled_with_the_reason(page: AppTest):
    run = trained(page, "sinusoid-mamlpp")
    rate, steps, outer = (control(page, name, run) for name in ("inner_lr", "inner_steps", "outer_lr"))
    assert (rate.disabled, steps.disabled, outer.disabled) == (True, True, False)
    assert "learns its inner rates" in rate.help
    assert "each inner step" in steps.help
    assert "marked in the charts" in outer.help


def test_a_run_that_is_over_cannot_be_changed_and_shows_no_row(page: AppTest):
    run = trained(page, "sinusoid-maml")
    engine().control(run, "stop")
    end = time.monotonic() + 60
    while not engine().store.state(run).ended and time.monotonic() < end:
        time.sleep(0.1)
    control(page, "inner_lr", run).set_value(0.02).run()
    assert "is over" in page.toast[0].value
    assert wished(engine().store, run).values == {}
    page.run()
    assert not [widget for widget in page.number_input if str(widget.key).startswith("change-")]


def test_teacher_mode_keeps_the_pace_and_hides_the_settings(page: AppTest):
    page.query_params["teach"] = "hide"
    run = trained(page, "sinusoid-maml")
    assert pace(page, run).value is None
    assert not page.number_input
