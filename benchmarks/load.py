"""A lecture hall: many sessions at once, each pressing Train on a small run and watching it. A table in Markdown.

    python -m benchmarks.load [--sessions 25] [--browsers 2] [--over 10]

Starts a server with its engine. Some sessions are pages in a Chromium, the others speak Streamlit's protocol and draw nothing; all
share this machine, and each is a visitor of its own (METAPLAY_VISITORS=many). They come one after another over `--over` seconds, press Train when their page is there, watch until their run
has ended, and leave when all have watched. Exits with 1 where any session met an error.

What is measured, in seconds:
first paint     in a Chromium, by its own clock: from the navigation to the first content
page drawn      from opening the session until the server has sent the whole page
told            from the click until the page tells of the new run: its place in the queue, or that it goes
shown           from when a worker took the run up (by its log) until a point of it is on the page
first point     `told` and `shown` together: from the click to the first point without the wait for a worker; that is the queue's
in all          from the click to the first point, the wait for a worker included
tick            from each time a page asks for what is new until it has been told
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from playwright.async_api import Browser, WebSocket, async_playwright

from benchmarks.processes import memory
from benchmarks.visitor import Page, Visitor
from metaplay.engine.store import RunStore
from metaplay.events import RunStarted
from tests.browser.conftest import PLOT, Server, serving
from tests.conftest import BROWSER_ARGS, chromium

_PATIENCE = 120.0
"""Seconds that a session may wait for its page, and again for the end of its run."""
_PAINT = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime / 1000"


@dataclass
class Session:
    """What one session met with; times in seconds."""

    paint: float | None = None
    drawn: float | None = None
    page: Page = field(default_factory=Page)
    errors: list[str] = field(default_factory=list)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=25)
    parser.add_argument("--browsers", type=int, default=2, help="how many of the sessions are in a Chromium")
    parser.add_argument("--over", type=float, default=10.0, help="seconds over which the sessions come")
    parser.add_argument("--steps", type=int, default=300, help="meta-steps of each run")
    parser.add_argument("--rest", type=float, default=130.0, help="seconds after which memory is looked at again")
    chosen = parser.parse_args()
    os.environ["METAPLAY_VISITORS"] = "many"
    with TemporaryDirectory() as folder, serving(Path(folder), workers=2) as server:
        sys.exit(asyncio.run(measure(server, chosen)))


async def measure(server: Server, chosen: argparse.Namespace) -> int:
    """Let them all come, and print what they met with."""
    await visit(server, "steps=50&eval_tasks=20")  # the engine is warm, and has trained
    await asyncio.sleep(2)
    before = memory(server.process.pid)
    hall = Hall(chosen.sessions)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium(), args=BROWSER_ARGS)
        came = [
            session(server.url, hall, number, chosen, browser if number < chosen.browsers else None)
            for number in range(chosen.sessions)
        ]
        during = asyncio.create_task(most_memory(server, hall))
        sessions = await asyncio.gather(*came)
        await browser.close()
    most = await during
    print("| seconds | number | median | 95 % | most |\n|---|---|---|---|---|")
    for name, values in rows(sessions, server.store).items():
        show(name, values)
    print(f"\nQueued sessions: {sum('queue' in one.page.first for one in sessions)}, each told of its place.")
    await asyncio.sleep(chosen.rest)
    await visit(server, "")  # Streamlit forgets those who left when somebody comes
    await asyncio.sleep(2)
    print_memory(before, most, memory(server.process.pid), chosen.sessions)
    errors = [error for one in sessions for error in one.errors]
    print(f"\nErrors: {len(errors)}", *errors, sep="\n")
    return 1 if errors else 0


class Hall:
    """Who is there: all leave together."""

    def __init__(self, sessions: int):
        self._watching, self.over = sessions, asyncio.Event()

    async def done(self) -> None:
        """One has watched its run to its end; wait for the others."""
        self._watching -= 1
        if not self._watching:
            self.over.set()
        await self.over.wait()


async def session(url: str, hall: Hall, number: int, chosen: argparse.Namespace, browser: Browser | None) -> Session:
    """One session from its coming to its leaving."""
    found = Session()
    query = f"steps={chosen.steps}&eval_tasks=20&seed={number}"
    await asyncio.sleep(chosen.over * number / max(1, chosen.sessions - 1))
    visit = watch(found, url, query) if browser is None else watch_in(browser, found, url, query)
    try:
        await asyncio.wait_for(visit, 3 * _PATIENCE)
    except Exception as error:  # whatever goes wrong for one is counted, and the others go on
        found.errors.append(f"session {number}: {type(error).__name__}: {error}")
    found.errors += [f"session {number}: {problem}" for problem in (*found.page.problems, *found.page.alerts)]
    await hall.done()
    return found


async def watch(found: Session, url: str, query: str) -> None:
    """A session without a browser, until its run has ended."""
    came = time.time()
    async with Visitor(url, query) as visitor:
        found.page = visitor.page
        await visitor.until(lambda page: page.drawn, _PATIENCE, "the page")
        found.drawn = time.time() - came
        visitor.page.pressed()
        await visitor.press("train")
        await visitor.until(_watched, _PATIENCE, "the end of the run")
        if visitor.cut:
            found.errors.append("the server ended the session")


async def watch_in(browser: Browser, found: Session, url: str, query: str) -> None:
    """A session in a browser, until its run has ended. What the page is told is read on its way."""
    context = await browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    page = await context.new_page()
    page.on("websocket", lambda socket: _follow(found.page, socket))
    page.on("pageerror", lambda error: found.errors.append(str(error)))
    came = time.time()
    await page.goto(f"{url}/?{query}")
    await page.locator(PLOT).first.wait_for(timeout=60_000)
    await _until(lambda: found.page.drawn)
    found.drawn = time.time() - came
    found.paint = await page.evaluate(_PAINT)
    found.page.pressed()
    await page.locator(".st-key-train button:visible").click()
    await _until(lambda: _watched(found.page))
    await context.close()


def _follow(page: Page, socket: WebSocket) -> None:
    socket.on("framesent", lambda data: page.sent(data if isinstance(data, bytes) else data.encode()))
    socket.on("framereceived", lambda data: page.received(data if isinstance(data, bytes) else data.encode()))


async def _until(reached: Callable[[], object]) -> None:
    while not reached():
        await asyncio.sleep(0.02)


def _watched(page: Page) -> bool:
    return "point" in page.first and page.state in ("Finished", "Stopped", "Failed")


async def visit(server: Server, query: str) -> None:
    """Somebody comes, trains where there is something to train, and leaves."""
    async with Visitor(server.url, query) as visitor:
        await visitor.until(lambda page: page.drawn, _PATIENCE, "the page")
        if query:
            visitor.page.pressed()
            await visitor.press("train")
            await visitor.until(_watched, _PATIENCE, "the end of the run")


async def most_memory(server: Server, hall: Hall) -> dict[str, float]:
    """The most that each role took while the sessions were there, looked at twice a second."""
    most: dict[str, float] = {}
    while not hall.over.is_set():
        for role, taken in memory(server.process.pid).items():
            most[role] = max(taken, most.get(role, 0.0))
        await asyncio.sleep(0.5)
    return most


def rows(sessions: list[Session], store: RunStore) -> dict[str, list[float]]:
    """What is measured -> its values."""
    told, shown, first, in_all = [], [], [], []
    for one in sessions:
        if {"told", "point"} <= set(one.page.first) and one.page.run:
            pressed, point = one.page.first["pressed"], one.page.first["point"]
            told.append(one.page.first["told"] - pressed)
            shown.append(point - taken_up(store, one.page.run))
            # A run that is taken up before the page tells of it is not waited for twice.
            first.append(min(told[-1] + shown[-1], point - pressed))
            in_all.append(point - pressed)
    return {
        "first paint": [one.paint for one in sessions if one.paint is not None],
        "page drawn": [one.drawn for one in sessions if one.drawn is not None],
        "told": told,
        "shown": shown,
        "first point": first,
        "in all": in_all,
        "tick": [tick for one in sessions for tick in one.page.ticks],
    }


def taken_up(store: RunStore, run: str) -> float:
    """When a worker began with the run."""
    return next(event.at for event in store.tail(run)[0] if isinstance(event, RunStarted))


def show(name: str, values: list[float]) -> None:
    """One line of the table."""
    if values:
        median, late = np.percentile(values, [50, 95])
        print(f"| {name} | {len(values)} | {median:.2f} | {late:.2f} | {max(values):.2f} |")


def print_memory(before: dict[str, float], most: dict[str, float], after: dict[str, float], sessions: int) -> None:
    """What the processes of each role took, and all of them together, in MB."""
    print("\n| MB | before | most | after they have left | after / before | a session |\n|---|---|---|---|---|---|")
    for role in ("server", "scheduler", "nanny", "worker", "all"):
        was, now, peak = (sum(found.values()) if role == "all" else found[role] for found in (before, after, most))
        print(f"| {role} | {was:.0f} | {peak:.0f} | {now:.0f} | {now / was:.2f} | {(peak - was) / sessions:.1f} |")


if __name__ == "__main__":
    main()
