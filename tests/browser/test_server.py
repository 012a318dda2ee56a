"""The server's process: small, without torch, and gone with all its children after Ctrl-C."""

import signal
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, serving, until
from tests.browser.test_playground import _last_step, _train

MEGABYTE = 2**20


def test_no_torch_and_little_memory_with_five_runs_watched(server: Server, open_page: Callable[..., Page]):
    runs, pages = [], []
    for seed in range(5):
        page = open_page(f"{server.url}/?steps=300&eval_tasks=2&seed={seed}")
        runs.append(_train(page))
        pages.append(page)
    until(lambda: _last_step(page) > 0, 120, "points of the last run")
    assert not [page for page in pages if page.locator("[data-testid=stToast]").count()], "nobody did anything wrong"
    process = psutil.Process(server.process.pid)
    assert not [file.path for file in process.memory_maps() if "torch" in file.path]
    assert process.memory_info().rss < 250 * MEGABYTE
    assert len(set(runs)) == 5


@pytest.mark.parametrize("training", [False, True])
def test_ctrl_c_leaves_no_process_behind(tmp_path: Path, open_page: Callable[..., Page], training: bool):
    with serving(tmp_path) as server:
        page = open_page(server.long)
        if training:
            _train(page)
            until(lambda: _last_step(page) > 0, 60, "points of the run")
        children = until(lambda: psutil.Process(server.process.pid).children(recursive=True), 30, "the engine")
        page.goto("about:blank")
        server.process.send_signal(signal.SIGINT)
        server.process.wait(30)
        gone, left = psutil.wait_procs(children, timeout=10)
        assert not left
        assert gone
