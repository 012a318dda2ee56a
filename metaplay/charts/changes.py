"""Marks where settings were changed in mid-run: thin vertical lines in whatever is drawn against the meta-step."""

from typing import Any

from metaplay.charts import style
from metaplay.config import control
from metaplay.events import Changed
from metaplay.history import History
from metaplay.text import Language, Text

TOLD = 3
"""The latest changes are told in words; the very latest is named at its mark, where more names would lie on each other."""
_SAID = Text(" Changed on the way: {changes}.", "途中更改：{changes}。")
_AT = Text("{values} after meta-step {step}", "第 {step} 个元步后 {values}")


def marks(history: History, language: Language) -> dict[str, Any]:
    """The `shapes` and `annotations` of a layout; the latest mark says what changed."""
    shapes = [_line(change) for change in history.changes]
    return {"shapes": shapes, "annotations": [_name(change, history, language) for change in history.changes[-1:]]}


def said(history: History, language: Language) -> str:
    """The changes in a sentence that follows a chart's own; nothing, where there were none."""
    if not history.changes:
        return ""
    parts = [_AT.fill(step=change.step, values=_values(change, language))(language) for change in history.changes]
    return _SAID.fill(changes="; ".join(parts[-TOLD:]))(language)


def _values(change: Changed, language: Language) -> str:
    return ", ".join(f"{control(name).label(language)} {value:g}" for name, value in change.values.items())


def _line(change: Changed) -> dict[str, Any]:
    place = {"xref": "x", "yref": "paper", "x0": change.step, "x1": change.step, "y0": 0, "y1": 1}
    return {"type": "line", "name": "changed", "line": {"color": style.GREY, "width": 1.2, "dash": "dot"}, **place}


def _name(change: Changed, history: History, language: Language) -> dict[str, Any]:
    """Above the plot, towards its middle."""
    side = "left" if change.step < history.step / 2 else "right"
    place = {"xref": "x", "yref": "paper", "x": change.step, "y": 1, "xanchor": side, "yanchor": "bottom"}
    return {
        **place,
        "text": _values(change, language),
        "showarrow": False,
        "font": {"size": 10, "color": style.GREY},
    }
