"""A chart with its explanation folded away below it, and what draws it and other parts of a page anew without a flicker."""

from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from metaplay.charts.style import as_json
from metaplay.text import Language, Text
from metaplay.ui.live_plot import live_plot

_EXPLAIN = Text("What am I looking at?", "这是什么？")


def show(figure: go.Figure, *, key: str, alt: str, explain: Text, language: Language, height: int = 360) -> None:
    """Draw the chart; it keeps its node while its data change."""
    live_plot(as_json(figure), key=f"plot-{key}", alt=alt, height=height)
    explained(explain(language), key=key, language=language)


def explained(words: str, *, key: str, language: Language) -> None:
    """The words about a picture, folded away."""
    with st.expander(_EXPLAIN(language), key=f"explain-{key}", type="compact"):
        st.markdown(words)


def part(draw: Callable, *args: Any, every: float | None = None) -> None:
    """A part of the page that is drawn by `draw(*args)` and anew by itself: when it is used, and `every` so many seconds.

    It has a container of its own. Where it overtakes a drawing of the whole page, Streamlit leaves it out of that one, and what
    comes next in the same container would take its place, to be overwritten.

    Never within another part: where that is drawn anew, Streamlit drops what waits to be sent of it, but not what waits of the
    parts within it, and the browser fails over contents of a place that it does not have.
    """
    with st.container():
        st.fragment(draw, run_every=every)(*args)


def steady() -> DeltaGenerator:
    """The page's container for what ticks or is scrubbed: it never fades while it is drawn anew (its style is in `theme`)."""
    return st.container(key="steady")
