"""How fast the pages answer: from a key, a pointer or a click to the changed page, by the browser's own clock. A table in Markdown.

    python -m benchmarks.pages [--times N]

Starts a server with its engine, two short runs and a Chromium; all share this machine. Only comparable where nothing else runs.
"""

import argparse
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Browser, Page, sync_playwright

from metaplay.engine.client import Engine
from metaplay.engine.control import order
from metaplay.engine.store import RunStore
from metaplay.settings import settings
from metaplay.ui.navigation import PAGES
from tests.browser.conftest import Server, serving, until
from tests.browser.test_playground import _last_step
from tests.browser.tour import short_runs
from tests.conftest import BROWSER_ARGS, chromium

_LATE = 1000
"""Milliseconds after the first change that the others are waited for: a network may be as sure of its answer as it was before."""
CLOCK = """([wanted, patience]) => {
  const looks = wanted.map((what) => new Function(`return ${what}`)), before = looks.map((now) => now()), took = []
  window.answered = new Promise((resolve) => {
    let began = null
    const begin = () => { began = performance.now() }
    for (const name of ["pointerup", "keydown", "click"]) window.addEventListener(name, begin, { capture: true })
    const look = () => {
      if (began !== null) looks.forEach((now, at) => {
        if (took[at] === undefined && now() !== before[at]) took[at] = performance.now() - began
      })
      const first = Math.min(...Object.values(took))
      const late = performance.now() > began + first + patience
      if (Object.keys(took).length === looks.length || late) resolve(Object.values(took))
      else requestAnimationFrame(look)
    }
    look()
  })
}"""
TITLE = 'document.querySelector("h2")?.innerText'
SAID = 'document.querySelector(".st-key-plot-lab-surface .metaplay-plot")?.getAttribute("aria-label")'
"""Of the chart that is drawn last."""
FIT = 'window.deep(".drag-points > svg .paths polyline").at(2)?.getAttribute("points")'
DEEP = """window.deep = (selector) => {
  const shadows = [...document.querySelectorAll("*")].map((node) => node.shadowRoot).filter(Boolean)
  return [document, ...shadows].flatMap((root) => [...root.querySelectorAll(selector)])
}"""
TOLD = [
    f'[...document.querySelectorAll(".st-key-plot-told-{card} .js-line")].map(line => line.getAttribute("d")).join()'
    for card in range(4)
]
"""The probabilities that the four networks tell, as they are drawn."""
FORM = 'new URLSearchParams(location.search).get("eval_tasks")'
"""The address follows the form."""
_REST = 1500
"""Milliseconds between two acts."""
Row = tuple[str, list[float]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=7)
    times = parser.parse_args().times
    print("| act | times | least ms | median ms | most ms |\n|---|---|---|---|---|")
    with TemporaryDirectory() as folder:
        store = RunStore(Path(folder))
        curves, images = short_runs(store)
        show(surface(store, images, times))
        with serving(Path(folder), workers=2) as server, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_ARGS)
            page = browser.new_page(viewport={"width": 1440, "height": 900})
            page.add_init_script(DEEP)
            for measured in (lambda: lab(page, server.url, curves, times), lambda: drawing(page, server.url, times)):
                for row in measured():
                    show(row)
            show(switches(page, server.url))
            page.close()
            show(busy(browser, server, times))
            browser.close()


def show(row: Row) -> None:
    """One line of the table; the first of several times is left out, as it warms up."""
    name, found = row
    kept = found[1:] if len(found) > 2 else found
    print(f"| {name} | {len(kept)} | {min(kept):.0f} | {statistics.median(kept):.0f} | {max(kept):.0f} |", flush=True)


def surface(store: RunStore, run: str, times: int) -> Row:
    """A slice of 41x41 losses around a 5-way 1-shot task of a Conv4, asked of a warm engine."""
    found = []
    with Engine(replace(settings(), runs=store.root)) as engine:
        for seed in range(times):
            began = time.perf_counter()
            engine.ask("sliced", run=run, step=None, seed=seed)
            found.append(1000 * (time.perf_counter() - began))
    return "Adaptation lab: loss slice 41x41, Conv4 5-way 1-shot", found


