"""What moves on the Playground: points arrive, zoom survives, the buttons reach the run, links and reloads find it again."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from metaplay.events import RunEnded, StateChanged
from tests.browser.conftest import Server, until

Open = Callable[..., Page]
pytestmark = pytest.mark.usefixtures("runs_end")
LOSS = ".st-key-plot-loss .js-plotly-plot"


def _train(page: Page) -> str:
    """Press Train; the name of the run that the address then carries, once the charts are those of this run."""
    run, shown = _run(page), _shown(page)
    page.locator(".st-key-train button:visible").click()
    until(lambda: _run(page) != run and _shown(page) != shown, 30, "the run's address and charts")
    return _run(page)


def _shown(page: Page) -> str:
    """What the loss chart says of whose it is; it changes with the run."""
    return page.evaluate("plot => document.querySelector(plot)?.layout?.uirevision", LOSS)


def _run(page: Page) -> str:
    found = re.search(r"[?&]run=([^&]+)", _url(page))
    return found[1] if found else ""


def _url(page: Page) -> str:
    """The address as it is now (Playwright's `page.url` is only as new as the last call to the browser)."""
    return page.evaluate("location.href")


def _last_step(page: Page) -> float:
    """The greatest meta-step in the loss chart, 0 while there is none."""
    return page.evaluate(
        """plot => Math.max(0, ...(document.querySelector(plot)?.data ?? [])
                      .filter(trace => trace.uid === "train-after").flatMap(trace => trace.x))""",
        LOSS,
    )


def _press(page: Page, button: str) -> float:
    """Click a button; the time at which that was done."""
    page.locator(f".st-key-{button} button:visible").click()
    return time.time()


def _state(page: Page, said: str) -> bool:
    """Whether the button that pauses and resumes says this, and can be pressed."""
    return page.locator(".st-key-pause button:not(:disabled)").get_by_text(said, exact=True).count() > 0


def _at(server: Server, run: str, wanted: Callable[[Any], bool]) -> float:
    """The time at which the run wrote the first event that is wanted."""
    found = until(lambda: [event for event in server.store.tail(run)[0] if wanted(event)], 20, "an event of the run")
    return found[0].at


def _field(page: Page, name: str) -> str:
    return page.locator(f".st-key-field-{name} input").input_value()


def _set(page: Page, name: str, value: str) -> None:
    page.locator(f".st-key-field-{name} input").fill(value)
    page.keyboard.press("Enter")
    until(lambda: f"{name}={value}" in _url(page), 10, f"{name} in the address")


def test_a_replay_plays_before_anything_is_clicked(server: Server, open_page: Open):
    page = open_page(server.url)
    expect(page.get_by_text("Replay", exact=True)).to_be_visible()
    first = until(lambda: _last_step(page), 20, "the replay's first point")
    until(lambda: _last_step(page) > first, 20, "the replay to move")


def test_train_on_the_sinusoid_shows_points_at_once_and_stop_ends_it(server: Server, open_page: Open):
    page = open_page(server.long)
    run = _train(page)
    until(lambda: _last_step(page) > 20, 60, "points of the run")
    expect(page.get_by_text("Training", exact=True)).to_be_visible()
    clicked = _press(page, "stop")
    assert _at(server, run, lambda event: isinstance(event, RunEnded)) - clicked < 3
    expect(page.get_by_text("Stopped", exact=True)).to_be_visible()


def test_a_warm_engine_shows_the_first_point_at_once(server: Server, open_page: Open):
    page = open_page(f"{server.long}&seed=1")
    first = _train(page)
    until(lambda: _last_step(page) > 0, 60, "points of the run")
    _press(page, "stop")
    until(lambda: server.store.state(first).ended, 10, "the run to end")
    _set(page, "seed", "7")
    clicked = time.time()
    _train(page)
    until(lambda: _last_step(page) > 0, 20, "the first live point")
    assert time.time() - clicked < 5  # 1 where nothing else keeps the machine busy


def test_train_on_strokes_shows_points_and_the_drawn_characters(server: Server, open_page: Open):
    page = open_page(server.url)
    page.get_by_text("Strokes", exact=True).click()
    page.locator(".st-key-preset-strokes-5w1s-maml button:visible").click()
    until(lambda: "family=strokes" in _url(page), 10, "the preset in the address")
    _train(page)
    until(lambda: _last_step(page) >= 2, 120, "points of the run")
    drawn = page.locator(".st-key-plot-classes .js-plotly-plot image")
    expect(drawn).to_have_count(5, timeout=20_000)


def test_zoom_and_node_survive_ten_ticks(server: Server, open_page: Open):
    page = open_page(server.long)
    _train(page)
    # An error's axis becomes logarithmic as the error falls, and gives up the zoom then.
    until(
        lambda: page.evaluate("plot => document.querySelector(plot)._fullLayout.yaxis.type", LOSS) == "log",
        90,
        "a fall",
    )
    page.evaluate(
        """plot => { window.node = document.querySelector(plot); window.ticks = 0
                     node.on("plotly_afterplot", () => { window.ticks += 1 }) }""",
        LOSS,
    )
    _drag(page)
    zoomed = until(lambda: _zoom(page), 10, "the zoom")
    seen = page.evaluate("window.ticks")
    until(lambda: page.evaluate("window.ticks") >= seen + 10, 60, "ten ticks")
    assert page.evaluate("plot => document.querySelector(plot) === window.node", LOSS)
    assert _zoom(page) == pytest.approx(zoomed)


def _drag(page: Page) -> None:
    area = page.locator(f"{LOSS} .nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] * 0.8, steps=5)
    page.mouse.up()


def _zoom(page: Page) -> list[float] | None:
    """The ranges of both axes where the reader has chosen them."""
    return page.evaluate(
        """plot => { const {xaxis, yaxis} = document.querySelector(plot)._fullLayout
                     return xaxis.autorange || yaxis.autorange ? null : [...xaxis.range, ...yaxis.range] }""",
        LOSS,
    )


def test_pause_step_and_resume_reach_the_run(server: Server, open_page: Open):
    page = open_page(server.long)
    run = _train(page)
    until(lambda: _last_step(page) > 5, 60, "points of the run")
    clicked = _press(page, "pause")
    assert _at(server, run, lambda event: getattr(event, "state", "") == "paused") - clicked < 3
    expect(page.get_by_text("Paused", exact=True)).to_be_visible()
    held = _settled(page)
    _press(page, "step")
    until(lambda: _last_step(page) == held + 1, 20, "one more step")
    _press(page, "pause")
    until(lambda: _last_step(page) > held + 5, 20, "the run to go on")
    states = [event.state for event in server.store.tail(run)[0] if isinstance(event, StateChanged)]
    assert "paused" in states


def _settled(page: Page) -> float:
    """The last step once the chart has shown the same for longer than it may rest (`live_plot.js`)."""
    seen, since = _last_step(page), time.monotonic()
    while time.monotonic() - since < 2.5:
        if (now := _last_step(page)) != seen:
            seen, since = now, time.monotonic()
    return seen


def test_a_shared_link_opens_the_same_form(server: Server, open_page: Open):
    page = open_page(server.url)
    page.locator(".st-key-preset-sinusoid-mamlpp button:visible").click()
    until(lambda: "algorithm=mamlpp" in _url(page), 10, "the preset in the address")
    _set(page, "shot", "7")
    elsewhere = open_page(_url(page))
    assert _field(elsewhere, "shot") == "7"
    assert _url(elsewhere) == _url(page)
    assert _field(elsewhere, "algorithm") == "MAML++"


def test_a_reload_and_another_tab_find_the_run_with_its_whole_history(server: Server, open_page: Open):
    page = open_page(server.long)
    run = _train(page)
    until(lambda: _last_step(page) > 30, 60, "points of the run")
    seen = _last_step(page)
    page.reload()
    for view in (page, open_page(_url(page))):
        until(lambda view=view: _last_step(view) >= seen, 30, "the run's history")
        assert _run(view) == run
        first = "plot => Math.min(...document.querySelector(plot).data.flatMap(trace => trace.x ?? []))"
        assert view.evaluate(first, LOSS) <= 1


def test_the_keyboard_works_the_buttons(server: Server, open_page: Open):
    page = open_page(server.long)
    shown = _shown(page)
    page.keyboard.press("Space")
    until(lambda: _shown(page) != shown and _run(page) != "", 20, "the run's address and charts")
    run = _run(page)
    until(lambda: _last_step(page) > 2, 60, "points of the run")
    until(lambda: _state(page, "Pause"), 10, "the button")
    page.keyboard.press("Space")
    until(lambda: server.store.state(run).state == "paused", 10, "the run to pause")
    step = server.store.state(run).step
    until(lambda: _state(page, "Resume"), 10, "the button")
    page.keyboard.press("ArrowRight")
    until(lambda: server.store.state(run).step == step + 1, 10, "one step")
    page.keyboard.press("r")
    until(lambda: server.store.state(run).ended, 10, "the run to end")
    until(lambda: _run(page) == "", 10, "the replay")
    page.keyboard.press("h")
    expect(page.get_by_role("dialog").get_by_text("One meta-step")).to_be_visible()


def test_a_lecturers_link_hides_settings_and_pages_and_enlarges_the_type(server: Server, open_page: Open):
    page = open_page(server.url)
    title = "document.querySelector('.st-key-plot-loss .gtitle').getBoundingClientRect().height"
    until(lambda: page.locator(LOSS).count(), 20, "the chart")
    expect(page.get_by_text("Runs", exact=True).first).to_be_visible()
    usual = page.evaluate(title)
    page = open_page(f"{server.url}/?teach=hide,fix,large&algorithm=fomaml")
    until(lambda: page.locator(LOSS).count(), 20, "the chart")
    assert page.evaluate(title) > 1.2 * usual
    assert page.locator("[data-testid=stTopNavLink]").count() == 0
    assert page.locator(".st-key-field-algorithm, [class*=st-key-preset-]").count() == 0
    run = _train(page)
    assert server.store.config(run).algorithm == "fomaml"
    assert "teach=hide" in _url(page)


def test_a_change_in_the_form_is_answered_while_a_run_trains(server: Server, open_page: Open):
    page = open_page(server.long)
    _train(page)
    until(lambda: _last_step(page) > 5, 60, "points of the run")
    changed = time.time()
    _set(page, "shot", "9")
    assert time.time() - changed < 5  # 0.3 where nothing else keeps the machine busy
    expect(page.get_by_text("The form describes the next run.")).to_be_visible()


def test_a_phone_shows_all_without_scrolling_sideways(server: Server, open_page: Open):
    page = open_page(server.url, width=390, height=844)
    assert page.evaluate("document.scrollingElement.scrollWidth") <= 390
    for number in range(4):
        place = page.locator(".metaplay-plot").nth(number)
        place.scroll_into_view_if_needed()
        plot = place.locator(".js-plotly-plot")
        plot.wait_for(timeout=20_000)
        box = plot.bounding_box()
        assert box
        assert 280 < box["width"] <= 390 - box["x"]
