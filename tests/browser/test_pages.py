"""All pages: they open without an error in both languages and themes, fit a phone, and pass the accessibility checks of axe-core."""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from metaplay.ui.navigation import ASIDE, PAGES
from tests.browser.conftest import Server, Theme, serving
from tests.browser.tour import READY, THEMES, addresses, settle, short_runs

Open = Callable[..., Page]
_RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"], "resultTypes": ["violations"]}
_STREAMLITS = ("stMainMenu", "stToolbar", "stHeader")
"""Parts of the page that are Streamlit's own and hold nothing of ours."""


@pytest.fixture(scope="module")
def furnished(server: Server) -> Server:
    """A server with runs to look at."""
    short_runs(server.store)
    return server


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("name", [*PAGES, *ASIDE])
def test_a_page_has_no_serious_accessibility_violation(furnished: Server, open_page: Open, name: str, theme: Theme):
    page = open_page(dict(addresses(furnished.url))[name], ready=READY, theme=theme)
    settle(page)
    found = Axe().run(page, options=_RULES).response["violations"]
    told = [
        f"{item['id']} ({item['impact']}): {node['target']} {node['failureSummary']}"
        for item in found
        if item["impact"] in ("serious", "critical")
        for node in item["nodes"]
        if not any(part in str(node["target"]) for part in _STREAMLITS)
    ]
    assert told == []


@pytest.mark.parametrize("name", [*PAGES, *ASIDE])
def test_a_page_opens_in_both_languages_and_fits_a_phone(furnished: Server, open_page: Open, name: str):
    address = dict(addresses(furnished.url))[name]
    page = open_page(f"{address}?lang=zh", width=390, height=844, ready=READY)
    settle(page)
    title = page.locator(READY).first.inner_text()
    assert any("\u4e00" <= letter <= "\u9fff" for letter in title)
    assert page.locator(".stException").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.get_by_text("English", exact=True).click()
    expect(page.locator(READY).first).not_to_have_text(title)
    assert page.locator(".stException").count() == 0


def test_the_first_visit_to_a_server_may_be_to_any_page(tmp_path: Path, open_page: Open):
    with serving(tmp_path) as fresh:
        page = open_page(f"{fresh.url}/learn?lang=zh&chapter=maml", ready="[data-testid=stTopNavLink]")
        expect(page.locator("[data-testid=stTopNavLink][aria-current=page]")).to_contain_text("学习")
        assert page.locator("[data-testid=stSidebarNavLink]").count() == 0
        assert "chapter=maml" in page.evaluate("location.href")
        page.goto("about:blank")  # a page whose server ends while it loads has errors to report


def test_the_pages_are_a_click_apart_and_keep_the_language(furnished: Server, open_page: Open):
    page = open_page(f"{furnished.url}/?lang=zh")
    for named in PAGES.values():
        page.locator("[data-testid=stTopNavLink]").filter(has_text=named.title.zh).click()
        expect(page.locator("[data-testid=stTopNavLink][aria-current=page]")).to_contain_text(named.title.zh)
        settle(page)
        assert page.locator(".stException").count() == 0
