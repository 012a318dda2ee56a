"""Bars before and after adaptation, side by side: what the views of classes and of regions share."""

from typing import Any

from metaplay.charts import style
from metaplay.history import History
from metaplay.text import Language

_HATCHED = {
    "color": "rgba(0,0,0,0)",
    "line": {"color": style.GREY, "width": 1.5},
    "pattern": {"shape": "/", "fgcolor": style.GREY, "size": 6, "solidity": 0.25},
}


def pairs(
    history: History,
    places: list[float | None],
    table: list[list[float]],
    labels: list[str],
    form: str,
    language: Language,
) -> list[dict[str, Any]]:
    """Two bar traces: the first row of `table` (before adaptation) hatched grey, the last one in the algorithm's colour.

    `labels` name the places when pointed at, `form` is the number format of the values there.
    """
    looks = (
        ("before", style.BEFORE, _HATCHED, table[0]),
        ("after", style.after(history.probes[-1].inner_steps[-1]), {"color": style.colour(history)}, table[-1]),
    )
    return [
        {
            "type": "bar",
            "uid": key,
            "name": name(language),
            "x": places,
            "y": style.numbers(values),
            "marker": marker,
            "customdata": labels,
            "hovertemplate": f"%{{customdata}}: %{{y:{form}}}",
        }
        for key, name, marker, values in looks
    ]
