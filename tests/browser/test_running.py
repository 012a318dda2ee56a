"""A body in motion on the page: Play sets every stick figure going, the slider goes along, and Pause holds them."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.conftest import Server, until
from tests.unit.charts.kept import keep

Open = Callable[..., Page]
BODIES = ".st-key-plot-bodies .js-plotly-plot"


def test_play_sets_the_figures_going_and_pause_holds_them(server: Server, open_page: Open):
    run = keep(server.store, "maml", "cheetah-vel")
    page = open_page(f"{server.url}/?run={run}")
    page.locator(f"{BODIES} .updatemenu-button").first.scroll_into_view_if_needed()
    page.locator(f"{BODIES} .updatemenu-button").first.click()
    begun = until(lambda: 0 < _active(page) < 49 and _active(page), 30, "motion")
    figure = _figure(page)
    until(lambda: begun < _active(page) < 50 and _figure(page) != figure, 30, "a body in another place")
    page.locator(f"{BODIES} .updatemenu-button").last.click()
    held = until(lambda: _stands(page), 30, "a standstill")
    assert held < 50


def _active(page: Page) -> int:
    """The frame that the slider is at."""
    return page.evaluate("plot => document.querySelector(plot)._fullLayout.sliders[0].active", BODIES)


def _figure(page: Page) -> list[float | None]:
    """Where the first stick figure stands."""
    return page.evaluate("plot => document.querySelector(plot).data[0].x", BODIES)


def _stands(page: Page) -> int:
    """The frame that the slider is at, where it stays there for half a second."""
    before = _active(page)
    page.wait_for_timeout(500)
    return before if _active(page) == before else 0
