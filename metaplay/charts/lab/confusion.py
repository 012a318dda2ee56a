"""Which class is taken for which after an inner step."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.lab.shown import Shown, axis_key, layout, panels
from metaplay.charts.style import Theme
from metaplay.text import Language, Text
from metaplay.walks import ImageWalk

TITLE = Text("Which class is taken for which", "哪个类别被认成了哪个")
EXPLAIN = Text(
    "Rows are the true classes of the queries, columns what the network takes them for after the inner step shown. Counts on the "
    "diagonal are right. Before adaptation a meta-learned network often gives one answer to everything: it cannot know yet "
    "which label stands for which class.",
    "行是查询样本的真实类别，列是所示内层步之后网络的判断。对角线上的是判断正确的数量。适应之前，元学习的网络往往对所有样本给出同一个答案："
    "它还不可能知道哪个标签代表哪个类别。",
)
_TRUE, _PREDICTED = Text("true class", "真实类别"), Text("taken for", "被认作")
_ALT = Text(
    "{name}: after inner step {step}, {right} of {total} queries are given their true class.",
    "{name}：第 {step} 个内层步后，{total} 个查询样本中有 {right} 个判断正确。",
)


def confusion(found: Sequence[Shown[ImageWalk]], step: int, language: Language, theme: Theme) -> go.Figure:
    """Counts of queries by true class (down) and predicted class (across), a heat map a walk."""
    axes, names = panels(found, theme)
    drawn = layout("lab-confusion", TITLE(language), theme, len(found))
    drawn |= {"annotations": names, "showlegend": False}
    drawn["margin"] = {**drawn["margin"], "t": 64 if names else 40, "b": 48}
    for x, y, share in axes:
        ticks = {"type": "category", "showgrid": False, "fixedrange": True, "constrain": "domain"}
        drawn[axis_key(x)] = style.axis(_PREDICTED(language), domain=share, anchor=y, **ticks)
        title = _TRUE(language) if x == "x" else ""
        drawn[axis_key(y)] = style.axis(title, autorange="reversed", scaleanchor=x, anchor=x, **ticks)
    traces = [_map(shown.walk, step, x, y) for shown, (x, y, _) in zip(found, axes, strict=True)]
    return style.made({"data": traces, "layout": drawn})


def alt(found: Sequence[Shown[ImageWalk]], step: int, language: Language) -> str:
    """The maps in a sentence a walk."""
    return " ".join(
        _ALT.fill(
            name=shown.name,
            step=shown.walk.at(step),
            right=round(shown.walk.query.right(shown.walk.at(step)) * len(shown.walk.query.labels)),
            total=len(shown.walk.query.labels),
        )(language)
        for shown in found
    )


def counts(walk: ImageWalk, step: int) -> Any:
    """Queries [true class][predicted class] after an inner step."""
    pairs = walk.query.labels * walk.way + walk.query.predicted(walk.at(step))
    return np.bincount(pairs, minlength=walk.way**2).reshape(walk.way, walk.way)


def _map(walk: ImageWalk, step: int, x: str, y: str) -> dict[str, Any]:
    found = counts(walk, step)
    labels = [str(label + 1) for label in range(walk.way)]
    return {
        "type": "heatmap",
        "uid": f"confusion-{x}",
        "xaxis": x,
        "yaxis": y,
        "x": labels,
        "y": labels,
        "z": found.tolist(),
        "zmin": 0,
        "zmax": int(found.sum(1).max()),
        "colorscale": style.SCALE,
        "showscale": False,
        "xgap": 1,
        "ygap": 1,
        "texttemplate": "%{z}" if walk.way <= 10 else "",
        "hovertemplate": "%{y} → %{x}: %{z}<extra></extra>",
    }
