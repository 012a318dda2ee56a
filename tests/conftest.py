"""What all tests share: folders of their own, the real data, a browser; and loud last lines about what could not run."""

import os
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Error as PlaywrightError

from metaplay.charts import style
from metaplay.registry import FAMILIES, lacking
from play import BROWSERS

NEEDS_DATA = "needs a real data set: set METAPLAY_DATA"
NEEDS_BROWSER = "needs a browser: install Chromium or set METAPLAY_CHROMIUM"
NEEDS_SERVERS = "needs the servers that docs/hosting.md names: install systemd, nginx, Caddy and OpenSSL"
BROWSER_ARGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
BROWSER_ARGS += ("--disable-component-update", "--disable-sync")
NEEDS_MUJOCO = "needs MuJoCo: pip install -r requirements-rl.txt"
_NEEDS = (NEEDS_DATA, NEEDS_BROWSER, NEEDS_SERVERS, NEEDS_MUJOCO)
_missed: Counter[str] = Counter()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--cases", type=int, help="so many new hostile inputs of each kind (tests/fuzz), not a few fixed ones"
    )


@pytest.fixture(scope="session", autouse=True)
def _folders(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Runs and caches go to temporary folders; no test reads or writes those of the person who starts the tests."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("RUNS", "CACHE"):
            patch.setenv(f"METAPLAY_{name}", str(tmp_path_factory.mktemp(name.lower())))
        if not os.environ.get("METAPLAY_DATA"):
            patch.setenv("METAPLAY_DATA", str(tmp_path_factory.mktemp("data")))
        patch.delenv("METAPLAY_SCHEDULER", raising=False)
        yield


@pytest.fixture(scope="session", autouse=True)
def _validated_figures() -> Iterator[None]:
    """Every figure that a test makes is one that Plotly knows; what is served trusts that."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(style, "VALIDATED", True)
        yield


@pytest.fixture(scope="session")
def data_root() -> Path:
    """The folder with the real Omniglot and MNIST."""
    folder = Path(os.environ["METAPLAY_DATA"])
    if not all((folder / name).is_dir() for name in ("omniglot-py", "MNIST")):
        pytest.skip(NEEDS_DATA)
    return folder


@pytest.fixture
def mujoco() -> None:
    """For tests of what runs with MuJoCo."""
    if lacking(FAMILIES["cheetah-vel"]):
        pytest.skip(NEEDS_MUJOCO)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A Chromium; one a test file, because Playwright's event loop must not be there for the tests that follow."""
    with sync_playwright() as playwright:
        try:
            started = playwright.chromium.launch(executable_path=chromium(), args=BROWSER_ARGS)
        except PlaywrightError:
            pytest.skip(NEEDS_BROWSER)
        yield started
        started.close()


def chromium() -> str | None:
    """Where this machine's Chromium is; None for Playwright's own."""
    return os.environ.get("METAPLAY_CHROMIUM") or next(filter(None, map(shutil.which, BROWSERS)), None)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    reason = report.longrepr[2] if report.skipped and isinstance(report.longrepr, tuple) else ""
    for need in _NEEDS:
        if need in reason:
            _missed[need] += 1


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _missed and os.environ.get("CI") == "true" and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """After pytest's own summary, so that nobody overlooks it."""
    for need, count in _missed.items():
        verdict = "A FAILURE, because CI=true" if os.environ.get("CI") == "true" else "the rest was tested"
        print(f"NOT RUN: {count} {'test' if count == 1 else 'tests'}: {need} ({verdict})")
