"""The Draw page: classes and a query drawn by mouse and finger, files opened and refused, and you against the machine."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from metaplay.ui.draw.episode import Episode, to_file
from metaplay.ui.draw.starts import SHIPPED
from tests.browser.conftest import Server, until

Open = Callable[..., Page]
Line = list[tuple[float, float]]
SLASH: Line = [(0.2, 0.2), (0.5, 0.5), (0.8, 0.8)]
BACK: Line = [(0.8, 0.2), (0.5, 0.5), (0.2, 0.8)]
RING: Line = [(0.5, 0.15), (0.8, 0.35), (0.8, 0.7), (0.5, 0.85), (0.2, 0.7), (0.2, 0.35), (0.5, 0.15)]
STARTS = len(SHIPPED) + 1
PLAYERS = 1 + STARTS
WARM = 120_000
"""Milliseconds in which an engine starts on a busy machine."""


@pytest.fixture
def drawing(server: Server, open_page: Open) -> Callable[..., Page]:
    """Opens the Draw page as a reader does: from the first page, by its name."""

    def opened() -> Page:
        page = open_page(server.url, ready="h2")
        _go(page, "Draw")
        page.locator(".sheet .paper canvas").nth(3).wait_for(timeout=60_000)
        return page

    return opened


def _go(page: Page, name: str) -> None:
    page.locator("[data-testid=stTopNavLink]").filter(has_text=name).click()


def _sheet(page: Page, name: str) -> Locator:
    return page.locator(f".st-key-draw-sheet-{name} .sheet")


def _stroke(page: Page, sheet: Locator, path: Line) -> None:
    canvas = sheet.locator(".paper canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    first, *others = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in path]
    page.mouse.move(*first)
    page.mouse.down()
    for x, y in others:
        page.mouse.move(x, y, steps=4)
    page.mouse.up()


def _cross(page: Page, sheet: Locator) -> None:
    _stroke(page, sheet, SLASH)
    _stroke(page, sheet, BACK)


def _told(page: Page, place: int) -> list[list[float]]:
    """The probabilities in a card's chart: a row for each class, along the inner steps."""
    plot = f".st-key-plot-told-{place} .js-plotly-plot"
    lines = "plot => (document.querySelector(plot)?.data ?? []).filter(({ name }) => name).map(({ y }) => [...y])"
    return page.evaluate(lines, plot)


def _drawn(page: Page, place: int, anew: bool = False) -> list[str]:
    """The lines, markers and words of a card's chart as they are on the page; `anew` has Plotly draw it from nothing first."""
    return page.evaluate(
        """async ([plot, anew]) => {
          const node = document.querySelector(plot)
          if (anew) await Plotly.newPlot(node, JSON.parse(JSON.stringify(node.data)), JSON.parse(JSON.stringify(node.layout)))
          return [...(node?.querySelectorAll(".js-line, .point, .textpoint text") ?? [])].map(
            (part) => ["d", "transform", "x", "y", "style"].map((name) => part.getAttribute(name)).join() + part.textContent)
        }""",
        [f".st-key-plot-told-{place} .js-plotly-plot", anew],
    )


def _two_classes(page: Page) -> None:
    page.get_by_role("radio", name="2", exact=True).click()
    expect(_sheet(page, "C")).to_have_count(0)
    _cross(page, _sheet(page, "A"))
    _stroke(page, _sheet(page, "B"), RING)


def test_two_drawn_classes_and_a_query_give_probabilities(drawing: Callable[..., Page]):
    page = drawing()
    _two_classes(page)
    _cross(page, _sheet(page, "query"))
    expect(page.locator(".st-key-told-0")).to_contain_text("says A", timeout=WARM)
    for place in range(STARTS):
        classes = until(lambda place=place: _told(page, place), 30, "the chart")
        assert len(classes) == 2
        for shares in zip(*classes, strict=True):
            assert sum(shares) == pytest.approx(1, abs=1e-3)
    _sheet(page, "query").get_by_role("button", name="Clear this drawing").click()
    expect(page.get_by_text("Now draw a query")).to_be_visible(timeout=60_000)
    _stroke(page, _sheet(page, "query"), RING)
    expect(page.locator(".st-key-told-0")).to_contain_text("says B", timeout=60_000)


def test_what_one_more_stroke_changes_looks_as_if_it_were_drawn_anew(drawing: Callable[..., Page]):
    """The page moves the points of the charts that stand there, and has Plotly draw nothing anew."""
    page = drawing()
    _two_classes(page)
    _cross(page, _sheet(page, "query"))
    expect(page.locator(".st-key-told-0")).to_contain_text("says A", timeout=WARM)
    before = [until(lambda place=place: _drawn(page, place), 30, "the chart") for place in range(STARTS)]
    page.evaluate("() => { Plotly.react = () => { throw new Error('drawn anew') } }")
    _sheet(page, "query").get_by_role("button", name="Take the last stroke back").click()
    _stroke(page, _sheet(page, "query"), RING)
    for place in range(STARTS):
        until(lambda place=place: _drawn(page, place) != before[place], 30, "other lines")
    page.wait_for_timeout(500)
    for place in range(STARTS):
        assert _drawn(page, place) == _drawn(page, place, anew=True)


