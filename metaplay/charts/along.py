"""Lines along the training run: what the charts of one measured quantity share."""

from collections.abc import Sequence
from typing import Any

from metaplay.charts import changes, style
from metaplay.charts.style import Array, Theme
from metaplay.history import History
from metaplay.text import Language


def line(
    uid: str, name: str, x: Sequence[float] | Array, y: Sequence[float] | Array, colour: str, **look: Any
) -> dict[str, Any]:
    """A trace of y against x, at most style.LIMIT points."""
    places, means = style.decimate(x, y)
    return {
        "type": "scatter",
        "uid": uid,
        "name": name,
        "x": places.astype(int).tolist(),
        "y": style.numbers(means),
        "mode": "lines",
        **look,
        "line": {"color": colour, "width": 2, **look.get("line", {})},
    }


def layout(key: str, title: str, history: History, language: Language, theme: Theme) -> dict[str, Any]:
    """The layout of a chart against the meta-step, with the marks of changes; one line needs no legend."""
    made = style.layout(key, title, history, theme, showlegend=False, **changes.marks(history, language))
    made["xaxis"] = style.axis(style.META_STEP(language), rangemode="tozero")
    made["margin"] = {**made["margin"], "b": 48}
    return made
