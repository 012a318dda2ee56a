"""Per-class pictures of the watched classification task: which classes it gets right, and which it takes for which."""

from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.bars import pairs
from metaplay.charts.style import Theme
from metaplay.events import Probe, ProbeTask
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("Right answers per class, before and after", "每类正确率：适应前后")
EXPLAIN = Text(
    "One held-out task, watched during the whole run: its classes were never used in training. Each pair of bars shows how "
    "many new examples of that class are recognised before (grey) and after (coloured) the network adapts to the "
    "few that it is given (of images, one is shown below the bars). The dotted line is what guessing would get.",
    "整个训练过程中观察的同一个留出任务：其中的类别从未用于训练。每对柱子表示该类别的新样本在网络适应给定的少量示例之前（灰色）"
    "和之后（彩色）被认出的比例（若是图像，柱子下方显示一个示例）。虚线是随机猜测的水平。",
)
CONFUSION_TITLE = Text("Which class is taken for which", "哪个类别被认成了哪个")
CONFUSION_EXPLAIN = Text(
    "Rows are the true classes of the watched task, columns what the adapted network takes them for. Counts on the diagonal "
    "are right answers; a bright cell off it is a pair that looks alike to the network.",
    "行是所观察任务的真实类别，列是适应后网络的判断。对角线上的数字是正确答案；对角线外较亮的格子是网络觉得相似的一对。",
)
_LONGEST = 20
"""Letters of a class's name below its bars."""
_SLANTED = 12
"""Names of so many classes have room when slanted; of more they stand upright."""
_CLASS = Text("class", "类别")
_TRUE, _PREDICTED = Text("true class", "真实类别"), Text("taken for", "被认作")


def class_accuracy(history: History, language: Language, theme: Theme) -> go.Figure:
    """Accuracy on the query set of the watched task, a pair of bars a class, the class's support picture below."""
    task, probe = history.task, _latest(history)
    if task is None or probe is None:
        return style.waiting("classes", TITLE(language), history, language, theme)
    way = len(probe.class_accuracy[0])
    names = [*map(style.literal, task.names)] or [str(label + 1) for label in range(way)]
    traces = pairs(history, list(range(way)), probe.class_accuracy, names, ".0%", language)
    shape, label = style.chance_line(way, language, beside=True)
    layout = style.layout(
        "classes", TITLE(language), history, theme, annotations=[label], bargap=0.25, bargroupgap=0.08
    )
    layout |= _pictures(task.pictures, shape)
    layout["margin"] = {**layout["margin"], "r": 52, "b": _room_below(task)}
    layout["xaxis"] = _class_axis(task, way, _CLASS(language))
    layout["yaxis"] = style.axis(style.ACCURACY(language), fixedrange=True, **style.PERCENT)
    return style.made({"data": traces, "layout": layout})


def alt(history: History, language: Language) -> str:
    """The bars in one sentence."""
    probe = _latest(history)
    if probe is None:
        return style.WAITING(language)
    before, after = (sum(values) / len(values) for values in (probe.class_accuracy[0], probe.class_accuracy[-1]))
    percents = ", ".join(f"{value:.0%}" for value in probe.class_accuracy[-1])
    return Text(
        "At meta-step {step}, accuracy on the watched task is {before:.0%} before adaptation and {after:.0%} after; per class: {percents}.",
        "在第 {step} 个元步，所观察任务的正确率在适应前为 {before:.0%}，适应后为 {after:.0%}；各类：{percents}。",
    ).fill(step=probe.step, before=before, after=after, percents=percents)(language)


def confusion(history: History, language: Language, theme: Theme) -> go.Figure:
    """Counts [true class][predicted class] of the watched task's queries after the last inner step, as a heat map."""
    task, probe = history.task, _latest(history)
    if task is None or probe is None or not probe.confusion:
        return style.waiting("confusion", CONFUSION_TITLE(language), history, language, theme)
    way = len(probe.confusion)
    labels = [*map(style.literal, task.names)] if task.queries else _numbers(way)
    trace = {
        "type": "heatmap",
        "uid": "confusion",
        "x": labels,
        "y": labels,
        "z": probe.confusion,
        "zmin": 0,
        "zmax": max(sum(row) for row in probe.confusion),
        "colorscale": style.SCALE,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "texttemplate": "%{z}" if way <= 10 else "",
        "hovertemplate": "%{y} → %{x}: %{z}<extra></extra>",
    }
    layout = style.layout("confusion", CONFUSION_TITLE(language), history, theme)
    layout["margin"] = {**layout["margin"], "b": 48}
    ticks = {"type": "category", "showgrid": False, "fixedrange": True, "constrain": "domain"}
    layout["xaxis"] = style.axis(_PREDICTED(language), **ticks)
    layout["yaxis"] = style.axis(_TRUE(language), autorange="reversed", scaleanchor="x", **ticks)
    return style.made({"data": [trace], "layout": layout})


def confusion_alt(history: History, language: Language) -> str:
    """The heat map in one sentence."""
    probe = _latest(history)
    if probe is None or not probe.confusion:
        return style.WAITING(language)
    right, total = sum(row[label] for label, row in enumerate(probe.confusion)), sum(map(sum, probe.confusion))
    return Text(
        "At meta-step {step}, {right} of {total} queries of the watched task are given their true class.",
        "在第 {step} 个元步，所观察任务的 {total} 个查询样本中有 {right} 个判断正确。",
    ).fill(step=probe.step, right=right, total=total)(language)


def _latest(history: History) -> Probe | None:
    probe = history.probes[-1] if history.probes else None
    return probe if probe and probe.class_accuracy else None


def _class_axis(task: ProbeTask, way: int, title: str) -> dict[str, Any]:
    """Classes 0..way-1, below them their names slanted, of text, or numbers. Nothing to zoom into."""
    texts, angle = (_short(task), -45 if way <= _SLANTED else -90) if task.queries else (_numbers(way), 0)
    labels = {"tickvals": list(range(way)), "ticktext": texts, "tickangle": angle, "tickfont": {"size": 10}}
    axis = style.axis(title, range=[-0.5, way - 0.5], showgrid=False, zeroline=False, fixedrange=True, **labels)
    if task.pictures:
        axis |= {"showticklabels": False, "title": {"text": title, "standoff": 52}, "automargin": False}
    return axis


def _short(task: ProbeTask) -> list[str]:
    """The names, none longer than there is room for; pointed at, a bar says the whole name."""
    return [style.literal(name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…") for name in task.names]


def _room_below(task: ProbeTask) -> int:
    """Pixels for what is below the bars, and the legend."""
    if task.queries:
        return 64 + 4 * max(map(len, _short(task)))
    return 112 if task.pictures else 88


def _numbers(way: int) -> list[str]:
    return [str(label + 1) for label in range(way)]


def _pictures(pictures: list[str], chance: dict[str, Any]) -> dict[str, Any]:
    """The drawn characters under the axis, each on a white tile, for either theme; and the line of chance."""
    top, height, width = -0.03, 0.2, 0.84
    images, shapes = [], [chance]
    for label, source in enumerate(pictures):
        place = {"xref": "x", "yref": "paper"}
        image = {"source": source, "x": label, "y": top, "sizex": width, "sizey": height, "xanchor": "center"}
        images.append({**image, "yanchor": "top", "sizing": "contain", "layer": "above", **place})
    return {"images": images, "shapes": shapes}
