"""The page in AppTest, over a real engine that all these tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.ui.engine import engine

APP = Path(__file__).parents[3] / "app.py"


@pytest.fixture(scope="module", autouse=True)
def _engine_ends() -> Iterator[None]:
    yield
    engine().close()
    engine.clear()


@pytest.fixture
def page() -> AppTest:
    """The page, not yet opened: set its address first, then `run` it."""
    return AppTest.from_file(str(APP), default_timeout=30)
