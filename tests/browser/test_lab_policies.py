"""The lab of a run that learns to act, as one uses it: drag the goal, and the agents adapt to it and walk elsewhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from metaplay.config import defaults, revise
from metaplay.engine.worker import run_job
from tests.browser.conftest import Server, until

Open = Callable[..., Page]
SMALL = {"steps": 2, "eval_tasks": 2, "meta_batch": 4, "shot": 10, "query": 10}
FIELD = ".st-key-plot-lab-field .metaplay-plot"


@pytest.fixture(scope="module")
def run(server: Server) -> str:
    made = server.store.create(revise(defaults("maml", "nav2d"), SMALL))
    run_job(str(server.store.root), made)
    return made


def _paths(page: Page) -> list[str]:
    """The lines of the plane: where goals lie, paths before adaptation, paths of the step."""
    return [str(line.get_attribute("points")) for line in page.locator(".drag-points > svg .paths polyline").all()]


def _goal(page: Page) -> str:
    found = re.search(r"goal at \((.*?)\)", str(page.locator(".drag-points > svg").get_attribute("aria-label")))
    assert found
    return found[1]


@pytest.mark.parametrize("width", [1400, 390])
def test_dragging_the_goal_makes_the_agents_adapt_anew(server: Server, run: str, open_page: Open, width: int):
    page = open_page(f"{server.url}/lab?run={run}&episode=3&inner=1", ready=FIELD, width=width)
    page.emulate_media(reduced_motion="reduce")
    page.set_default_timeout(60_000)
    handle = page.locator(".drag-points .handle")
    expect(handle).to_have_count(1)
    told = page.get_by_text(re.compile("inner step 1: return"))
    first, ground, said = _goal(page), _paths(page)[0], told.inner_text()
    handle.scroll_into_view_if_needed()
    box = handle.locator(".look").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 50, y + 30, steps=4)
    page.mouse.up()
    until(lambda: _goal(page) != first, 60, "the goal elsewhere")
    until(lambda: told.inner_text() != said, 60, "another return")
    assert _paths(page)[0] == ground
    expect(page.locator(FIELD)).to_have_attribute("aria-label", re.compile("121 arrows"))
    back = page.get_by_role("button", name="Put the goal back")
    expect(back).to_be_enabled()
    back.click()
    until(lambda: _goal(page) == first, 60, "the first goal again")
    expect(told).to_have_text(re.compile(re.escape(said.splitlines()[0])))
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_agents_walk_their_paths_and_the_arrow_keys_move_the_goal(server: Server, run: str, open_page: Open):
    page = open_page(f"{server.url}/lab?run={run}&episode=3&inner=1", ready=FIELD)
    page.set_default_timeout(60_000)
    expect(page.locator(".drag-points .handle")).to_have_count(1)
    first = _goal(page)
    agents = page.locator(".drag-points .agent")
    expect(agents).to_have_count(5)
    page.locator(".drag-points .handle").press("ArrowUp")
    until(lambda: _goal(page) != first, 60, "the goal elsewhere")
    lengths = []
    until(lambda: lengths.append(len(_paths(page)[-1].split())) or lengths[-1] == 102, 60, "the end of a path")
    assert lengths == sorted(lengths)  # a path grows behind its agent
