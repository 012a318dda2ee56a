"""The figures of a race: results along meta-steps, seconds or gradients; sure differences; a sweep side by side."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.runners import Along, Runner, Standing, standings
from metaplay.charts.style import Theme
from metaplay.config import control
from metaplay.text import Language, Text

Panel = tuple[int, list[Runner]]
"""A value of the field that a sweep goes over, and the runs that have it."""

TITLES: dict[Along, Text] = {
    "step": Text("Who learns most from each meta-step?", "每个元步谁学得最多？"),
    "seconds": Text("Who is fastest on this machine?", "在这台机器上谁最快？"),
    "gradients": Text("Who makes the most of each gradient?", "每次梯度计算谁用得最好？"),
}
_AXES: dict[Along, Text] = {
    "step": style.META_STEP,
    "seconds": Text("seconds of its own training", "自身训练的秒数"),
    "gradients": Text("gradient evaluations", "梯度计算次数"),
}
EXPLAIN: dict[Along, Text] = {
    "step": Text(
        "The same fixed held-out tasks, which nobody trains on, are adapted to by every run after its last inner step at test. "
        "All runs meet the same training tasks in the same order, so that luck with the tasks favours nobody. The shaded range "
        "is the 95 % confidence interval of the mean over the tasks. What does not meta-train is a level line.",
        "每次训练都在同一组固定的留出任务上适应（没有任何训练使用它们），取测试时最后一个内层步之后的结果。所有训练以相同的顺序面对相同的"
        "训练任务，因此任务的运气不会偏向任何一方。阴影是任务均值的 95% 置信区间。不做元训练的方法是一条水平线。",
    ),
    "seconds": Text(
        "The same results against the seconds that each run's own meta-steps took. The runs take turns on one worker, a "
        "meta-step each, and a run's clock stands still while it is another's turn: what else the machine does slows all alike.",
        "同样的结果，横轴为各训练自身元步所用的秒数。各训练在同一个工作进程中轮流走一个元步，轮到别人时自己的时钟停止："
        "机器上的其他负载对大家的影响相同。",
    ),
    "gradients": Text(
        "The same results against the number of gradients computed, which is the same on every machine. One is a backward pass "
        "over one set of examples of one task. With K inner steps, a task costs MAML 2K + 1: K inner gradients, a pass back "
        "through each of them, and one of the query loss. First-order MAML costs K + 1, Reptile K, ProtoNet and joint training "
        "1, training from scratch nothing. MAML++ pays for each query loss that it counts; gradients of the last layer alone "
        "(ANIL) or of the context (CAVIA) count as whole ones, although they are cheaper.",
        "同样的结果，横轴为梯度计算次数，它在任何机器上都相同。一次指对一个任务的一组样本做一次反向传播。若有 K 个内层步，MAML 每个任务"
        "需要 2K + 1 次：K 次内层梯度、对每个内层梯度再反向一次，以及一次查询损失的梯度。一阶 MAML 为 K + 1，Reptile 为 K，"
        "ProtoNet 与联合训练为 1，从零训练为 0。MAML++ 按计入的每个查询损失计费；只对最后一层（ANIL）或上下文（CAVIA）求的梯度"
        "虽然更便宜，也按整次计算。",
    ),
}
DIFFERENCE_TITLE = Text("Is the lead over {first} sure?", "相对 {first} 的差距可靠吗？")
DIFFERENCE_EXPLAIN = Text(
    "Each bar is a run's result minus the first run's, taken task by task and averaged; the whisker is the 95 % confidence "
    "interval of that mean, 1.96 · std / √n. Tasks that are hard for one are hard for all, so differences vary much less than "
    "results. Where the whisker crosses the line, the tasks cannot tell the two apart. While the race goes on these are the "
    "probe tasks; at its end, the test tasks.",
    "每根柱子是一次训练的结果减去第一个的结果：逐任务相减再取平均；须线是该均值的 95% 置信区间 1.96 · std / √n。对一方难的任务对大家都难，"
    "因此差值的波动远小于结果本身。须线跨过零线时，这些任务还分不出两者的高下。竞赛进行时用探测任务，结束后用测试任务。",
)
SWEEP_EXPLAIN = Text(
    "One point a run: its result on the latest held-out tasks, with the 95 % confidence interval, against the value that the "
    "sweep changes. At one value all algorithms meet the same tasks; from value to value the tasks differ.",
    "每个点是一次训练：它在最近一次留出任务上的结果及 95% 置信区间，横轴为扫描所改变的值。同一个值下各算法面对相同的任务；不同的值之间任务不同。",
)
_MINUS = {
    "accuracy": Text("accuracy minus {first}'s (better →)", "正确率与 {first} 之差（→ 更好）"),
    "mse": Text("(← better) mean squared error minus {first}'s", "（← 更好）均方误差与 {first} 之差"),
    "return": Text("(← better) minus the return, less {first}'s", "（← 更好）负回报与 {first} 之差"),
}


def curves(
    field: Sequence[Runner], along: Along, language: Language, theme: Theme, title: str = "", frame: Any = None
) -> go.Figure:
    """Results on the probe tasks after the last inner step, along an axis. `frame` is the range of results, where panels share one."""
    key, title = f"race-{along}", title or TITLES[along](language)
    if not any(runner.history.probes for runner in field):
        return style.waiting(key, title, field[0].history, language, theme)
    layout = style.layout(key, title, field[0].history, theme)
    end = max((place for runner in field for place in runner.places(along)), default=1) or 1
    traces = [trace for runner in field for trace in _line(runner, along, end)]
    layout["xaxis"] = style.axis(_AXES[along](language), rangemode="tozero", tickformat="~s" if end >= 10_000 else "")
    layout["yaxis"] = _result_axis(field, language, layout, frame)
    if field[0].classifies:
        shape, label = style.chance_line(field[0].config.way, language)
        task = field[0].history.task
        floor, named = style.floor_line(task.floor if task else None)
        layout |= {"shapes": [shape, *floor], "annotations": [label, *named]}
    return style.made({"data": traces, "layout": layout})


def alt(field: Sequence[Runner], along: Along, language: Language) -> str:
    """The curves in a sentence: where every runner stands."""
    told = [
        f"{runner.name} {runner.result(runner.history.probes[-1])[0]:.3g} ({_rounded(runner.places(along)[-1])})"
        for runner in field
        if runner.history.probes
    ]
    if not told:
        return style.WAITING(language)
    return Text(
        "Latest {result} on held-out tasks, and in brackets the {axis}: {told}.",
        "留出任务上最新的{result}，括号内为{axis}：{told}。",
    ).fill(result=field[0].unit(language), axis=_AXES[along](language), told=", ".join(told))(language)


def _rounded(value: float) -> str:
    """At 4 significant digits; what is not finite, as a damaged log may have it, as what it is."""
    return f"{float(f'{value:.4g}'):g}"


def differences(field: Sequence[Runner], language: Language, theme: Theme) -> go.Figure:
    """Bars of every runner's difference to the first, task by task, with CI95."""
    first, found = field[0], _compared(field)
    title = DIFFERENCE_TITLE.fill(first=first.name)(language)
    if not found:
        return style.waiting("race-difference", title, first.history, language, theme)
    layout = style.layout("race-difference", title, first.history, theme, bargap=0.45, showlegend=False)
    layout["margin"] = {**layout["margin"], "b": 56}
    unit = _MINUS[first.metric].fill(first=first.name)(language)
    percent = {"tickformat": "+.0%"} if first.classifies else {}
    layout["xaxis"] = style.axis(unit, zeroline=False, **percent)
    layout["yaxis"] = style.axis("", autorange="reversed", type="category", showgrid=False, fixedrange=True)
    line = {"type": "line", "x0": 0, "x1": 0, "y0": 0, "y1": 1, "xref": "x", "yref": "paper"}
    layout["shapes"] = [{**line, "line": {"color": style.ink(theme), "width": 1.5}}]
    return style.made(
        {"data": [_bar(runner, standing, language, theme) for runner, standing in found], "layout": layout}
    )


