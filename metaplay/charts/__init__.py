"""Charts: pure functions from a run's history to plotly figures. No streamlit, no torch.

`views` gives what the playground shows of a run, `more` what it shows when asked.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import plotly.graph_objects as go

from metaplay.charts import (
    bodies,
    classes,
    cost,
    fitted,
    gradient,
    layers,
    loss,
    orders,
    plane,
    rates,
    regions,
    scope,
    sentences,
    trajectory,
)
from metaplay.charts.skeletons import SKELETONS
from metaplay.charts.style import Theme
from metaplay.config import RunConfig, applicable
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text

__all__ = ["MORE", "VIEWS", "Chart", "Slot", "Theme", "View", "more", "offered", "views"]

Slot = Literal["loss", "trajectory", "classes", "below", "more"]
"""The places of the playground: three from left to right, one below, and those that are asked for; charts that share one stand
under each other."""


@dataclass(frozen=True)
class Chart:
    """A chart of a run: its place, its name, how it is drawn, said in a sentence, and explained; and which runs have it."""

    key: str
    slot: Slot
    title: Text
    draw: Callable[[History, Language, Theme], go.Figure]
    alt: Callable[[History, Language], str]
    explain: Text
    suits: Callable[[RunConfig], bool] = lambda config: True


@dataclass(frozen=True)
class View:
    """A chart drawn: `figure` has its own title, `title` is the short name for a tab, `alt` the sentence for a screen reader."""

    key: str
    slot: Slot
    title: str
    figure: go.Figure
    alt: str
    explain: str


_LOSS = Chart("loss", "loss", Text("Training", "训练"), loss.loss_curves, loss.alt, loss.EXPLAIN)
_TRAJECTORY = Chart(
    "trajectory",
    "trajectory",
    Text("Adaptation", "适应过程"),
    trajectory.adaptation_trajectory,
    trajectory.alt,
    trajectory.EXPLAIN,
)
_FITTED = Chart(
    "fitted", "trajectory", Text("Fitted curve", "拟合曲线"), fitted.fitted_curve, fitted.alt, fitted.EXPLAIN
)
_CLASSES = Chart("classes", "classes", Text("Classes", "各类别"), classes.class_accuracy, classes.alt, classes.EXPLAIN)
_CONFUSION = Chart(
    "confusion",
    "classes",
    Text("Confusion", "混淆矩阵"),
    classes.confusion,
    classes.confusion_alt,
    classes.CONFUSION_EXPLAIN,
)
_REGIONS = Chart("regions", "classes", Text("Regions", "分段误差"), regions.region_error, regions.alt, regions.EXPLAIN)
_PLANE = Chart("plane", "classes", Text("Paths", "路径"), plane.plane, plane.alt, plane.EXPLAIN)
_BODIES = Chart("bodies", "classes", Text("Motion", "动作"), bodies.bodies, bodies.alt, bodies.EXPLAIN)
_RATES = Chart("rates", "below", Text("Inner rates", "内层学习率"), rates.learned_rates, rates.alt, rates.EXPLAIN)

_SENTENCES = Chart(
    "sentences", "below", Text("Sentences", "句子"), sentences.sentences, sentences.alt, sentences.EXPLAIN
)

_SCOPE = Chart("scope", "below", Text("None of these", "都不是"), scope.scores, scope.alt, scope.EXPLAIN)

VIEWS: dict[str, tuple[Chart, ...]] = {
    "regression": (_LOSS, _TRAJECTORY, _FITTED, _REGIONS),
    "classification": (_LOSS, _TRAJECTORY, _CLASSES, _CONFUSION),
    "control": (_LOSS, _TRAJECTORY),
}
"""What is shown of every run, by the kind of its task family; of agents their bodies or the plane too; of text its sentences, how well it rejects
out-of-scope queries where it is asked some, and inner rates where they are learned."""


def _trains(config: RunConfig) -> bool:
    return ALGORITHMS[config.algorithm].meta_trains


def _adapts(config: RunConfig) -> bool:
    return "inner_lr" in applicable(config) and FAMILIES[config.family].kind != "control"


MORE: dict[str, Chart] = {
    chart.key: chart
    for chart in (
        Chart("layers", "more", layers.TITLE, layers.layer_change, layers.alt, layers.EXPLAIN, _adapts),
        Chart(
            "orders",
            "more",
            Text("First against second order", "一阶对二阶"),
            orders.order_angle,
            orders.alt,
            orders.EXPLAIN,
            orders.compares,
        ),
        Chart(
            "gradient",
            "more",
            Text("Meta-gradient", "元梯度"),
            gradient.gradient_norm,
            gradient.alt,
            gradient.EXPLAIN,
            _trains,
        ),
        Chart("cost", "more", Text("Time and memory", "时间与内存"), cost.step_cost, cost.alt, cost.EXPLAIN, _trains),
    )
}
"""What is shown of a run when it is asked for."""


def views(history: History, language: Language, theme: Theme, config: RunConfig | None = None) -> list[View]:
    """The charts of a run as it stands. `config` is what it will be, for a run that hasn't started yet."""
    config = history.config or config or RunConfig()
    charts = VIEWS[FAMILIES[config.family].kind]
    if FAMILIES[config.family].kind == "control":
        charts = (*charts, _BODIES if config.family in SKELETONS else _PLANE)
    if FAMILIES[config.family].text:
        charts = (*charts, _SENTENCES)
    if config.out_of_scope:
        charts = (*charts, _SCOPE)
    if rates.learned(history, config):
        charts = (*charts, _RATES)
    return [_view(chart, history, language, theme) for chart in charts]


def offered(config: RunConfig) -> list[str]:
    """The names of what can be shown of such a run when it is asked for."""
    return [key for key, chart in MORE.items() if chart.suits(config)]


def more(key: str, history: History, language: Language, theme: Theme) -> View:
    """A chart of MORE."""
    return _view(MORE[key], history, language, theme)


@np.errstate(invalid="ignore", over="ignore")
def _view(chart: Chart, history: History, language: Language, theme: Theme) -> View:
    """What is no finite number is a gap in a chart, and no error."""
    return View(
        chart.key,
        chart.slot,
        chart.title(language),
        chart.draw(history, language, theme),
        chart.alt(history, language),
        chart.explain(language),
    )
