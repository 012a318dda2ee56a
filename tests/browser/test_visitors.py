"""Two visitors of one server, in two browsers: one's runs are one's own, also after a reload, and a link lets watch."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from metaplay.engine import owners
from metaplay.ui.visitor import COOKIE
from tests.browser.conftest import Server, serving, until
from tests.browser.test_library import NAV, ROWS, _choose
from tests.browser.test_playground import _last_step, _train

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("METAPLAY_VISITORS", "many")
        patch.setenv("METAPLAY_MOST_STEPS", "1000000")
        with serving(tmp_path_factory.mktemp("runs")) as running:
            yield running


def _cookies(page: Page) -> dict[str, str]:
    return {one.get("name", ""): one.get("value", "") for one in page.context.cookies()}


def _runs_page(page: Page) -> None:
    page.locator(NAV).filter(has_text="Runs").click()
    page.locator(".st-key-runs-whose").wait_for(timeout=60_000)


def _button(page: Page, name: str):
    return page.locator(f".st-key-{name} button:visible")


def test_one_visitor_watches_the_run_of_another_and_cannot_stop_it(many: Server, open_page: Open):
    ann = open_page(many.long)
    run = _train(ann)
    until(lambda: _last_step(ann) > 0, 60, "points of the run")
    secret = until(lambda: _cookies(ann).get(COOKIE, ""), 30, "the browser to keep who it is")
    assert owners.of(many.store, run) == owners.known_by(secret)
    assert secret not in ann.evaluate("location.href")

    bob = open_page(f"{many.url}/?run={run}")
    seen = until(lambda: _last_step(bob), 60, "Bob to see Ann's run")
    until(lambda: _last_step(bob) > seen, 60, "Bob to see it go on")
    expect(bob.get_by_text("This run belongs to another visitor")).to_have_count(1)
    for name in ("stop", "pause"):
        expect(_button(bob, name)).to_be_disabled()
    bob.keyboard.press("x")
    expect(bob.locator(f".st-key-pace-{run}-0")).to_have_count(0)
    expect(_button(bob, "train")).to_be_enabled()
    _button(bob, "reset").click()  # it leaves the run alone
    expect(bob.get_by_text("This run belongs to another visitor")).to_have_count(0, timeout=30_000)
    assert until(lambda: _cookies(bob).get(COOKIE, ""), 30, "Bob's own id") != secret

    _runs_page(bob)
    expect(bob.locator(ROWS)).to_have_count(1, timeout=30_000)
    expect(bob.locator(ROWS)).to_contain_text("of another visitor")
    _choose(bob, 0)
    expect(_button(bob, "runs-replay")).to_be_enabled(timeout=30_000)
    for name in ("resume", "name", "pin", "delete"):
        expect(_button(bob, f"runs-{name}")).to_be_disabled()
    bob.reload()
    expect(bob.locator(ROWS)).to_have_count(1, timeout=60_000)  # the link that he opened is remembered
    bob.get_by_text("Only mine", exact=True).click()
    expect(bob.locator(ROWS)).to_have_count(0, timeout=30_000)

    bob.context.clear_cookies()  # as somebody new
    bob.goto(f"{many.url}/library", timeout=60_000)
    expect(bob.get_by_text("No runs yet")).to_have_count(1, timeout=60_000)

    assert not many.store.state(run).ended
    ann.reload()
    expect(_button(ann, "stop")).to_be_enabled(timeout=60_000)
    _button(ann, "stop").click()
    until(lambda: many.store.state(run).state == "stopped", 60, "Ann's run to end")
    _runs_page(ann)
    _choose(ann, 0)
    _button(ann, "runs-pin").click()
    expect(ann.locator(ROWS)).to_contain_text("pinned", timeout=30_000)


def test_a_refusal_is_one_sentence_on_the_page(tmp_path: Path, open_page: Open, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_VISITORS", "many")
    monkeypatch.setenv("METAPLAY_MOST_STEPS", "1000")
    with serving(tmp_path) as server:
        page = open_page(f"{server.url}/?steps=1001")
        _button(page, "train").click()
        toast = page.locator("[data-testid=stToast]")
        expect(toast).to_contain_text("Runs have at most 1,000 meta-steps on this server, not 1,001", timeout=30_000)
        assert server.store.list() == []
        page.close()  # before its server ends
