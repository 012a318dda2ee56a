"""A chart with its explanation folded away below it, and what draws it anew without a flicker."""

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


def steady() -> DeltaGenerator:
    """The page's container for what ticks or is scrubbed: it never fades while it is drawn anew (its style is in `theme`)."""
    return st.container(key="steady")
