"""The adaptation lab as one uses it: scrub, play, draw another task, drag, add and put back points."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server, until
from tests.browser.tour import short_runs

Open = Callable[..., Page]
SLICE = ".st-key-plot-lab-surface .metaplay-plot"
PROGRESS = ".st-key-plot-lab-progress .metaplay-plot"


@pytest.fixture(scope="module")
def runs(server: Server) -> list[str]:
    """A short run on curves, and one on images."""
    return short_runs(server.store)


@pytest.fixture
def lab(server: Server, runs: list[str], open_page: Open) -> Callable[..., Page]:
    def opened(place: int, more: str = "", **how: Any) -> Page:
        page = open_page(f"{server.url}/lab?run={runs[place]}{more}", ready=PROGRESS, **how)
        page.set_default_timeout(60_000)
        page.locator(SLICE).wait_for(state="attached")
        return page

    return opened


def _fits(page: Page) -> list[str]:
    """The lines of the figure of the curve: truth, fit before adaptation, fit."""
    return [str(line.get_attribute("points")) for line in page.locator(".drag-points > svg .paths polyline").all()]


def _says(page: Page, words: str) -> None:
    expect(page.locator(PROGRESS)).to_have_attribute("aria-label", re.compile(words), timeout=60_000)


def test_scrubbing_moves_the_fit_and_changes_neither_truth_nor_page(lab: Open):
    page = lab(0, "&episode=3")
    _says(page, r"after inner step 10,")
    truth, before, adapted = _fits(page)
    assert before != adapted
    page.locator(SLICE).evaluate("node => { node.marked = true }")
    slider = page.locator(".st-key-lab-step").get_by_role("slider")
    slider.press("ArrowLeft")
    _says(page, r"after inner step 9,")  # the key is the slider's alone, and no button's beside
    for _ in range(9):
        slider.press("ArrowLeft")
    _says(page, r"after inner step 0,")
    until(lambda: _fits(page)[2] == before, 30, "the fit of step 0")
    assert _fits(page)[:2] == [truth, before]
    assert page.locator(SLICE).evaluate("node => node.marked")
    expect(page).to_have_url(re.compile("inner=0"), timeout=30_000)


def test_dragging_a_point_bends_the_fit_and_the_points_can_be_put_back(lab: Open):
    page = lab(0, "&episode=3")
    truth, before, adapted = _fits(page)
    handle = page.locator(".drag-points .handle").nth(2)
    box = handle.locator(".look").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 5, y - 80, steps=4)
    page.mouse.up()
    until(lambda: _fits(page)[2] != adapted, 30, "another fit")
    assert _fits(page)[:2] == [truth, before]
    back = page.get_by_role("button", name="Put the points back")
    expect(back).to_be_enabled()
    back.click()
    until(lambda: _fits(page)[2] == adapted, 30, "the first fit again")
    expect(back).to_be_disabled()


def test_points_are_added_and_deleted(lab: Open):
    page = lab(0, "&episode=3")
    adapted, handles = _fits(page)[2], page.locator(".drag-points .handle")
    expect(handles).to_have_count(10)
    page.get_by_role("button", name="Add a point").click()
    expect(handles).to_have_count(11)
    until(lambda: _fits(page)[2] != adapted, 30, "the fit to one more point")
    handles.nth(10).press("Delete")
    expect(handles).to_have_count(10)
    until(lambda: _fits(page)[2] == adapted, 30, "the first fit again")


def test_another_task_is_drawn_and_its_link_brings_it_again(lab: Open, open_page: Open):
    page = lab(1, "&compare=scratch")
    pictures = page.locator(".lab-tiles img")
    first = pictures.first.get_attribute("src")
    page.get_by_role("button", name="Another task").click()
    until(lambda: pictures.first.get_attribute("src") != first, 60, "another task")
    again = open_page(page.url, ready=".lab-tiles img")
    assert again.locator(".lab-tiles img").first.get_attribute("src") == pictures.first.get_attribute("src")
    assert pictures.count() == 55
    assert pictures.locator("xpath=ancestor::figure").first.locator("figcaption br").count() == 1


def test_the_steps_play_by_themselves_to_the_end(lab: Open):
    page = lab(1, "&inner=9", width=390, height=844)
    page.get_by_role("button", name="Play").click()
    expect(page).to_have_url(re.compile("inner=13"), timeout=90_000)
    expect(page.get_by_role("button", name="Play")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
