"""The figure of the report, as the JSON that Plotly draws: how many times metaplay's time each contender takes."""

from collections.abc import Sequence
from typing import Any

from benchmarks.peers.contenders import CONTENDERS, LABELS, REFERENCE
from benchmarks.peers.results import Row

COLOURS = ("#000000", "#D55E00", "#E69F00", "#CC79A7", "#56B4E9", "#009E73", "#0072B2")
"""Okabe and Ito's, one a contender."""
SYMBOLS = ("line-ns", "circle", "square", "diamond", "cross", "triangle-up", "star")


def figure(rows: Sequence[Row]) -> dict[str, Any]:
    """A row of points a workload, on a logarithmic axis; those whose meta-gradient differs are left out."""
    ours = {
        row.workload: row.least for row in rows if row.contender == REFERENCE and not row.workload.startswith("scaling")
    }
    traces = []
    for number, name in enumerate(CONTENDERS):
        times = {
            row.workload: row.least / best
            for row in rows
            if row.contender == name and row.least and row.agrees and (best := ours.get(row.workload))
        }
        if times:
            marker = {"color": COLOURS[number], "symbol": SYMBOLS[number], "size": 10, "line": {"width": 2}}
            label = LABELS.get(name, name)
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": label,
                    "x": [round(value, 3) for value in times.values()],
                    "y": list(times),
                    "marker": marker,
                    "hovertemplate": f"%{{y}}<br>{label}: %{{x:.3g}} times metaplay<extra></extra>",
                }
            )
    layout = {
        "title": {"text": "Time of a meta-step, in times of metaplay's (to the left is faster)"},
        "xaxis": {"type": "log", "title": {"text": "times metaplay's least"}},
        "yaxis": {"autorange": "reversed", "automargin": True},
    }
    return {"data": traces, "layout": layout}
