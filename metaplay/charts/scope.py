"""Out-of-scope queries after a run: how sure it is of them and of the others, and where "none of these" begins."""

from typing import Any

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.events import Rejection
from metaplay.history import History
from metaplay.text import Language, Text

TITLE = Text("How sure it is, in scope and out of scope", "范围内与范围外：它有多确定")
EXPLAIN = Text(
    "Each task is also asked sentences that are of none of its intents. A network always names one of its intents, so the only way to "
    "say “none of these” is to be unsure: below the dashed line, a probability that was chosen on validation tasks, an answer is "
    "rejected. Upwards are the queries of the task's own intents, downwards (hatched) those out of scope. A good network has the one on "
    "the right of the line and the other on its left; what lies on the wrong side is said wrong. AUROC is how often an in-scope query "
    "has the higher probability of the two: 0.5 is guessing.",
    "每个任务还会被问到不属于其任何意图的句子。网络总会给出某个意图，因此只有“不确定”才能表示“都不是”：概率低于虚线（阈值在验证任务上选定）的回答"
    "会被拒绝。向上是属于该任务意图的查询，向下（斜线）是超范围的查询。好的网络应让前者在线的右侧、后者在左侧；落在错误一侧的就是错判。"
    "AUROC 表示范围内查询的概率高于范围外查询的频率：0.5 等于瞎猜。",
)
_STEPS = (0.05, 0.1, 0.2, 0.25, 0.5)
"""How far apart the lines of the shares may be."""
_INSIDE, _OUTSIDE = Text("in scope", "范围内"), Text("out of scope", "超范围")
_SCORE, _SHARE = Text("probability of the most likely intent", "最可能意图的概率"), Text("share of queries", "查询占比")
_THRESHOLD = Text("none of these below {at:.2f}", "低于 {at:.2f}：都不是")
_PENDING = Text("Asked when the run has ended", "训练结束时提问")


def scores(history: History, language: Language, theme: Theme) -> go.Figure:
    """Two histograms back to back over the probability of the most likely class, and the threshold."""
    found = _found(history)
    layout = style.layout("scope", TITLE(language), history, theme, bargap=0.06, barmode="relative")
    if found is None:
        figure = style.waiting("scope", TITLE(language), history, language, theme)
        if not history.ended:
            figure.update_annotations(text=_PENDING(language))
        return figure
    hatched = {"color": "rgba(0,0,0,0)", "line": {"color": style.GREY, "width": 1.5}}
    hatched |= {"pattern": {"shape": "/", "fgcolor": style.GREY, "size": 6, "solidity": 0.25}}
    up = _bars("inside", _INSIDE(language), found.inside, 1, {"color": style.colour(history)})
    down = _bars("outside", _OUTSIDE(language), found.outside, -1, hatched)
    highest = max(map(abs, (*up["y"], *down["y"])))
    apart = next(step for step in _STEPS if 2.4 * step >= highest)
    ticks = [place * apart for place in (-2, -1, 0, 1, 2)]
    layout["xaxis"] = style.axis(_SCORE(language), range=[0, 1], tickformat=".1f", zeroline=False, fixedrange=True)
    layout["yaxis"] = style.axis(
        _SHARE(language),
        range=[-1.2 * highest, 1.2 * highest],
        tickvals=ticks,
        ticktext=[f"{abs(tick):.0%}" for tick in ticks],
        fixedrange=True,
    )
    layout["shapes"], layout["annotations"] = _threshold(found.threshold, language, theme)
    return style.made({"data": [up, down], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The histograms in one sentence."""
    found = _found(history)
    if found is None:
        return (style.NOTHING if history.ended else _PENDING)(language)
    return Text(
        "Below a probability of {at:.2f}, {rejected:.0%} of the out-of-scope queries are rejected; {kept:.0%} of the others are kept and right. AUROC {auroc:.2f}.",
        "概率低于 {at:.2f} 时，{rejected:.0%} 的超范围查询被拒绝；其余查询有 {kept:.0%} 被保留且判断正确。AUROC {auroc:.2f}。",
    ).fill(at=found.threshold, rejected=found.rejected[0], kept=found.kept[0], auroc=found.auroc[0])(language)


def _bars(key: str, name: str, counts: list[int], way: int, marker: dict[str, Any]) -> dict[str, Any]:
    """The counts as shares, upwards (`way` 1) or downwards (-1)."""
    width, total = 1 / len(counts), max(sum(counts), 1)
    shares = [count / total for count in counts]
    return {
        "type": "bar",
        "uid": key,
        "name": name,
        "x": [(place + 0.5) * width for place in range(len(counts))],
        "width": width,
        "y": [way * share for share in shares],
        "marker": marker,
        "customdata": [f"{share:.1%}" for share in shares],
        "hovertemplate": "%{x:.3f}: %{customdata}",
    }


def _threshold(at: float, language: Language, theme: Theme) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The dashed line, and its words on the side where there is room."""
    place = {"xref": "x", "yref": "paper"}
    line = {"type": "line", "x0": at, "x1": at, "y0": 0, "y1": 1, "line": {"color": style.ink(theme), "dash": "dash"}}
    label = {
        "x": at,
        "y": 1,
        "text": _THRESHOLD.fill(at=at)(language),
        "showarrow": False,
        "yanchor": "top",
        "xshift": 4,
    }
    if at > 0.5:
        label |= {"xanchor": "right", "xshift": -4}
    else:
        label |= {"xanchor": "left"}
    return [{**line, **place}], [{**label, **place}]


def _found(history: History) -> Rejection | None:
    """The run's own, of its last test."""
    tested = [one.rejection for one in history.evaluated if one.split == "test" and one.rejection]
    return tested[-1][0] if tested else None
