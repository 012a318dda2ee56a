"""A matrix: runs by the family that they learnt, against the families that they are tested on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.registry import FAMILIES
from metaplay.text import Language, Text
from metaplay.walks import Crossed

TITLE = Text("Does what was learnt carry over?", "学到的能力能迁移吗？")
EXPLAIN = Text(
    "Each row is a run, each column a family of tasks. The run adapts to {tasks} test tasks of that family, of as many classes and "
    "examples as it was trained with, and the cell says how often it is right afterwards, with the 95 % confidence interval over "
    "the tasks. The framed cell is the family that it was trained on; everywhere else it meets not only new classes but another "
    "kind of image or sentence. The tasks are those of the family's test split, the same for every run; where that split has too "
    "few classes (marked *), of all its classes, as the run was trained on none of them. An empty cell: the run cannot take such "
    "tasks. Queries are judged together or alone as the run was trained: point at a cell to see which.",
    "每行是一次训练，每列是一个任务族。训练所得的模型在该任务族的 {tasks} 个测试任务上适应，类别数与样本数与训练时相同；格子里是适应后的正确率及其"
    "在任务上的 95% 置信区间。带框的格子是它训练时的任务族；在其他格子里，它不仅面对新类别，还面对另一种图像或文本。测试任务来自该任务族的测试划分，"
    "对每次训练都相同；若该划分类别太少（标有 *），则取自全部类别，因为这次训练没有用过其中任何一个。空格子表示无法接受这类任务。查询是一起判断还是"
    "单独判断与训练时一致：指向格子即可看到。",
)
_ON = Text("tested on", "测试于")
_TOGETHER, _ALONE = Text("transductive", "直推"), Text("each query alone", "逐个查询")
_CELL = Text(
    "{row}<br>tested on {family}: {figure}<br>{tasks} tasks of {classes} classes, {manner}",
    "{row}<br>测试于 {family}：{figure}<br>{classes} 个类别的 {tasks} 个任务，{manner}",
)
_ALT = Text("{row} on {family}: {figure}", "{row}，测试于 {family}：{figure}")
_NOTHING = Text("Nothing was measured yet.", "尚未测量。")


@dataclass(frozen=True)
class Row:
    """A run in the matrix: its `name`, the `family` that it was trained on, and what came of each family it was tested on."""

    name: str
    family: str
    cells: dict[str, Crossed]

    @property
    def whole(self) -> str:
        """Both in one line."""
        return f"{self.name} · {FAMILIES[self.family].label}"


def matrix(rows: Sequence[Row], families: Sequence[str], language: Language, theme: Theme) -> go.Figure:
    """Accuracies of the rows on the families, as a heat map that says its numbers."""
    found = [[row.cells.get(family) for family in families] for row in rows]
    trace = {
        "type": "heatmap",
        "uid": "crossed",
        "z": [[cell and cell.mean for cell in row] for row in found],
        "text": [[_figure(cell, "<br>") if cell else "" for cell in row] for row in found],
        "customdata": [[_pointed(row, family, language) for family in families] for row in rows],
        "zmin": 0,
        "zmax": 1,
        "colorscale": style.SCALE,
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
        "texttemplate": "%{text}",
        "hovertemplate": "%{customdata}<extra></extra>",
        "hoverongaps": False,
    }
    layout = style.layout("crossed", TITLE(language), History(), theme, shapes=_frames(rows, families, theme))
    layout["margin"] = {**layout["margin"], "l": 8, "b": 48}
    ticks = {"showgrid": False, "zeroline": False, "fixedrange": True}
    labels = [FAMILIES[family].label for family in families]
    layout["xaxis"] = style.axis(_ON(language), tickvals=list(range(len(families))), ticktext=labels, **ticks)
    names = [f"{style.literal(row.name)}<br>{FAMILIES[row.family].label}" for row in rows]
    layout["yaxis"] = style.axis("", tickvals=list(range(len(rows))), ticktext=names, autorange="reversed", **ticks)
    return style.made({"data": [trace], "layout": layout})


def alt(rows: Sequence[Row], language: Language) -> str:
    """The matrix in words."""
    told = [
        _ALT.fill(row=row.whole, family=FAMILIES[family].label, figure=_figure(cell))(language)
        for row in rows
        for family, cell in row.cells.items()
    ]
    return "; ".join(told) or _NOTHING(language)


def _figure(cell: Crossed, between: str = " ") -> str:
    return f"{100 * cell.mean:.1f} %{between}± {100 * cell.ci95:.1f}{' *' if cell.undivided else ''}"


def _pointed(row: Row, family: str, language: Language) -> str:
    cell = row.cells.get(family)
    if cell is None:
        return ""
    return _CELL.fill(
        row=row.whole,
        family=FAMILIES[family].label,
        figure=_figure(cell),
        tasks=cell.tasks,
        classes=cell.classes,
        manner=(_TOGETHER if cell.transductive else _ALONE)(language),
    )(language)


def _frames(rows: Sequence[Row], families: Sequence[str], theme: Theme) -> list[dict[str, Any]]:
    """A frame around each run's own family."""
    line = {"color": style.ink(theme), "width": 2}
    places = [(families.index(row.family), y) for y, row in enumerate(rows) if row.family in families]
    return [
        {"type": "rect", "x0": x - 0.5, "x1": x + 0.5, "y0": y - 0.5, "y1": y + 0.5, "line": line} for x, y in places
    ]
