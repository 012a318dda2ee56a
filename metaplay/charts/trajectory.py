"""Adaptation trajectories: what each inner step gains on held-out tasks, now and at earlier moments of training."""

from typing import Any

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.config import RunConfig, applicable
from metaplay.events import Probe
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text

TITLE = Text("How fast it adapts, now and earlier", "适应得多快：现在与更早")
EXPLAIN = Text(
    "From left to right the network takes gradient steps on the few examples of tasks it has never seen. The bold line is the "
    "network of this moment, with its 95 % confidence band; fainter lines are earlier moments of the same run. Beyond the "
    "vertical mark are more steps than it was ever trained for.",
    "从左到右，网络在从未见过的任务的少量样本上走梯度步。粗线是当前的网络及其 95% 置信带；较淡的线是同一次训练的更早时刻。"
    "竖线之后的步数超过了训练时的步数。",
)
_NOW, _START, _AT = Text("now", "现在"), Text("untrained", "未训练"), Text("at {step}", "第 {step} 步")
LADDER = [base * 10**power for power in range(7) for base in (1, 3)]
"""Moments worth keeping: 1, 3, 10, 30, ... meta-steps. Fixed, so that lines don't wander while the run grows."""
EARLIER = 3
"""Moments that are shown between the untrained network and now."""


def moments(probes: list[Probe]) -> list[Probe]:
    """The probes to draw, oldest first: the first, the latest few that passed a rung of LADDER, and the newest."""
    if len(probes) < 2:
        return probes
    first, *middle, last = probes
    kept: list[Probe] = []
    for rung in LADDER:
        found = next((probe for probe in middle if probe.step >= rung), None)
        # A moment too close to now would only hide under its line.
        if found and found not in kept and found.step * 1.5 <= last.step:
            kept.append(found)
    return [first, *kept[-EARLIER:], last]


def adaptation_trajectory(history: History, language: Language, theme: Theme) -> go.Figure:
    """Error (regression) or accuracy (classification) of the probe tasks against the inner step, 0 to test_inner_steps."""
    config = history.config
    if config is None or not history.probes:
        return style.waiting("trajectory", TITLE(language), history, language, theme)
    accuracy = FAMILIES[config.family].kind == "classification"
    shown = moments(history.probes)
    traces = [_band(history, shown[-1], accuracy), *_lines(history, config, shown, accuracy, language)]
    layout = style.layout("trajectory", TITLE(language), history, theme)
    last = shown[-1].inner_steps[-1]
    layout["xaxis"] = style.axis(
        style.INNER_STEP(language),
        range=[-0.02 * last, 1.02 * last],
        tickformat="d",
        nticks=min(last + 1, 11),
        zeroline=False,
    )
    shapes, labels = _mark(config, last, language)
    if accuracy:
        layout["yaxis"] = style.axis(style.ACCURACY(language), **style.PERCENT)
        shape, label = style.chance_line(config.way, language)
        floor, named = style.floor_line(history.task.floor if history.task else None)
        shapes, labels = [*shapes, shape, *floor], [*labels, label, *named]
    else:
        layout["yaxis"] = style.error_axis(style.error(config)(language), layout, *(probe.loss for probe in shown))
    return style.made({"data": traces, "layout": {**layout, "shapes": shapes, "annotations": labels}})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    config = history.config
    if config is None or not history.probes:
        return style.WAITING(language)
    accuracy = FAMILIES[config.family].kind == "classification"
    now, unit = history.probes[-1], style.ACCURACY if accuracy else style.error(config)
    mean, ci95 = _values(now, accuracy)
    return Text(
        "At meta-step {step}, {unit} goes from {first:.3g} before adaptation to {last:.3g} ± {ci95:.2g} after {steps} inner steps.",
        "在第 {step} 个元步，{unit}从适应前的 {first:.3g} 变为 {steps} 个内层步后的 {last:.3g} ± {ci95:.2g}。",
    ).fill(step=now.step, unit=unit(language), first=mean[0], last=mean[-1], ci95=ci95[-1], steps=now.inner_steps[-1])(
        language
    )


def _values(probe: Probe, accuracy: bool) -> tuple[list[float], list[float]]:
    return (probe.accuracy, probe.accuracy_ci95) if accuracy else (probe.loss, probe.loss_ci95)


def _band(history: History, probe: Probe, accuracy: bool) -> dict[str, Any]:
    """Mean ± CI95, kept where the quantity can be: an accuracy in 0..1, an error above nought (its axis may be a log; minus a return may be below)."""
    mean, ci95 = (np.asarray(item, float) for item in _values(probe, accuracy))
    low = np.maximum(mean - ci95, 0 if accuracy else np.where(mean > 0, mean / 10, -np.inf))
    high = np.minimum(mean + ci95, 1) if accuracy else mean + ci95
    return style.band("ci95", probe.inner_steps, low, high, style.clear(style.colour(history), 0.22))


def _lines(
    history: History, config: RunConfig, shown: list[Probe], accuracy: bool, language: Language
) -> list[dict[str, Any]]:
    traces = []
    for rank, probe in enumerate(shown):
        now = probe is shown[-1]
        mean, _ = _values(probe, accuracy)
        share = (rank + 1) / len(shown)
        start = _START if probe.step == 0 else _AT.fill(step=f"{probe.step:,}")
        symbol = ALGORITHMS[config.algorithm].symbol
        traces.append(
            {
                "type": "scatter",
                "uid": "now" if now else f"moment-{probe.step}",
                "name": (_NOW if now else start)(language),
                "x": probe.inner_steps,
                "y": style.numbers(mean),
                "mode": "lines+markers" if now else "lines",
                "line": {"color": style.faded(style.colour(history), share), "width": 3 if now else 1.5},
                "marker": {"symbol": symbol, "size": 7, "maxdisplayed": 12},
                "opacity": 1 if now else 0.45 + 0.45 * share,
            }
        )
    return traces


def _mark(config: RunConfig, last: int, language: Language) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    return trained_mark(config.inner_steps, last, language) if "inner_steps" in applicable(config) else ([], [])


def trained_mark(at: int, last: int, language: Language) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """A vertical line at the number of inner steps in training, and a tint over the steps beyond it: shapes, and a label."""
    rows = {"xref": "x", "yref": "paper", "y0": 0, "y1": 1}
    line = {"type": "line", "x0": at, "x1": at, "line": {"color": style.GREY, "width": 1.5, "dash": "dash"}, **rows}
    tint = style.clear(style.GREY, 0.08)
    beyond = {"type": "rect", "x0": at, "x1": last * 1.02, "fillcolor": tint, "line": {"width": 0}, **rows}
    right = at > last / 2
    label = {
        "xref": "x",
        "yref": "paper",
        "x": at,
        "y": 1,
        "xanchor": "right" if right else "left",
        "yanchor": "top",
        "text": _trained(at)(language),
        "showarrow": False,
        "font": {"size": 10, "color": style.GREY},
    }
    return [{**beyond, "layer": "below"}, line], [label]


def _trained(steps: int) -> Text:
    return Text(f"trained for {steps} step{'' if steps == 1 else 's'}", f"训练时走 {steps} 步")
