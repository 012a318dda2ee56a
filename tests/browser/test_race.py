"""The race in Chromium: it starts, its runs stay abreast, it is paused and ends in a table; its link shows it elsewhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from metaplay.engine import racing
from tests.browser.conftest import Server, until

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("runs_end")


def _race_page(server: Server, open_page: Open) -> Page:
    page = open_page(server.url, ready="h2")
    page.locator("[data-testid=stTopNavLink]").filter(has_text="Race").click()
    page.locator(".st-key-race-start button").wait_for(timeout=60_000)
    return page


def _set(page: Page, name: str, value: str) -> None:
    field = page.locator(f".st-key-race-{name} input")
    field.fill(value)
    field.press("Enter")
    expect(page.locator("[data-testid=stStatusWidget]")).to_have_count(0, timeout=30_000)


def _start(page: Page) -> str:
    page.locator(".st-key-race-start button").click()
    until(lambda: _address(page), 60, "the race in the address")
    return _address(page)


def _address(page: Page) -> str:
    """The race that the address names; empty while it names none."""
    found = re.search(r"[?&]race=([^&]+)", page.evaluate("location.href"))
    return found[1] if found else ""


def _points(page: Page, chart: str) -> dict[str, int]:
    """How many points each line of a chart has, once it is scrolled to, which it waits for before it draws itself."""
    place = page.locator(f".st-key-plot-race-{chart}")
    place.scroll_into_view_if_needed(timeout=60_000)
    place.locator(".js-plotly-plot").wait_for(timeout=60_000)
    return place.locator(".js-plotly-plot").evaluate(
        """plot => Object.fromEntries(plot.data.filter(trace => trace.showlegend !== false)
                                               .map(trace => [trace.name, trace.x.length]))"""
    )


def test_a_race_runs_side_by_side_is_paused_and_ends_in_a_table(server: Server, open_page: Open):
    page = _race_page(server, open_page)
    _set(page, "steps", "40")
    _set(page, "eval_tasks", "50")
    name = _start(page)
    runs = racing.read(server.store, name).members
    until(lambda: all(server.store.state(run).step > 2 for run in runs), 120, "steps of all runs")
    page.locator(".st-key-race-pause button").click()
    until(lambda: all(server.store.state(run).state == "paused" for run in runs), 60, "the pause")
    steps = [server.store.state(run).step for run in runs]
    assert max(steps) - min(steps) <= 1
    expect(page.get_by_text("Paused", exact=True)).to_have_count(3, timeout=30_000)
    page.locator(".st-key-race-pause button").click()
    until(lambda: all(server.store.state(run).state == "finished" for run in runs), 240, "the end")
    expect(page.get_by_text("At the end, on 50 new test tasks")).to_be_visible(timeout=60_000)
    lines = until(lambda: _points(page, "step"), 30, "the curves")
    assert list(lines) == ["MAML", "FOMAML", "Reptile"]
    assert len(set(lines.values())) == 1, "probed at the same meta-steps"
    assert _points(page, "difference") == {"FOMAML": 1, "Reptile": 1}
    assert page.locator("[data-testid=stMarkdown] tbody tr").count() == 3
    page.set_viewport_size({"width": 390, "height": 844})
    expect(page.locator("[data-testid=stMarkdown] table")).to_be_visible()
    assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= 390, (
        "the table moves, the page does not"
    )


def test_a_sweep_is_small_multiples_on_a_phone_too(server: Server, open_page: Open):
    page = _race_page(server, open_page)
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_text("Sweep over Shots").click()
    expect(page.locator(".st-key-race-values")).to_be_visible(timeout=30_000)
    _set(page, "steps", "2")
    _set(page, "eval_tasks", "4")
    name = _start(page)
    race = racing.read(server.store, name)
    assert (race.sweep, len(race.members)) == ("shot", 6)
    until(lambda: all(server.store.state(run).state == "finished" for run in race.members), 240, "the end")
    for place in range(3):
        lines = until(lambda at=place: _points(page, f"panel-{at}"), 60, "a panel")
        assert list(lines) == ["MAML", "FOMAML"]
    assert until(lambda: _points(page, "sweep"), 60, "the sweep") == {
        "MAML": 3,
        "FOMAML": 3,
    }
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