def differences_alt(field: Sequence[Runner], language: Language) -> str:
    """The bars in a sentence."""
    found = _compared(field)
    if not found:
        return style.WAITING(language)
    told = [f"{runner.name} {standing.difference:+.3g} ± {standing.difference_ci95:.2g}" for runner, standing in found]
    return Text(
        "Difference in {result} to {first}, task by task, with its 95 % confidence interval: {told}.",
        "与 {first} 逐任务的{result}之差及 95% 置信区间：{told}。",
    ).fill(result=field[0].unit(language), first=field[0].name, told=", ".join(told))(language)


def sweep(panels: Sequence[Panel], name: str, language: Language, theme: Theme) -> go.Figure:
    """Latest results against the swept field, a line an algorithm."""
    first = panels[0][1][0]
    title = sweep_title(name, language)
    if not any(runner.history.probes for _, field in panels for runner in field):
        return style.waiting("race-sweep", title, first.history, language, theme)
    layout = style.layout("race-sweep", title, first.history, theme)
    values = [value for value, _ in panels]
    layout["xaxis"] = style.axis(control(name).label(language), tickvals=values, zeroline=False)
    everyone = [runner for _, field in panels for runner in field]
    layout["yaxis"] = _result_axis(everyone, language, layout, None)
    traces = [_swept(panels, place) for place in range(len(panels[0][1]))]
    return style.made({"data": traces, "layout": layout})


def sweep_title(name: str, language: Language) -> str:
    """What the figure of a sweep is called."""
    return Text("What changes with “{name}”", "“{name}”改变了什么").fill(name=control(name).label(language))(language)


