"""Every page opened at a hostile address: it says what it could not take, and shows no traceback."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from metaplay.ui.engine import engine
from tests.fuzz import hostile, profile
from tests.fuzz.guard import watched
from tests.unit.charts.kept import keep

_APP = Path(__file__).parents[2] / "app.py"
_PAGES = tuple(sorted(path.stem for path in (_APP.parent / "pages").glob("*.py")))
_PARAMETERS = {
    "playground": ("run", "algorithm", "family", "steps", "inner_lr", "way", "teach", "lang", "bogus"),
    "lab": ("run", "moment", "episode", "compare", "pinned", "inner", "lang"),
    "race": ("race", "lang"),
    "draw": ("do", "lang"),
    "learn": ("chapter", "lang", "teach"),
    "data": ("lang", "name"),
    "health": ("lang", "bogus"),
    "library": ("replay", "compare", "run", "lang"),
}


@pytest.fixture(scope="module", autouse=True)
def run() -> Iterator[str]:
    """A run that addresses may name."""
    engine().start()
    AppTest.from_file(str(_APP), default_timeout=60).run()  # what the first visit makes is made
    yield keep(engine().store, "maml", "sinusoid", steps=4)
    engine().close()
    engine.clear()


def test_all_pages_are_among_them():
    assert set(_PAGES) == set(_PARAMETERS)


@settings(profile.PAGES)
@given(st.data())
def test_no_address_brings_a_traceback(run: str, data: st.DataObject):
    name = data.draw(st.sampled_from(_PAGES))
    words = hostile.words().map(_in_address) | st.just(run) | st.just(f"{run},{run}")
    query = data.draw(st.dictionaries(st.sampled_from(_PARAMETERS[name]), words, min_size=1, max_size=3))
    page = AppTest.from_file(str(_APP), default_timeout=60)
    with watched(engine().store.root):
        if name != "playground":
            page.run().switch_page(f"pages/{name}.py")
        for key, value in query.items():
            page.query_params[key] = value
        page.run()
    assert not page.exception, page.exception
    shown = " ".join(
        str(item.value) for kind in (page.error, page.warning, page.markdown, page.caption) for item in kind
    )
    assert "Traceback" not in shown


def _in_address(word: str) -> str:
    """As it comes out of an address: no browser sends half a character."""
    return word.encode(errors="replace").decode()
