"""Figures of papers as charts: accuracies on Omniglot, and returns of a simulated cheetah."""

import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.presets.figures import FIGURES
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text

OMNIGLOT_EXPLAIN = Text(
    "Accuracy on characters that training never met, as the papers print it, with their confidence intervals where they give one. "
    "Protocols differ between papers (which characters, whether turned), so small gaps mean little.",
    "在训练从未见过的字符上的正确率，取自各论文，有置信区间的一并画出。各论文的实验方案不同（哪些字符、是否旋转），小差距没有意义。",
)
CHEETAH_EXPLAIN = Text(
    "Return of a simulated cheetah before it has tried its new task, and after one, two and three policy-gradient steps on a few "
    "trials of it. The dotted line is a policy that is told the task. Numbers of Finn et al. 2017.",
    "模拟猎豹在尝试新任务之前，以及用少量试验做一、二、三步策略梯度之后的回报。虚线是被直接告知任务的策略。数据来自 Finn 等 2017。",
)
SETTINGS = {"5w1s": (5, 1), "5w5s": (5, 5), "20w1s": (20, 1), "20w5s": (20, 5)}
_OMNIGLOT = Text("Omniglot, {way}-way {shot}-shot, as published", "Omniglot，{way} 类 {shot} 样本，论文数值")
_PERCENT = Text("accuracy (%)", "正确率 (%)")
_ROWS = ("maml", "fomaml", "reptile", "mamlpp", "metasgd", "anil")

CHEETAH = {
    "direction": (Text("run forwards or backwards", "向前或向后跑"), (-50.7, 293.2, 313.5, 315.7), 442.7),
    "velocity": (Text("run at a given speed", "以给定速度跑"), (-129.5, -78.6, -66.6, -60.8), -54.5),
}
"""Finn et al. 2017: the task, MAML's return after 0 to 3 gradient steps, and that of an oracle."""
_STEPS, _RETURN = Text("policy-gradient steps on the new task", "在新任务上的策略梯度步数"), Text("return", "回报")
_ORACLE = Text("is told the task", "被告知任务")
_CHEETAH = Text("A cheetah learns: {task}", "猎豹学习：{task}")


def omniglot(setting: str, language: Language, theme: Theme) -> go.Figure:
    """Published accuracies of one setting, as points with their intervals, an algorithm a row."""
    found = [(name, FIGURES[f"omniglot-{setting}-{name}"]) for name in _ROWS if f"omniglot-{setting}-{name}" in FIGURES]
    traces = []
    for name, paper in reversed(found):
        algorithm = ALGORITHMS[name]
        mean, _, interval = paper.figure.removesuffix(" %").partition(" ± ")
        traces.append(
            {
                "type": "scatter",
                "uid": name,
                "x": [float(mean)],
                "y": [algorithm.label],
                "error_x": {"type": "data", "array": [float(interval or 0)], "thickness": 2},
                "mode": "markers+text",
                "text": [f" {paper.figure}"],
                "textposition": "bottom center",
                "marker": {"symbol": algorithm.symbol, "size": 13, "color": algorithm.colour},
                "hovertemplate": f"{paper.source}: {paper.figure}<extra></extra>",
                "showlegend": False,
            }
        )
    way, shot = SETTINGS[setting]
    layout = style.layout("published", _OMNIGLOT.fill(way=way, shot=shot)(language), History(), theme)
    layout["margin"] = {**layout["margin"], "b": 48, "r": 36}
    layout["xaxis"] = style.axis(_PERCENT(language), fixedrange=True)
    layout["yaxis"] = style.axis("", fixedrange=True, range=[-0.7, len(found) - 0.4])
    return style.made({"data": traces, "layout": layout})


def omniglot_alt(setting: str, language: Language) -> str:
    """The published accuracies in a sentence."""
    rows = [
        f"{ALGORITHMS[name].label} {FIGURES[key].figure}"
        for name in _ROWS
        if (key := f"omniglot-{setting}-{name}") in FIGURES
    ]
    return Text("Published accuracies: {rows}.", "论文中的正确率：{rows}。").fill(rows=", ".join(rows))(language)


def cheetah(task: str, language: Language, theme: Theme) -> go.Figure:
    """Return against gradient steps on the new task."""
    name, returns, oracle = CHEETAH[task]
    algorithm = ALGORITHMS["maml"]
    line = {"color": algorithm.colour, "width": 3}
    traces = [
        {
            "type": "scatter",
            "uid": "maml",
            "name": algorithm.label,
            "x": [0, 1, 2, 3],
            "y": list(returns),
            "mode": "lines+markers+text",
            "text": [f"{value:g}".replace("-", "−") for value in returns],
            "textposition": ["top right", "bottom right", "bottom center", "bottom left"],
            "line": line,
            "marker": {"symbol": algorithm.symbol, "size": 10},
        },
        {
            "type": "scatter",
            "uid": "oracle",
            "name": _ORACLE(language),
            "x": [0, 3],
            "y": [oracle, oracle],
            "mode": "lines",
            "line": {"color": style.GREY, "dash": "dot", "width": 2},
        },
    ]
    layout = style.layout("cheetah", _CHEETAH.fill(task=name(language))(language), History(), theme)
    layout["xaxis"] = style.axis(_STEPS(language), dtick=1, range=[-0.15, 3.15], fixedrange=True)
    layout["yaxis"] = style.axis(_RETURN(language), fixedrange=True)
    return style.made({"data": traces, "layout": layout})


def cheetah_alt(task: str, language: Language) -> str:
    """The returns in a sentence."""
    name, returns, oracle = CHEETAH[task]
    return Text(
        "Task: {task}. MAML's return is {first} before the first step and {last} after three; told the task, it would be {oracle}.",
        "任务：{task}。MAML 的回报在第一步之前为 {first}，三步之后为 {last}；若被告知任务则为 {oracle}。",
    ).fill(task=name(language), first=returns[0], last=returns[-1], oracle=oracle)(language)
