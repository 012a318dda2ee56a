"""The table of runs: a real HTML table whose selection, by name, outlives sorting, filtering and refreshing (st.dataframe's goes
by place). On a phone its rows are cards."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import streamlit as st
from streamlit.components.v2 import component

from metaplay.text import Language, Text
from metaplay.ui.library.rows import Row

_HERE = Path(__file__).parent
_HTML = """
<div class="runs">
<table><thead><tr><th class="choice"><label><input type="checkbox"></label></th></tr></thead><tbody></tbody></table>
</div>
"""
_COMPONENT = component(
    "metaplay_runs",
    html=_HTML,
    css=(_HERE / "table.css").read_text(),
    js=(_HERE / "table.js").read_text(),
)
_KEY = "runs-table"
_CHOSEN, _SORT, _NEWEST = "runs-chosen", "runs-sort", "-started"
"""Where a session keeps what its reader chose: Streamlit forgets a component's own state while it is not on the page."""
_COLUMNS = {
    "name": Text("Run", "训练"),
    "algorithm": Text("Algorithm", "算法"),
    "family": Text("Tasks", "任务"),
    "curve": Text("Course", "过程"),
    "state": Text("State", "状态"),
    "result": Text("Test result ± CI95", "测试结果 ± CI95"),
    "duration": Text("Training", "训练用时"),
    "started": Text("Made", "创建"),
}
_FALLING = ("duration", "started", "curve")
"""Columns that a first click sorts from the greatest on."""
_WORDS = {
    "table": Text("Runs", "训练记录"),
    "all": Text("Choose all shown runs", "选择显示的全部训练"),
    "choose": Text("Choose", "选择"),
    "open": Text("Open in the playground", "在训练场中打开"),
}


def selected() -> list[str]:
    """The names of the chosen runs, in the order in which they were chosen."""
    return st.session_state.get(_CHOSEN, [])


def select(*runs: str) -> None:
    """Choose these runs, and no others, from the next drawing of the table on."""
    st.session_state[_CHOSEN] = list(runs)


def sort() -> str:
    """The column that the rows are sorted by, with a minus where from the greatest on."""
    return st.session_state.get(_SORT, _NEWEST)


def table(rows: Sequence[Row], chosen: Sequence[str], language: Language) -> None:
    """Draw the table, with the `chosen` runs marked. What its reader does comes back in `selected` and `sort`."""
    # No list or dictionary within the data: of one Streamlit asks pandas whether it is a table (ui/feed.py).
    columns = ({"key": key, "label": label(language), "falling": key in _FALLING} for key, label in _COLUMNS.items())
    _COMPONENT(
        key=_KEY,
        data={
            "columns": tuple(columns),
            "rows": tuple(asdict(row) for row in rows),
            "selected": tuple(chosen),
            "sort": sort(),
            "words": json.dumps({name: text(language) for name, text in _WORDS.items()}),
        },
        on_selected_change=lambda: select(*st.session_state[_KEY].selected),
        on_sort_change=lambda: st.session_state.update({_SORT: st.session_state[_KEY].sort}),
    )
