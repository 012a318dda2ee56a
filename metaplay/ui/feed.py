"""New contents for charts and words that stand on the page, all in one message: each element that a page sends costs everybody
who watches."""

from collections.abc import Mapping
from pathlib import Path

from streamlit.components.v2 import component

Said = tuple[str, ...]
"""What a place says: a chart (`live_plot`) its figure and that in words, words (`live_words`) their HTML."""

_HERE = Path(__file__).parent
_FEED = component(
    "metaplay_feed", html="<span hidden></span>", js=(_HERE / "feed.js").read_text(), isolate_styles=False
)
_WORDS = component(
    "metaplay_words",
    html='<div class="metaplay-fed"></div>',
    js=(_HERE / "live_words.js").read_text(),
    isolate_styles=False,
)


def feed(places: Mapping[str, Said], key: str = "feed") -> None:
    """Give places of the page, by their keys, something else to say."""
    # Not a dictionary within the data: of one Streamlit asks pandas whether it is a table. Its import takes half a second of the
    # first visit, and 50 MB that stay.
    _FEED(key=key, data=dict(places), width=1, height=1)


def live_words(html: str, *, key: str) -> None:
    """Words in HTML, every part of which that a user wrote is escaped."""
    _WORDS(key=key, data={"html": html}, width="stretch", height="content")
