"""What people write is shown as they wrote it: no tag, link, image, icon, formula or arrow comes of it, and no script runs."""

import socket
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.conftest import _healthy, until

TEXTS = (
    '<img src=x onerror="window.ran=1">', "<script>window.ran=1</script>", "[x](javascript:window.ran=1)", "![x](http://x.test/x.png)", ":red[x]",
    ":material/home:", ":smile:", "$x^2$", "`x`", "a--b -> c <- d >= e ~= f", "http://x.test/x www.x.test a@x.test", "# head", "- list", "1. list",
    "> quote", "~~x~~", "__x__ _y_ a_b_c", "**x**", "|a|b|", "&lt;b&gt; &amp;", "a\\b", "inner_lr = 5: choose a number above 0.",
)  # fmt: skip
_MADE = "a, img, code, strong, em, li, h1, del, blockquote, script, .katex, svg + span"


def test_text_stays_text(browser: Browser):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    app = Path(__file__).with_name("literal_app.py")
    options = [f"--server.port={port}", "--server.address=127.0.0.1", "--server.headless=true"]
    command = [sys.executable, "-m", "streamlit", "run", str(app), *options]
    server = subprocess.Popen(command, cwd=app.parents[2], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(lambda: _healthy(f"http://127.0.0.1:{port}"), 60, "the server")
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{port}")
        shown = page.locator("[data-testid=stAlertContainer]")
        shown.nth(len(TEXTS) - 1).wait_for(timeout=60_000)
        assert [one.replace("\u2060", "").strip() for one in shown.all_inner_texts()] == list(TEXTS)
        assert shown.locator(_MADE).count() == 0
        assert page.evaluate("window.ran") is None
        page.close()
    finally:
        server.terminate()
        server.wait(20)
