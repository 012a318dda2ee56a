"""Every page with something on it: for the tests of all pages, and for pictures of all pages that one can look at.

python -m tests.browser.tour FOLDER     takes them: each page, light and dark, on a desktop and on a phone
"""

import os
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.sync_api import Page, ViewportSize, sync_playwright

from metaplay.config import defaults, revise
from metaplay.engine.store import RunStore
from metaplay.engine.worker import run_job
from metaplay.owndata.examining import examine
from metaplay.owndata.storing import keep
from metaplay.ui.navigation import ASIDE, PAGES
from tests.browser.conftest import Theme, serving
from tests.conftest import BROWSER_ARGS, chromium
from tests.unit.owndata.making import drawings

SIZES = {"desktop": (1440, 900), "tablet": (820, 1100), "phone": (390, 844)}
THEMES: tuple[Theme, ...] = ("light", "dark")
READY = "h2"
_SETTLED = 5000
"""Milliseconds in which a page draws its charts."""


def short_runs(store: RunStore) -> list[str]:
    """A short finished run of each kind of task, so that no page is empty."""
    made = []
    for family, algorithm, steps in (("sinusoid", "maml", 300), ("strokes", "maml", 6)):
        config = revise(defaults(algorithm, family), {"steps": steps, "eval_tasks": 20, "meta_batch": 4})
        made.append(store.create(config))
        run_job(str(store.root), made[-1])
    return made


def own_set(work: Path) -> None:
    """A set of images of one's own below the data root, so that its page is not empty."""
    file = drawings(work / "signs.zip", 20)
    keep("signs", examine(file, file.name))


def addresses(url: str) -> Iterator[tuple[str, str]]:
    """Name and address of each page."""
    for place, name in enumerate((*PAGES, *ASIDE)):
        yield name, f"{url}/{name}" if place else url


def settle(page: Page) -> None:
    """Wait until the page has drawn itself."""
    page.locator(READY).first.wait_for(timeout=60_000)
    page.wait_for_timeout(_SETTLED)


def main(folder: Path) -> None:
    """Take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as work:
        os.environ["METAPLAY_DATA"] = str(Path(work, "data"))
        own_set(Path(work))
        _picture_all(folder, Path(work, "runs"))


def _picture_all(folder: Path, runs: Path) -> None:
    with serving(runs) as server, sync_playwright() as playwright:
        short_runs(server.store)
        browser = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_ARGS)
        for (size, (width, height)), theme in product(SIZES.items(), THEMES):
            viewport = ViewportSize(width=width, height=height)
            page = browser.new_page(viewport=viewport, color_scheme=theme)
            for name, address in addresses(server.url):
                page.goto(address)
                settle(page)
                page.screenshot(path=folder / f"{name}-{size}-{theme}.png", full_page=True)
            page.close()
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
