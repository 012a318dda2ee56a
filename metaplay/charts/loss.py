"""Loss curves: how the run goes, before and after adaptation, on training tasks and on held-out ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import changes, style
from metaplay.charts.style import Array, Theme
from metaplay.config import RunConfig, applicable
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text

Metric = Literal["loss", "accuracy"]

TITLE = Text("The gap is what adapting gains", "两条线的差距就是适应的收益")
EXPLAIN = Text(
    "Each line follows the whole training run. Dashed grey is the network before it sees a task, solid is the same network "
    "after a few steps on that task's examples; the shaded range holds 80 % of the training steps. Dots are held-out tasks "
    "that training never uses. A dotted vertical line is where a setting was changed on the way.",
    "每条线贯穿整个训练过程。灰色虚线是网络接触任务之前的表现，实线是在该任务的样本上走几步之后的表现；阴影范围包含 80% 的训练步。"
    "圆点是训练从不使用的留出任务。竖直的点线表示途中更改了设置。",
)
_UNITS = {
    "accuracy": style.ACCURACY,
    "regression": style.ERROR,
    "control": style.COST,
    "classification": Text("cross-entropy (nats)", "交叉熵 (nat)"),
}
_TRAIN, _HELD_OUT = Text("train", "训练任务"), Text("held-out", "留出任务")


def loss_curves(history: History, language: Language, theme: Theme, metric: Metric | None = None) -> go.Figure:
    """Loss, or accuracy (the default for classification), against the meta-step."""
    config = history.config
    if config is None or not (history.progress["step"] or history.probes):
        return style.waiting("loss", TITLE(language), history, language, theme)
    metric = metric or _default_metric(config)
    lines = [*_train(history, config, metric), *_probes(history, config, metric)]
    bands = [_band(line) for line in lines if line.key.startswith("train")]
    layout = style.layout("loss", TITLE(language), history, theme, **changes.marks(history, language))
    layout["xaxis"] = style.axis(style.META_STEP(language), rangemode="tozero")
    unit = _unit(config, metric)(language)
    if metric == "accuracy":
        layout["yaxis"] = style.axis(unit, **style.PERCENT)
        shape, label = style.chance_line(config.way, language)
        floor, named = style.floor_line(history.task.floor if history.task else None)
        layout["shapes"] += [shape, *floor]
        layout["annotations"] += [label, *named]
    else:
        layout["yaxis"] = style.error_axis(unit, layout, *(line.values for line in lines))
    return style.made({"data": [*bands, *(_trace(line, language) for line in lines)], "layout": layout})


def alt(history: History, language: Language) -> str:
    """The chart in one sentence."""
    config = history.config
    if config is None or not history.probes:
        return style.WAITING(language)
    metric, now = _default_metric(config), history.probes[-1]
    before, after = _probes(history, config, metric)
    now_said = Text(
        "At meta-step {step}, {unit} on held-out tasks is {before:.3g} before adaptation and {after:.3g} {when}.",
        "在第 {step} 个元步，留出任务上的{unit}在适应前为 {before:.3g}，{when}为 {after:.3g}。",
    ).fill(
        step=now.step,
        unit=_unit(config, metric)(language),
        before=before.values[-1],
        after=after.values[-1],
        when=style.after(now.inner_steps[style.adapted(config, now)])(language),
    )
    return now_said(language) + changes.said(history, language)


@dataclass(frozen=True)
class _Line:
    """A line of the chart: `values` at meta-steps `steps`, and how it is drawn."""

    key: str
    name: Text
    steps: Sequence[float] | Array
    values: Sequence[float] | Array
    colour: str
    look: dict[str, Any]


def _default_metric(config: RunConfig) -> Metric:
    return "accuracy" if FAMILIES[config.family].kind == "classification" else "loss"


def _unit(config: RunConfig, metric: Metric) -> Text:
    return _UNITS["accuracy" if metric == "accuracy" else FAMILIES[config.family].kind]


def _train(history: History, config: RunConfig, metric: Metric) -> list[_Line]:
    """Training tasks, thin: before and after adaptation; one line where training does not adapt, none where there is none."""
    name = "metric" if metric == "accuracy" else "loss"
    # Arrays from here on: a long list would else be converted at every use.
    steps, before, after = (np.asarray(history.progress[key]) for key in ("step", f"{name}_before", f"{name}_after"))
    thin, strong = {"mode": "lines", "opacity": 0.65}, style.colour(history)
    if not steps.size:
        return []
    if "inner_steps" not in applicable(config):
        return [_Line("train-after", _TRAIN, steps, after, strong, {**thin, "line": _line(strong, 1.5)})]
    return [
        _Line(
            "train-before",
            _name(_TRAIN, 0),
            steps,
            before,
            style.GREY,
            {**thin, "line": _line(style.GREY, 1.5, "dash")},
        ),
        _Line(
            "train-after", _name(_TRAIN, config.inner_steps), steps, after, strong, {**thin, "line": _line(strong, 1.5)}
        ),
    ]


def _probes(history: History, config: RunConfig, metric: Metric) -> list[_Line]:
    """Held-out tasks, bold with markers: before adaptation and after as many steps as in training."""
    if not history.probes:
        return []
    place = style.adapted(config, history.probes[-1])
    steps, strong = [probe.step for probe in history.probes], style.colour(history)
    rows: list[list[float]] = [getattr(probe, metric) for probe in history.probes]
    marker = {"symbol": ALGORITHMS[config.algorithm].symbol, "size": 6, "maxdisplayed": 24}
    dots, taken = {"mode": "lines+markers", "marker": marker}, history.probes[-1].inner_steps[place]
    return [
        _Line(
            "probe-before",
            _name(_HELD_OUT, 0),
            steps,
            [row[0] for row in rows],
            style.GREY,
            {**dots, "line": _line(style.GREY, 2.5, "dash")},
        ),
        _Line(
            "probe-after",
            _name(_HELD_OUT, taken),
            steps,
            [row[place] for row in rows],
            strong,
            {**dots, "line": _line(strong, 2.5)},
        ),
    ]


def _name(tasks: Text, steps: int) -> Text:
    moment = style.after(steps) if steps else style.BEFORE
    return Text(f"{tasks.en}, {moment.en}", f"{tasks.zh}·{moment.zh}")


def _line(colour: str, width: float, dash: str = "solid") -> dict[str, Any]:
    return {"color": colour, "width": width, "dash": dash}


def _trace(line: _Line, language: Language) -> dict[str, Any]:
    places, means = style.decimate(line.steps, line.values)
    return {
        "type": "scatter",
        "uid": line.key,
        "name": line.name(language),
        "x": places.astype(int).tolist(),
        "y": style.numbers(means),
        **line.look,
    }


def _band(line: _Line) -> dict[str, Any]:
    """The range from the 10th to the 90th percentile of each bin of meta-steps (of no width while bins hold one step)."""
    places, _ = style.decimate(line.steps, line.values)
    low, high = np.quantile(style.binned(line.values), [0.1, 0.9], axis=1)
    return style.band(f"{line.key}-band", places.astype(int).tolist(), low, high, style.clear(line.colour, 0.13))