def sweep_alt(panels: Sequence[Panel], name: str, language: Language) -> str:
    """The figure of a sweep in a sentence."""
    told = [
        f"{control(name).label(language)} {value}, {runner.name}: {runner.result(runner.history.probes[-1])[0]:.3g}"
        for value, field in panels
        for runner in field
        if runner.history.probes
    ]
    return "; ".join(told) or style.WAITING(language)


def frame(everyone: Sequence[Runner]) -> tuple[float, float]:
    """Least and greatest result of all these runners so far, the range that panels of errors share: above nought, if none is below."""
    series = [[runner.result(probe)[0] for probe in runner.history.probes] for runner in everyone]
    least = min((value for values in series for value in values if value < 0), default=None)
    low, high = style.spread(*series)
    return (low, high) if least is None else (least, max(high, 0.0))


def _result_axis(field: Sequence[Runner], language: Language, layout: dict[str, Any], shared: Any) -> dict[str, Any]:
    unit = field[0].unit(language)
    if field[0].classifies:
        return style.axis(unit, **style.PERCENT)
    series = [[runner.result(probe)[0] for probe in runner.history.probes] for runner in field]
    return style.error_axis(unit, layout, *([shared] if shared else series), **_framed(shared))


def _framed(shared: tuple[float, float] | None) -> dict[str, Any]:
    if not shared:
        return {}
    low, high = shared
    if 0 < low <= high / style.LOG_RATIO:
        return {"range": [float(np.log10(low / 1.3)), float(np.log10(high * 1.3))]}
    return {"range": [1.08 * min(low, 0.0), 1.08 * high]}


def _line(runner: Runner, along: Along, end: float) -> list[dict[str, Any]]:
    probes, places = list(runner.history.probes), list(runner.places(along))
    if not probes:
        return []
    if not runner.trains:
        probes, places = [probes[-1]] * 2, [0, end]
    means, ci95 = (np.asarray(item, float) for item in zip(*map(runner.result, probes), strict=True))
    floor, ceiling = (0, 1) if runner.classifies else (np.where(means > 0, means / 10, -np.inf), np.inf)
    low, high = np.maximum(means - ci95, floor), np.minimum(means + ci95, ceiling)
    trace = {
        "type": "scatter",
        "uid": f"line-{runner.name}",
        "name": runner.name,
        "x": style.numbers(places),
        "y": style.numbers(means),
        "mode": "lines+markers",
        "line": {"color": runner.colour, "dash": runner.dash, "width": 2.5},
        "marker": {"symbol": runner.symbol, "size": 7, "maxdisplayed": 12},
    }
    return [style.band(f"band-{runner.name}", places, low, high, style.clear(runner.colour, 0.1)), trace]


def _compared(field: Sequence[Runner]) -> list[tuple[Runner, Standing]]:
    """All but the first, with how they stand."""
    found = zip(field[1:], standings(field)[1:], strict=True)
    return [(runner, standing) for runner, standing in found if standing]


def _bar(runner: Runner, standing: Standing, language: Language, theme: Theme) -> dict[str, Any]:
    """Filled where the difference is sure, hatched where it is not."""
    shape = {} if standing.sure else {"shape": "/", "fgcolor": runner.colour, "bgcolor": "rgba(0,0,0,0)", "size": 6}
    form = "+.1%" if runner.classifies else "+.3g"
    where = Text("{n} tasks, meta-step {step}", "{n} 个任务，第 {step} 元步").fill(n=standing.tasks, step=standing.step)
    return {
        "type": "bar",
        "uid": f"bar-{runner.name}",
        "orientation": "h",
        "name": runner.name,
        "x": [standing.difference],
        "y": [runner.name],
        "error_x": {"type": "data", "array": [standing.difference_ci95], "color": style.ink(theme), "thickness": 1.5},
        "marker": {"color": runner.colour, "line": {"color": runner.colour, "width": 1.5}, "pattern": shape},
        "hovertemplate": f"%{{x:{form}}} ± {standing.difference_ci95:.2g}<br>{where(language)}<extra>%{{y}}</extra>",
    }


def _swept(panels: Sequence[Panel], place: int) -> dict[str, Any]:
    points = [(value, field[place]) for value, field in panels if field[place].history.probes]
    runner = panels[0][1][place]
    results = [(value, *one.result(one.history.probes[-1])) for value, one in points]
    return {
        "type": "scatter",
        "uid": f"swept-{place}",
        "name": runner.name,
        "x": [value for value, _, _ in results],
        "y": style.numbers([mean for _, mean, _ in results]),
        "error_y": {"type": "data", "array": style.numbers([ci95 for _, _, ci95 in results]), "thickness": 1.5},
        "mode": "lines+markers",
        "line": {"color": runner.colour, "dash": runner.dash, "width": 2.5},
        "marker": {"symbol": runner.symbol, "size": 9},
    }
