"""A Plotly chart for what ticks: its node and the reader's zoom survive every change of data (st.plotly_chart's do not)."""

import os
import shutil
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

_HERE = Path(__file__).parent
_STATIC = _HERE.parents[1] / "static"
SCRIPT = f"plotly-{version('plotly')}.min.js"
"""Name of Plotly's script in the folder that Streamlit serves."""

_HTML = """
<div class="metaplay-plot metaplay-fed">
<svg class="sketch" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true"></svg>
<div class="trouble"></div><div class="canvas"></div>
</div>
"""
_COMPONENT = component(
    "metaplay_live_plot",
    html=_HTML,
    css=(_HERE / "live_plot.css").read_text(),
    js=(_HERE / "live_plot.js").read_text(),
    isolate_styles=False,
)


@st.cache_resource(show_spinner=False)
def prepare() -> None:
    """Put the installed plotly's own script where Streamlit serves it: no other server is ever asked for it."""
    if not (_STATIC / SCRIPT).exists():
        _STATIC.mkdir(exist_ok=True)
        partial = _STATIC / f"{SCRIPT}.{os.getpid()}"
        shutil.copyfile(str(files("plotly") / "package_data" / "plotly.min.js"), partial)
        partial.replace(_STATIC / SCRIPT)


def live_plot(figure: str, *, key: str, alt: str, height: int = 360) -> None:
    """Draw a figure (its JSON text) `height` pixels high, as wide as there is room.

    `alt` describes it to those who cannot see it. The reader's zoom lasts as long as the figure's `uirevision`.
    """
    data = {"figure": figure, "alt": alt, "height": height, "script": SCRIPT}
    _COMPONENT(key=key, data=data, width="stretch", height="content")