def lab(page: Page, url: str, run: str, times: int) -> list[Row]:
    """Scrubbing an inner step, and dragging a support point of a sine wave."""
    page.goto(f"{url}/lab?run={run}")
    page.wait_for_function(f"{SAID} && {FIT}", timeout=120_000)
    page.wait_for_timeout(4 * _REST)
    slider = page.locator(".st-key-lab-step").get_by_role("slider")
    slider.focus()
    scrubbed = [timed(page, SAID, lambda: page.keyboard.press("ArrowLeft")) for _ in range(times)]
    dragged = [timed(page, FIT, lambda up=up: drag(page, up)) for up in (-40, 40) * (times // 2 + 1)]
    return [("Adaptation lab: scrub one inner step", scrubbed), ("Adaptation lab: drag a point", dragged)]


def drag(page: Page, up: int) -> None:
    """Drag the third support point up or down."""
    box = page.locator(".drag-points .handle").nth(2).locator(".look").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + up, steps=3)
    page.mouse.up()


def drawing(page: Page, url: str, times: int) -> list[Row]:
    """One more stroke of a query or of an example, until the probabilities of the first and of the last of four networks have
    changed."""
    page.goto(f"{url}/draw")
    page.get_by_text("Real characters").first.click()
    canvas = page.locator(".st-key-draw-sheet-query .paper canvas")
    canvas.wait_for(timeout=60_000)
    page.wait_for_function(" && ".join(TOLD), timeout=120_000)
    page.wait_for_timeout(4 * _REST)
    rows = []
    for sheet, act in {"query": "of a query", "A": "of an example, to which all adapt anew"}.items():
        found = [all_timed(page, TOLD, lambda at=at, sheet=sheet: stroke(page, sheet, at)) for at in range(times)]
        said = f"Draw: one more stroke {act}, until the {{}} of four networks answers"
        rows += [
            (said.format("first"), [min(one) for one in found]),
            (said.format("last"), [max(one) for one in found]),
        ]
    return rows


def stroke(page: Page, sheet: str, place: int) -> None:
    """A line across a sheet."""
    box = page.locator(f".st-key-draw-sheet-{sheet} .paper canvas").bounding_box()
    assert box
    y = box["y"] + box["height"] * (0.15 + 0.1 * place)
    page.mouse.move(box["x"] + 0.2 * box["width"], y)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.8 * box["width"], y, steps=3)
    page.mouse.up()


def switches(page: Page, url: str) -> Row:
    """From page to page by the navigation, until the next one's title stands; each page but the first twice."""
    page.goto(url)
    page.locator("h2").first.wait_for()
    page.wait_for_timeout(4 * _REST)
    found = []
    for named in [*PAGES.values(), *PAGES.values()][1:]:
        link = page.locator("[data-testid=stTopNavLink]").filter(has_text=named.title.en)
        found.append(timed(page, TITLE, lambda link=link: link.click()))
        page.wait_for_timeout(2 * _REST)
    return "A page switch, until the title of the next stands", found


def busy(browser: Browser, server: Server, times: int) -> Row:
    """A control of the form, with two runs that train, each watched by a page, and three more pages that stand still."""
    for name in ("lab", "learn", "library"):
        browser.new_page().goto(f"{server.url}/{name}")
    pages = [browser.new_page(viewport={"width": 1440, "height": 900}) for _ in range(2)]
    for seed, page in enumerate(pages):
        page.goto(f"{server.url}/?family=strokes&algorithm=maml&steps=100000&seed={seed}")
        page.locator(".st-key-train button:visible").click()
    for page in pages:
        until(lambda page=page: _last_step(page) > 0, 120, "points of the run")
    tasks = pages[0].locator(".st-key-field-eval_tasks input")
    found = []
    for count in range(times):
        tasks.fill(str(100 + count))
        found.append(timed(pages[0], FORM, lambda: tasks.press("Enter")))
    for run in server.store.list():
        if not server.store.state(run).ended:
            order(server.store, run, "stop")
    return "Playground: a control of the form, two runs training and watched, three idle pages", found


def timed(page: Page, wanted: str, act: Callable[[], None]) -> float:
    """Milliseconds from the act's last event until what is `wanted` (JavaScript) has changed."""
    return all_timed(page, [wanted], act)[0]


def all_timed(page: Page, wanted: list[str], act: Callable[[], None]) -> list[float]:
    """The same of each of several, but for those that do not change."""
    page.evaluate(CLOCK, [wanted, _LATE])
    act()
    took = page.evaluate("window.answered")
    page.wait_for_timeout(_REST)
    return [float(one) for one in took]


if __name__ == "__main__":
    main()