def test_strokes_are_taken_back_and_examples_added_and_removed(drawing: Callable[..., Page]):
    page = drawing()
    sheet = _sheet(page, "A")
    kept, node = sheet.locator(".kept li"), sheet.locator(".paper canvas").element_handle()
    _cross(page, sheet)
    expect(sheet.locator(".count")).to_have_text("1/5")
    sheet.get_by_role("button", name="Draw another one").click()
    _stroke(page, sheet, RING)
    _stroke(page, sheet, SLASH)
    expect(kept).to_have_count(2)
    sheet.get_by_role("button", name="Take the last stroke back").click()
    sheet.get_by_role("button", name="Take the last stroke back").click()
    expect(kept).to_have_count(1)
    _stroke(page, sheet, RING)
    sheet.get_by_role("button", name="Remove drawing 1").click()
    expect(kept).to_have_count(1)
    expect(page.get_by_text("Draw at least one example of B, C.")).to_be_visible(timeout=60_000)
    assert node.evaluate("node => node.isConnected"), "the canvas keeps its node"
    page.wait_for_timeout(500)  # what is done in the moment before one leaves is not kept
    expect(page.locator("[data-testid=stApp]")).to_have_attribute("data-test-script-state", "notRunning")
    _go(page, "Learn")
    page.locator("h2", has_text="Draw your own").wait_for(state="detached")
    _go(page, "Draw")
    expect(_sheet(page, "A").locator(".count")).to_have_text("1/5")


def test_an_episode_is_saved_and_opened_again_and_a_broken_file_refused(drawing: Callable[..., Page], tmp_path: Path):
    page = drawing()
    page.get_by_role("button", name="Real characters").click()
    expect(_sheet(page, "query").locator(".count")).to_have_text("3/8", timeout=60_000)
    expect(page.locator(".st-key-told-0")).to_contain_text("says", timeout=WARM)
    with page.expect_download() as download:
        page.get_by_role("button", name="Save").click()
    saved = tmp_path / "episode.json"
    download.value.save_as(saved)
    assert Episode.model_validate_json(saved.read_bytes()).way == 3
    broken = tmp_path / "broken.json"
    broken.write_text('{"classes": 7}')
    _open(page, broken)
    expect(
        page.get_by_role("alert").filter(has_text=re.compile("holds something that no drawn episode has"))
    ).to_be_visible()
    five = tmp_path / "five.json"
    five.write_bytes(
        to_file(Episode(classes=[[[RING]], [[SLASH]], [[BACK]], [[SLASH, BACK]], [[RING, SLASH]]], queries=[[RING]]))
    )
    _open(page, five)
    expect(_sheet(page, "E").locator(".count")).to_have_text("1/5", timeout=60_000)
    expect(page.locator(".st-key-told-0")).to_contain_text("says A", timeout=60_000)
    _open(page, saved)
    expect(_sheet(page, "D")).to_have_count(0, timeout=60_000)
    expect(_sheet(page, "query")).to_have_count(1, timeout=60_000)  # it moves up, and for a moment is at both places
    expect(_sheet(page, "query").locator(".count")).to_have_text("3/8", timeout=60_000)


def test_files_opened_one_right_after_the_other_leave_the_page_whole(drawing: Callable[..., Page], tmp_path: Path):
    """Each opened file is two reruns of the page, and the next one overtakes them."""
    page, files = drawing(), []
    for way in (5, 3):
        files.append(tmp_path / f"{way}.json")
        files[-1].write_bytes(to_file(Episode(classes=[[[RING]]] * way, queries=[[RING]] * way)))
    for _ in range(4):
        for file in files:
            _open(page, file)
            expect(_sheet(page, "E")).to_have_count(1 if file is files[0] else 0, timeout=60_000)
    expect(_sheet(page, "query")).to_have_count(1, timeout=60_000)
    expect(_sheet(page, "query").locator(".count")).to_have_text("3/8", timeout=60_000)
    expect(_sheet(page, "D")).to_have_count(0, timeout=60_000)
    expect(page.locator(".st-key-told-0")).to_contain_text("says", timeout=WARM)


def _open(page: Page, file: Path, mode: str = "draw") -> None:
    field = page.locator("input[type=file]")
    if not field.count():
        page.locator(f".st-key-{mode}-open button").first.click()
    field.set_input_files(file)


