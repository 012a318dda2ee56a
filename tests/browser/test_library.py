"""What moves on the Runs page: choosing survives refreshing, replays play, files go out and come in."""

import json
import time
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from metaplay.config import defaults
from metaplay.engine import going
from metaplay.engine.labels import label, read, write
from metaplay.events import Probe, RunStarted
from tests.browser.conftest import Server, until
from tests.unit.charts.kept import keep

Open = Callable[..., Page]
NAV = "[data-testid=stTopNavLink]"
ROWS = ".runs tbody tr"
LOSS = ".st-key-plot-loss .js-plotly-plot"


@pytest.fixture
def library(server: Server, open_page: Open) -> Page:
    """The Runs page with two runs, the newer one named."""
    for run in server.store.list():
        server.store.delete(run)
    keep(server.store, "maml", "sinusoid")
    time.sleep(1.1)  # a run's name, by which they are ordered, tells seconds
    write(server.store, keep(server.store, "reptile", "strokes"), label("For Monday", ["lecture"]))
    page = open_page(server.url, ready="h2")
    page.locator(NAV).filter(has_text="Runs").click()
    expect(page.locator(ROWS)).to_have_count(2, timeout=60_000)
    return page


def _choose(page: Page, *places: int) -> None:
    for place in places:
        page.locator(ROWS).nth(place).get_by_role("checkbox").check()


def _press(page: Page, button: str) -> None:
    page.locator(f".st-key-runs-{button} button:not(:disabled):visible").click(timeout=30_000)


def _last_step(page: Page) -> float:
    return page.evaluate(
        """plot => Math.max(0, ...(document.querySelector(plot)?.data ?? []).flatMap(trace => trace.x ?? []))""", LOSS
    )


def test_the_table_sorts_and_finds_and_links(library: Page, server: Server):
    newest, oldest = server.store.list()
    first = library.locator(ROWS).first
    expect(first).to_contain_text("For Monday")
    expect(first.locator(".spark polyline")).to_have_count(1)
    expect(first.get_by_role("link")).to_have_attribute("href", f"./?run={newest}&lang=en")
    library.get_by_role("button", name="Made").click()
    expect(library.locator(ROWS).first).to_contain_text("Sinusoid")
    library.get_by_placeholder("Search").fill("monday")
    library.keyboard.press("Enter")
    expect(library.locator(ROWS)).to_have_count(1)
    library.get_by_role("link", name="For Monday").click()
    until(lambda: f"run={newest}" in library.evaluate("location.href"), 30, "the playground")
    library.locator(LOSS).wait_for(timeout=60_000)
    assert oldest in server.store.list()


def test_what_is_chosen_stays_chosen_while_a_run_goes_on(library: Page, server: Server):
    _choose(library, 1)
    expect(library.locator(".st-key-runs-replay button:visible")).to_be_enabled(timeout=30_000)
    config = defaults("maml", "sinusoid")
    run = server.store.create(config)
    server.store.append(run, RunStarted(config=config.model_dump(), device="CPU", threads=1, versions={}, parameters=1))
    with going.Pulse(server.store.root, run):
        library.locator(ROWS).nth(0).click()  # which draws the list anew, and it refreshes from here on
        expect(library.locator(ROWS)).to_have_count(3, timeout=30_000)
        for step in range(3):
            server.store.append(run, Probe(step=step, tasks=1, inner_steps=[0], loss=[3.0 - step], loss_ci95=[0.1]))
        going_on = library.locator(ROWS).filter(has_text="Training")
        expect(going_on.locator(".spark")).to_have_attribute("aria-label", "Error from 3 to 1", timeout=30_000)
        chosen = library.locator(f"{ROWS}.chosen")
        expect(chosen).to_have_count(2)
        expect(chosen.last).to_contain_text("Sinusoid")
    server.store.delete(run)


def test_a_run_gets_a_name(library: Page, server: Server):
    _choose(library, 1)
    _press(library, "name")
    library.get_by_role("dialog").get_by_label("Name", exact=True).fill("My <b>best</b>")
    library.get_by_role("dialog").get_by_role("button", name="Save").click()
    expect(library.locator(ROWS).nth(1)).to_contain_text("My <b>best</b>", timeout=30_000)
    expect(library.get_by_role("dialog")).to_have_count(0)


def test_deleting_asks_first(library: Page, server: Server):
    _choose(library, 1)
    _press(library, "delete")
    dialog = library.get_by_role("dialog")
    expect(dialog).to_contain_text("cannot be undone")
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_have_count(0)
    assert len(server.store.list()) == 2
    _press(library, "delete")
    dialog.get_by_role("button", name="Delete").click()
    expect(library.locator(ROWS)).to_have_count(1, timeout=30_000)
    assert len(server.store.list()) == 1


