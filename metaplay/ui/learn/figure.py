"""A chart of a chapter with its explanation, as on the playground."""

import plotly.graph_objects as go
import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui.live_plot import live_plot

_EXPLAIN = Text("What am I looking at?", "这是什么？")


def show(figure: go.Figure, *, key: str, alt: str, explain: Text, language: Language, height: int = 360) -> None:
    """Draw the chart; it keeps its node while its data change."""
    live_plot(str(figure.to_json(remove_uids=False)), key=f"plot-{key}", alt=alt, height=height)
    explained(explain, key=key, language=language)


def explained(text: Text, *, key: str, language: Language) -> None:
    """The words about a picture, folded away."""
    with st.expander(_EXPLAIN(language), key=f"explain-{key}", type="compact"):
        st.markdown(text(language))
