"""The chapters' main acts in a real browser: a point is dragged, a chapter is turned."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Server, until

Open = Callable[..., Page]
READY = ".drag-points .handle"


def _maml(server: Server, open_page: Open, **options) -> Page:
    page = open_page(server.url, **options)
    page.locator("[data-testid=stTopNavLink]").filter(has_text="Learn").click()
    page.get_by_text("3. MAML", exact=True).click()
    page.locator(READY).first.wait_for(timeout=60_000)
    return page


def _start(page: Page) -> Locator:
    return page.get_by_role("slider", name="start θ")


def _angle(page: Page) -> str:
    return page.locator("[data-testid=stMetricValue]").nth(2).inner_text()


def _arrows(page: Page) -> str:
    """All that is drawn below the points."""
    return page.locator(".drag-points .paths").evaluate("paths => paths.innerHTML")


def test_a_dragged_start_redraws_the_arrows_at_once_and_the_numbers_on_release(server: Server, open_page: Open):
    page = _maml(server, open_page, ready="h2")
    angle = _angle(page)
    drawn = _arrows(page)
    handle = _start(page)
    handle.scroll_into_view_if_needed()
    box = handle.locator(".reach").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 60, y - 70, steps=4)
    assert _arrows(page) != drawn
    assert _angle(page) == angle
    page.mouse.up()
    until(lambda: _angle(page) != angle, 30, "the angle of the new place")
    moved = _start(page).get_attribute("aria-valuetext")
    page.get_by_text("Put back", exact=True).click()
    until(lambda: _angle(page) == angle, 30, "the angle of the old place")
    assert _start(page).get_attribute("aria-valuetext") != moved


def test_arrow_keys_move_a_point(server: Server, open_page: Open):
    page = _maml(server, open_page, ready="h2")
    before = float(_start(page).get_attribute("aria-valuenow") or "nan")
    _start(page).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    after = float(_start(page).get_attribute("aria-valuenow") or "nan")
    assert after > before + 0.1


def test_the_next_chapter_begins_at_its_top_and_is_in_the_address(server: Server, open_page: Open):
    page = _maml(server, open_page, ready="h2")
    page.locator(".st-key-learn-next button").scroll_into_view_if_needed()
    page.locator(".st-key-learn-next button").click()
    expect(page.get_by_text("4. First order: leave the second derivative out")).to_be_visible(timeout=30_000)
    until(lambda: "chapter=first-order" in page.evaluate("location.href"), 10, "the chapter in the address")
    until(
        lambda: page.evaluate("document.querySelector('[data-testid=stMain]').scrollTop") == 0,
        10,
        "the top of the page",
    )