def test_a_replay_plays_pauses_and_goes_where_it_is_put(library: Page, server: Server):
    _choose(library, 1)
    _press(library, "replay")
    play = library.locator(".st-key-replay-play button")
    expect(play).to_contain_text("Pause", timeout=30_000)
    seen = until(lambda: _last_step(library), 60, "the replay's first point")
    until(lambda: _last_step(library) > seen, 60, "the replay to move")
    play.click()
    expect(play).to_contain_text("Play", timeout=30_000)
    place = library.locator(".st-key-replay-place").get_by_role("slider")
    place.focus()
    place.press("End")
    expect(play).to_contain_text("Play again", timeout=30_000)
    until(lambda: _last_step(library) == 60, 30, "the last picture")
    expect(library.get_by_text("Finished", exact=True)).to_be_visible()
    place.focus()
    place.press("Home")
    until(lambda: _last_step(library) <= 1, 30, "the first picture")
    speed = library.locator(".st-key-replay-speed")
    shown = speed.inner_text()
    speed.get_by_role("slider").press("ArrowRight")
    expect(speed).not_to_have_text(shown)
    assert f"replay={server.store.list()[1]}" in library.evaluate("location.href")


def test_runs_are_compared_in_one_figure_that_can_be_saved(library: Page, server: Server):
    keep(server.store, "reptile", "strokes", meta_batch=3)  # told apart by that in the figure
    library.reload()
    expect(library.locator(ROWS)).to_have_count(3, timeout=60_000)
    _choose(library, 0, 1, 2)
    _press(library, "compare")
    places = library.locator("[class*=st-key-plot-compare-] .metaplay-plot")
    expect(places).to_have_count(2, timeout=60_000)
    for place in (1, 0):  # a chart is drawn once it is seen
        places.nth(place).scroll_into_view_if_needed()
        expect(places.nth(place).locator(".js-plotly-plot")).to_be_visible(timeout=60_000)
    for place, result in enumerate(("error", "accuracy")):
        with library.expect_download() as download:
            library.get_by_role("button", name="Save the chart as SVG").nth(place).click()
        assert download.value.suggested_filename == f"metaplay-compare-{result}.svg"
        assert "<svg" in Path(download.value.path()).read_text()[:200]


def test_a_run_is_downloaded_and_opened_and_a_wrong_file_refused(library: Page, server: Server):
    _choose(library, 0)
    with library.expect_download(timeout=60_000) as download:
        _press(library, "download")
    data = Path(download.value.path()).read_bytes()
    with zipfile.ZipFile(BytesIO(data)) as archive:
        assert {"config.json", "events.jsonl", "results.csv", "report.html"} <= set(archive.namelist())
        about = json.loads(archive.read("bundle.json"))
    library.get_by_text("Open a run that was downloaded elsewhere").click()
    chooser = library.locator(".st-key-runs-file input[type=file]")
    chooser.set_input_files(FilePayload(name="run.zip", mimeType="application/zip", buffer=data[:-100]))
    expect(library.get_by_text("This file is not a whole metaplay bundle")).to_be_visible(timeout=30_000)
    assert len(server.store.list()) == 2
    chooser.set_input_files(FilePayload(name="run.zip", mimeType="application/zip", buffer=data))
    expect(library.locator(ROWS)).to_have_count(3, timeout=30_000)
    opened = library.locator(ROWS).filter(has_text="opened from elsewhere")
    expect(opened).to_contain_text("For Monday")
    expect(opened).to_have_class("chosen")
    newest = server.store.list()[0]
    assert read(server.store, newest).origin == about["run"]
    assert server.store.tail(newest) == server.store.tail(about["run"])


def test_the_downloaded_page_of_figures_opens_by_itself(library: Page, tmp_path: Path):
    _choose(library, 0)
    with library.expect_download(timeout=60_000) as download:
        _press(library, "download")
    with zipfile.ZipFile(download.value.path()) as archive:
        page = Path(archive.extract("report.html", tmp_path))
    library.context.set_offline(True)
    alone = library.context.new_page()
    alone.goto(page.as_uri())
    expect(alone.locator("figure .js-plotly-plot svg.main-svg").first).to_be_visible(timeout=30_000)
    with alone.expect_download() as picture:
        alone.get_by_role("button", name="SVG").first.click()
    assert picture.value.suggested_filename == "loss.svg"
