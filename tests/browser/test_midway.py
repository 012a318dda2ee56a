"""A run that is changed while it goes: the change reaches its log and is marked in the chart, slow motion slows it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from metaplay.engine.control import wished
from tests.browser.conftest import Server, until

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("runs_end")
MARKS = """() => (document.querySelector(".st-key-plot-loss .js-plotly-plot")?.layout?.shapes ?? [])
                 .filter(shape => shape.name === "changed").map(shape => shape.x0)"""


def train(server: Server, page: Page) -> str:
    before = server.store.list()
    page.locator(".st-key-train button:visible").click()
    until(lambda: server.store.list() != before, 30, "the run")
    run = server.store.list()[0]
    until(lambda: server.store.state(run).step > 3, 90, "its first steps")
    return run


def number(page: Page, name: str):
    return page.locator(f"[class*=st-key-change-{name}] input")


def test_a_rate_that_is_changed_in_mid_run_is_an_event_and_a_mark(server: Server, open_page: Open):
    page = open_page(server.long)
    expect(number(page, "inner_lr")).to_have_count(0)
    run = train(server, page)
    number(page, "inner_lr").fill("0.02")
    page.keyboard.press("Enter")
    change = until(lambda: server.store.history(run).changes, 30, "the event")[0]
    assert change.values == {"inner_lr": 0.02}
    assert change.step > 0
    until(lambda: page.evaluate(MARKS) == [change.step], 30, "the mark")
    expect(page.locator(".st-key-plot-loss").get_by_text("Inner rate 0.02")).to_be_visible()
    assert server.store.config(run).inner_lr == 0.01
    step = server.store.state(run).step
    until(lambda: server.store.state(run).step > step, 30, "the run to go on")

    elsewhere = open_page(page.evaluate("location.href"))
    expect(number(elsewhere, "inner_lr")).to_have_value("0.02", timeout=30_000)
    until(lambda: elsewhere.evaluate(MARKS) == [change.step], 30, "the mark on another page")


def test_slow_motion_slows_the_run_and_full_speed_lets_it_go(server: Server, open_page: Open):
    page = open_page(server.long)
    run = train(server, page)
    thumb = page.locator("[class*=st-key-pace] input[type=range]")
    thumb.focus()
    page.keyboard.press("Home")
    until(lambda: wished(server.store, run).pace == 0.5, 30, "the pace")
    until(
        lambda: server.store.history(run).probes[-1].step == server.store.state(run).step, 60, "a step that is probed"
    )
    thumb.focus()
    page.keyboard.press("End")
    until(lambda: wished(server.store, run).pace is None, 30, "full speed")


def test_further_views_are_drawn_when_they_are_chosen_and_not_before(server: Server, open_page: Open):
    page = open_page(server.long)
    assert page.locator(".st-key-plot-layers").count() == 0
    train(server, page)
    page.locator(".st-key-more").get_by_text("Which layers adapt", exact=True).click()
    page.locator(".st-key-plot-layers").scroll_into_view_if_needed()
    page.locator(".st-key-plot-layers .js-plotly-plot .heatmaplayer").wait_for(state="attached", timeout=60_000)
    expect(page.locator(".st-key-plot-layers [role=img]")).to_have_attribute(
        "aria-label", re.compile("the layers have moved")
    )
    page.locator(".st-key-more").get_by_text("Which layers adapt", exact=True).click()
    expect(page.locator(".st-key-plot-layers")).to_have_count(0, timeout=30_000)
