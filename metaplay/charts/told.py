"""How sure a network is of each class of one query, inner step by inner step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text

EXPLAIN = Text(
    "Each panel is a network that looks at the same query. At inner step 0 it has not seen your examples; from left to right it "
    "takes one gradient step after another on them. The lines are the probabilities of the classes, which add up to 100 %: the "
    "bold one in colour is the class that wins in the end. ProtoNet takes no steps: its step 1 is the comparison with the "
    "classes' means. Each query is judged alone, by the batch statistics of your examples (ProtoNet's and some runs' are those of "
    "training), so its answer does not depend on your other queries. A network that was trained to tell more classes apart than "
    "you drew adapts with all its outputs; those of your classes share the 100 %.",
    "每个小图是一个网络对同一个查询的判断。内层步 0 时它还没见过你的样本；从左到右，它在这些样本上一步步做梯度下降。"
    "各条线是每个类别的概率，总和为 100 %：加粗的彩色线是最终胜出的类别。ProtoNet 不走梯度步：它的第 1 步就是与各类均值比较。"
    "每个查询单独判断，批归一化使用你所画样本的统计量（ProtoNet 和部分训练使用训练时的统计量），因此结果与其他查询无关。"
    "如果网络训练时区分的类别比你画的多，它会用全部输出进行适应；概率只在你画的类别之间分配。",
)
_PROBABILITY = Text("probability", "概率")
_ALT = Text(
    "{name}: from {first:.0%} at inner step 0 the probability of {letter} goes to {last:.0%} after {steps} steps.",
    "{name}：{letter} 的概率从内层步 0 的 {first:.0%} 变为 {steps} 步后的 {last:.0%}。",
)
_APART = 0.1
"""Probabilities nearer to each other have no room for two names."""

Probabilities = np.ndarray[Any, np.dtype[np.floating[Any]]]


def told(
    probabilities: Probabilities, names: Sequence[str], algorithm: str, language: Language, theme: Theme
) -> go.Figure:
    """Probabilities [K + 1, W] of the classes `names` against the inner step, as a network of `algorithm` gives them.

    Other probabilities change the points of traces and nothing else, which the page shows at once (ui/live_plot.js).
    """
    winner = int(probabilities[-1].argmax())
    last = len(probabilities) - 1
    steps = list(range(last + 1))
    traces = [_line(steps, probabilities[:, label], name) for label, name in enumerate(names)]
    traces += [
        _winner(steps, probabilities[:, winner], algorithm),
        _letters(probabilities[-1], names, last, theme),
    ]
    return style.made(
        {
            "data": traces,
            "layout": style.layout(
                "told",
                "",
                History(),
                theme,
                margin={"l": 44, "r": 46, "t": 8, "b": 36},
                showlegend=False,
                xaxis=style.axis(
                    style.INNER_STEP(language),
                    range=[-0.03 * last, 1.08 * last],
                    tickformat="d",
                    nticks=min(last + 1, 6),
                    zeroline=False,
                    fixedrange=True,
                ),
                yaxis=style.axis(_PROBABILITY(language), fixedrange=True, **style.PERCENT),
            ),
        }
    )


def alt(probabilities: Probabilities, names: Sequence[str], name: str, language: Language) -> str:
    """The chart in one sentence."""
    winner = int(probabilities[-1].argmax())
    return _ALT.fill(
        name=name,
        letter=names[winner],
        first=probabilities[0, winner],
        last=probabilities[-1, winner],
        steps=len(probabilities) - 1,
    )(language)


def _line(steps: list[int], values: Probabilities, name: str) -> dict[str, Any]:
    return {
        "type": "scatter",
        "uid": name,
        "name": name,
        "x": steps,
        "y": style.numbers(values.astype(float)),
        "mode": "lines",
        "line": {"color": style.GREY, "width": 1.5},
        "hovertemplate": "%{y:.1%}",
    }


def _winner(steps: list[int], values: Probabilities, algorithm: str) -> dict[str, Any]:
    """Over the line of the class that wins."""
    look = ALGORITHMS[algorithm]
    return {
        "type": "scatter",
        "uid": "winner",
        "x": steps,
        "y": style.numbers(values.astype(float)),
        "mode": "lines+markers",
        "line": {"color": look.colour, "width": 3},
        "marker": {"symbol": look.symbol, "size": 7},
        "hoverinfo": "skip",
    }


def _letters(last: Probabilities, names: Sequence[str], step: int, theme: Theme) -> dict[str, Any]:
    """The classes' names at the ends of their lines; those that would lie on each other share the place of the first."""
    groups: list[list[int]] = []
    for label in np.argsort(-last, kind="stable").tolist():
        if groups and last[groups[-1][0]] - last[label] < _APART:
            groups[-1].append(label)
        else:
            groups.append([label])
    winner = groups[0][0]
    texts = [" ".join(f"<b>{names[label]}</b>" if label == winner else names[label] for label in one) for one in groups]
    rest = len(names) - len(groups)
    return {
        "type": "scatter",
        "uid": "letters",
        "x": [step] * len(names),
        "y": style.numbers([float(last[group[0]]) for group in groups] + [float(last[winner])] * rest),
        "text": [f"  {text}" for text in texts] + [""] * rest,
        "mode": "text",
        "textposition": "middle right",
        "textfont": {"size": 13, "color": style.ink(theme)},
        "cliponaxis": False,
        "hoverinfo": "skip",
    }
