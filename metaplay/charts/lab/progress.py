"""What each inner step gains on the task: error or accuracy of its queries and of its support set."""

from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown, inner_steps, layout, step_mark
from metaplay.charts.style import Theme
from metaplay.charts.trajectory import trained_mark
from metaplay.text import Language, Text
from metaplay.walks import Array, ImageWalk, Walked

TITLE = Text("What each inner step gains on this task", "每个内层步在这个任务上的收获")
EXPLAIN = Text(
    "The bold line is what counts: the queries, which the network never adapts to. The dotted line is its support set, which every "
    "inner step makes it better at; where the two part, it learns its examples by heart. The upright line is the step that all "
    "figures of this page show. One task says little about a run: its average over hundreds of tasks is on the playground.",
    "粗线是真正重要的：查询样本，网络从不对它们做适应。点线是支持集，每个内层步都让网络在其上更好；两线分开之处，网络在死记样本。"
    "竖线是本页所有图所显示的步。单个任务不足以评价一次训练：数百个任务上的平均见训练场。",
)
_SUPPORT = Text("{name}: support set", "{name}：支持集")
_ALT = Text(
    "{name}: {unit} of the queries {first:.3g} before adaptation, {now:.3g} after inner step {step}, {last:.3g} after inner step {end}.",
    "{name}：查询样本的{unit}在适应前为 {first:.3g}，第 {step} 个内层步后为 {now:.3g}，第 {end} 步后为 {last:.3g}。",
)


def progress(found: Sequence[Shown[Walked]], step: int, language: Language, theme: Theme) -> go.Figure:
    """Accuracy (or mean squared error, for a curve) against the inner step, with a mark at `step`."""
    first = found[0].walk
    last = max(shown.walk.last for shown in found)
    drawn = layout("lab-progress", TITLE(language), theme, last)
    drawn["xaxis"] = inner_steps(last, language)
    marks, labels = trained_mark(first.trained, last, language) if first.trained is not None else ([], [])
    if isinstance(first, ImageWalk):
        drawn["yaxis"] = style.axis(style.ACCURACY(language), fixedrange=True, **style.PERCENT)
        line, label = style.chance_line(first.way, language)
        marks, labels = [*marks, line], [*labels, label]
    else:
        values = [value for shown in found for value in _values(shown.walk)]
        drawn["yaxis"] = style.error_axis(style.ERROR(language), drawn, *values)
    marks.append(step_mark(step, theme))
    traces = [trace for shown in found for trace in _lines(shown, step, language)]
    return style.made({"data": traces, "layout": {**drawn, "shapes": marks, "annotations": labels}})


def alt(found: Sequence[Shown[Walked]], step: int, language: Language) -> str:
    """The figure in a sentence a walk."""
    told = []
    for shown in found:
        query, _ = _values(shown.walk)
        unit = style.ACCURACY if isinstance(shown.walk, ImageWalk) else style.ERROR
        at = shown.walk.at(step)
        values = {"first": query[0], "now": query[at], "last": query[-1]}
        told.append(_ALT.fill(name=shown.name, unit=unit(language), step=at, end=shown.walk.last, **values)(language))
    return " ".join(told)


def _values(walk: Walked) -> tuple[list[float] | Array, list[float] | Array]:
    """Of queries and support set, after each step."""
    if isinstance(walk, ImageWalk):
        return walk.accuracies(), [walk.support.right(step) for step in range(walk.last + 1)]
    return walk.query_loss, walk.support_loss


def _lines(shown: Shown[Walked], step: int, language: Language) -> list[dict[str, Any]]:
    query, support = _values(shown.walk)
    steps, at = list(range(shown.walk.last + 1)), shown.walk.at(step)
    key = "second" if shown.second else "first"
    line = {"type": "scatter", "x": steps}
    marker = {"symbol": shown.symbol, "size": 7, "color": shown.colour}
    thin = {"color": shown.colour, "width": 1.5, "dash": "dot"}
    return [
        {
            **line,
            "uid": f"{key}-support",
            "name": _SUPPORT.fill(name=shown.name)(language),
            "y": style.numbers(support),
            "mode": "lines",
            "line": thin,
            "opacity": 0.7,
        },
        {
            **line,
            "uid": f"{key}-query",
            "name": shown.name,
            "y": style.numbers(query),
            "mode": "lines+markers",
            "line": {"color": shown.colour, "width": 3, "dash": shown.dash},
            "marker": marker,
        },
        {
            "type": "scatter",
            "uid": f"{key}-now",
            "x": [at],
            "y": style.numbers([query[at]]),
            "mode": "markers",
            "marker": {**marker, "size": 14},
            "showlegend": False,
            "hoverinfo": "skip",
        },
    ]
