"""Two task families drawn: a sine wave known at a few points, and invented characters to be told apart."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.text import Language, Text

Array = np.ndarray[Any, np.dtype[np.float64]]

WAVE_EXPLAIN = Text(
    "The bold line is the task's true wave, which no algorithm is ever shown. Filled points are the support set, which it may learn "
    "from; hollow ones are the query set, on which it is judged. Faint lines are other tasks of the same family.",
    "粗线是该任务的真实曲线，算法永远看不到。实心点是支持集，可用来学习；空心点是查询集，用来评判。淡线是同一任务族的其他任务。",
)
CHARACTERS_EXPLAIN = Text(
    "The upper rows are the support set: a few drawings of each of five invented characters, with the label that each has in this "
    "task. The lowest row is the query set: new drawings of the same characters, in any order. Find their labels yourself, then "
    "show the answers.",
    "上面几行是支持集：五个虚构字符各有几张图，标注了它们在本任务中的标签。最下面一行是查询集：相同字符的新图，顺序打乱。"
    "先自己找出标签，再显示答案。",
)
_WAVE, _CHARACTERS = (
    Text("One task: learn from the filled points", "一个任务：从实心点学习"),
    Text("One task: five characters never seen before", "一个任务：五个从未见过的字符"),
)
_TRUTH, _SUPPORT, _QUERY, _OTHERS = (
    Text("true wave", "真实曲线"),
    Text("support set", "支持集"),
    Text("query set", "查询集"),
    Text("other tasks", "其他任务"),
)
_X = np.linspace(-5, 5, 101)
WAY = 5


def wave(seed: int, shot: int, language: Language, theme: Theme) -> go.Figure:
    """A task of Finn et al. 2017, section 5.1: amplitude U[0.1, 5], phase U[0, pi], x U[-5, 5]; and six others."""
    rng = np.random.default_rng(seed)
    (amplitude, *others), (phase, *shifts) = rng.uniform(0.1, 5, 7), rng.uniform(0, np.pi, 7)
    x = rng.uniform(-5, 5, shot + 10)
    ink = style.ink(theme)
    traces: list[dict[str, Any]] = [
        {
            "uid": f"other-{place}",
            "name": _OTHERS(language),
            "showlegend": place == 0,
            "x": style.numbers(_X),
            "y": style.numbers(height * np.sin(_X - shift)),
            "mode": "lines",
            "line": {"color": style.GREY, "width": 1},
            "opacity": 0.5,
        }
        for place, (height, shift) in enumerate(zip(others, shifts, strict=True))
    ]
    truth = {"uid": "truth", "name": _TRUTH(language), "x": style.numbers(_X), "mode": "lines"}
    traces.append(
        {
            **truth,
            "y": style.numbers(amplitude * np.sin(_X - phase)),
            "line": {"color": ink, "width": 6},
            "opacity": 0.3,
        }
    )
    looks = ((_SUPPORT, x[:shot], "circle"), (_QUERY, x[shot:], "circle-open"))
    for name, places, symbol in looks:
        marker = {"symbol": symbol, "size": 10, "color": ink, "line": {"width": 2, "color": ink}}
        points = {"uid": name.en, "name": name(language), "mode": "markers", "marker": marker}
        traces.append({**points, "x": style.numbers(places), "y": style.numbers(amplitude * np.sin(places - phase))})
    layout = style.layout("wave", _WAVE(language), History(), theme)
    layout["xaxis"] = style.axis("x", range=[-5.2, 5.2], fixedrange=True)
    layout["yaxis"] = style.axis("y", range=[-5.4, 5.4], fixedrange=True)
    return style.made({"data": [{"type": "scatter", **trace} for trace in traces], "layout": layout})


def wave_alt(seed: int, shot: int, language: Language) -> str:
    """The wave in a sentence."""
    rng = np.random.default_rng(seed)
    return Text(
        "A sine wave of height {height:.1f}, known at {shot} support points and asked at 10 query points.",
        "一条振幅为 {height:.1f} 的正弦曲线，给出 {shot} 个支持点，在 10 个查询点上提问。",
    ).fill(height=rng.uniform(0.1, 5, 7)[0], shot=shot)(language)


def characters(seed: int, shot: int, answers: bool, language: Language, theme: Theme) -> go.Figure:
    """A 5-way task of invented characters: `shot` rows of support drawings with their labels, and a row of queries."""
    rng = np.random.default_rng(seed)
    shapes = [_character(rng) for _ in range(WAY)]
    order = rng.permutation(WAY)
    ink = style.ink(theme)
    drawings = [(shot - row, place, shapes[place]) for row in range(shot) for place in range(WAY)]
    drawings += [(-0.4, place, shapes[label]) for place, label in enumerate(order)]
    lines = [_drawing(shape, rng) + np.array([1.2 * place, 1.2 * row]) for row, place, shape in drawings]
    joined = np.concatenate([np.vstack([stroke, np.full((1, 2), np.nan)]) for drawing in lines for stroke in drawing])
    trace = {
        "type": "scatter",
        "uid": "ink",
        "x": style.numbers(joined[:, 0]),
        "y": style.numbers(joined[:, 1]),
        "mode": "lines",
        "line": {"color": ink, "width": 3, "shape": "spline"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    tiles = [_tile(1.2 * place, 1.2 * row, row > 0) for row, place, _ in drawings]
    above = [_said(str(place + 1), 1.2 * place, 1.2 * shot + 0.68, ink) for place in range(WAY)]
    below = [
        _said(str(label + 1) if answers else "?", 1.2 * place, -0.4 * 1.2 - 0.72, ink)
        for place, label in enumerate(order)
    ]
    sides = [
        _said(name(language), -0.75, 1.2 * row, ink, 12, -90)
        for name, row in ((_SUPPORT, (shot + 1) / 2), (_QUERY, -0.4))
    ]
    layout = style.layout("characters", _CHARACTERS(language), History(), theme, shapes=tiles)
    layout |= {"annotations": [*above, *below, *sides], "margin": {"l": 8, "r": 8, "t": 40, "b": 8}}
    hidden = {"visible": False, "fixedrange": True}
    layout["xaxis"] = {**hidden, "range": [-1, 1.2 * WAY - 0.5], "constrain": "domain"}
    layout["yaxis"] = {**hidden, "range": [-1.5, 1.2 * shot + 1], "scaleanchor": "x", "constrain": "domain"}
    return style.made({"data": [trace], "layout": layout})


def characters_alt(shot: int, language: Language) -> str:
    """The characters in a sentence."""
    return Text(
        "Five invented characters with the labels 1 to 5, {shot} drawings of each, and below them five new drawings to be labelled.",
        "标签为 1 到 5 的五个虚构字符，各 {shot} 张图，下面是五张待判断的新图。",
    ).fill(shot=shot)(language)


def _character(rng: np.random.Generator) -> list[Array]:
    """Two or three strokes, each through three places of a 3x3 grid, [3, 2] in -0.4..0.4."""
    grid = np.array([(x, y) for x in (-0.36, 0, 0.36) for y in (-0.36, 0, 0.36)])
    return [grid[rng.choice(9, 3, replace=False)] for _ in range(rng.integers(2, 4))]


def _drawing(strokes: list[Array], rng: np.random.Generator) -> Array:
    """The character once more, by an unsteady hand: [strokes, 3, 2]."""
    turn = rng.normal(0, 0.1)
    slant = np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]]) * rng.normal(1, 0.06)
    return np.stack([(stroke + rng.normal(0, 0.035, stroke.shape)) @ slant for stroke in strokes])


def _tile(x: float, y: float, filled: bool) -> dict[str, Any]:
    line = {"color": style.GREY, "width": 1.5, "dash": "solid" if filled else "dash"}
    fill = style.clear(style.GREY, 0.14) if filled else "rgba(0,0,0,0)"
    return {"type": "rect", "x0": x - 0.55, "x1": x + 0.55, "y0": y - 0.55, "y1": y + 0.55} | {
        "line": line,
        "fillcolor": fill,
        "layer": "below",
    }


def _said(text: str, x: float, y: float, ink: str, size: int = 15, angle: int = 0) -> dict[str, Any]:
    return {"text": text, "x": x, "y": y, "showarrow": False, "font": {"size": size, "color": ink}, "textangle": angle}
