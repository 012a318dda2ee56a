"""The page that tells how the server is: its workers, device and queue, memory, disk and versions."""

import re
from importlib.metadata import version

from streamlit.testing.v1 import AppTest

from metaplay.ui.engine import engine
from tests.integration.engine.helpers import until


def test_the_page_tells_workers_memory_and_versions(page: AppTest):
    engine().start()
    device = until(lambda: engine().info().device)
    page.run().switch_page("pages/health.py").run()
    assert not page.exception
    assert f", on {device}. Runs: 0 going, 0 waiting." in page.success[0].value
    table = next(text.value for text in page.markdown if text.value.startswith("|"))
    told = dict(re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE))
    assert told["torch"] == version("torch")
    assert told["Memory free"].endswith(" GB")


def test_a_server_without_a_worker_says_so_and_what_to_do(page: AppTest):
    engine().close()
    page.run().switch_page("pages/health.py").run()
    assert not page.exception
    assert "No worker is there yet" in page.warning[0].value
    assert "doctor" in page.warning[0].value