def test_you_sort_ten_drawings_and_then_the_machine_does(drawing: Callable[..., Page]):
    page = drawing()
    page.get_by_text("You against the machine").click()
    expect(page.get_by_role("button", name="Take back")).to_be_visible(timeout=60_000)  # the last to be there
    for number in range(1, 10):
        expect(page.get_by_text(f"Drawing {number} of 10")).to_be_visible(timeout=60_000)
        page.keyboard.press("1")
    expect(page.get_by_text("Drawing 10 of 10")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_text("Drawing 9 of 10")).to_be_visible(timeout=60_000)
    page.locator(".st-key-say-B button").click()
    expect(page.get_by_text("Drawing 10 of 10")).to_be_visible(timeout=60_000)
    page.locator(".st-key-say-A button").click()
    scores = page.get_by_test_id("stMetricValue")
    expect(scores).to_have_count(PLAYERS, timeout=WARM)
    rows = [row.inner_text().split("\t") for row in page.locator("table tbody tr").all()]
    assert len(rows) == 10
    right = [sum("✓" in row[2 + player] for row in rows) for player in range(PLAYERS)]
    assert scores.all_inner_texts() == [f"{number} of 10" for number in right]
    assert [row[2][-1] for row in rows] == [*"AAAAAAAA", "B", "A"]
    assert all((row[2][-1] == row[1]) == ("✓" in row[2]) for row in rows)
    page.get_by_role("button", name="Another round").click()
    expect(page.get_by_text("Drawing 1 of 10")).to_be_visible(timeout=60_000)


def test_a_finger_draws_on_a_phone_without_scrolling_it(drawing: Callable[..., Page]):
    page = drawing()
    page.set_viewport_size({"width": 390, "height": 844})
    sheet = _sheet(page, "A")
    sheet.scroll_into_view_if_needed()
    touch = page.context.new_cdp_session(page)
    touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    box = sheet.locator(".paper canvas").bounding_box()
    assert box
    assert box["width"] >= 140
    points = [{"x": box["x"] + 0.5 * box["width"], "y": box["y"] + y * box["height"]} for y in (0.9, 0.6, 0.3, 0.1)]
    touch.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": points[:1]})
    for point in points[1:]:
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(sheet.locator(".count")).to_have_text("1/5")
    assert sheet.locator(".paper canvas").bounding_box() == box, "the page did not scroll"
    expect(page.get_by_text("Draw at least one example of B, C.")).to_be_visible(timeout=60_000)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_intent_is_typed_and_the_answer_follows_the_sentence(drawing: Callable[..., Page]):
    page = drawing()
    page.get_by_text("Type", exact=True).click()
    card, words = page.locator(".st-key-told-1"), page.locator(".st-key-told-1 .influence").last
    expect(card).to_contain_text("ProtoNet says A walk the dog", timeout=WARM)
    expect(words.locator("mark.for", has_text="puppy")).to_have_count(1)
    page.get_by_role("textbox", name="Intent B").fill("café ☕")
    examples = page.get_by_role("textbox", name="Examples of B")
    examples.fill("An espresso, please\n\nI want a cappuccino with oat milk")
    examples.blur()
    query = page.get_by_role("textbox", name="Now type a sentence")
    query.fill("")
    expect(page.get_by_text("the answers follow as you type.")).to_be_visible(timeout=60_000)
    query.press_sequentially("two cappuccinos with", delay=30)  # and no Enter
    expect(card).to_contain_text("ProtoNet says B café ☕", timeout=60_000)
    expect(words).to_have_text("two cappuccinos with")
    expect(words.locator("mark.for", has_text="cappuccinos")).to_have_count(1)
    expect(query).to_be_focused()
    expect(query).to_have_value("two cappuccinos with")
    page.get_by_role("textbox", name="Intent B").fill("Walk the dog")
    page.get_by_role("textbox", name="Intent B").blur()
    expect(page.get_by_text("Intents A and B have the same name")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Real intents").click()
    expect(page.locator(".st-key-told-floor")).to_contain_text("TF-IDF", timeout=60_000)
    assert len(examples.input_value().splitlines()) == 3


def test_typed_intents_are_saved_and_opened_again(drawing: Callable[..., Page], tmp_path: Path):
    page = drawing()
    page.get_by_text("Type", exact=True).click()
    expect(page.locator(".st-key-told-1")).to_contain_text("ProtoNet says A walk the dog", timeout=WARM)
    with page.expect_download() as saving:
        page.get_by_role("button", name="Save").first.click()
    kept = tmp_path / "typed.json"
    saving.value.save_as(kept)
    page.locator(".st-key-type-clear button").click()
    expect(page.get_by_text("Intent A has no name: give it one.")).to_be_visible(timeout=60_000)
    _open(page, kept, "type")
    expect(page.get_by_role("textbox", name="Intent A")).to_have_value("walk the dog", timeout=60_000)
    expect(page.get_by_role("textbox", name="Examples of A")).to_have_value(
        re.compile("^The dog wants"), timeout=60_000
    )
    expect(page.locator(".st-key-told-1")).to_contain_text("ProtoNet says A walk the dog", timeout=60_000)
    other = tmp_path / "other.json"
    other.write_text(kept.read_text().replace("typed episode", "something else"))
    _open(page, other, "type")
    expect(page.get_by_text("The file is not a typed episode")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("textbox", name="Examples of A")).to_have_value(
        re.compile("^The dog wants"), timeout=60_000
    )
