"""Charts: pure functions from a run's history to plotly figures. No streamlit, no torch.

`views` gives what the playground shows of a run; a page needs nothing else of this package.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import plotly.graph_objects as go

from metaplay.charts import classes, fitted, loss, rates, regions, trajectory
from metaplay.charts.style import Theme
from metaplay.config import RunConfig
from metaplay.history import History
from metaplay.registry import FAMILIES
from metaplay.text import Language, Text

__all__ = ["VIEWS", "Chart", "Slot", "Theme", "View", "views"]

Slot = Literal["loss", "trajectory", "classes", "rates"]
"""The places of the playground: three from left to right, and one below; charts that share one stand under each other."""


@dataclass(frozen=True)
class Chart:
    """A chart of a run: its place, its name, how it is drawn, said in a sentence, and explained."""

    key: str
    slot: Slot
    title: Text
    draw: Callable[[History, Language, Theme], go.Figure]
    alt: Callable[[History, Language], str]
    explain: Text


@dataclass(frozen=True)
class View:
    """A chart drawn: `figure` has its own title, `title` is the short name for a tab, `alt` the sentence for a screen reader."""

    key: str
    slot: Slot
    title: str
    figure: go.Figure
    alt: str
    explain: str

    def to_json(self) -> str:
        """The figure for the browser, its traces' ids included (plotly drops them by default): a reader's choices go by them."""
        return str(self.figure.to_json(remove_uids=False))


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
_RATES = Chart("rates", "rates", Text("Inner rates", "内层学习率"), rates.learned_rates, rates.alt, rates.EXPLAIN)

VIEWS: dict[str, tuple[Chart, ...]] = {
    "regression": (_LOSS, _TRAJECTORY, _FITTED, _REGIONS),
    "classification": (_LOSS, _TRAJECTORY, _CLASSES, _CONFUSION),
}
"""What is shown of every run, by the kind of its task family; runs that learn inner rates show these too."""


def views(history: History, language: Language, theme: Theme, config: RunConfig | None = None) -> list[View]:
    """The charts of a run as it stands. `config` is what it will be, for a run that hasn't started yet."""
    config = history.config or config or RunConfig()
    charts = VIEWS[FAMILIES[config.family].kind]
    if rates.learned(history, config):
        charts = (*charts, _RATES)
    return [
        View(
            chart.key,
            chart.slot,
            chart.title(language),
            chart.draw(history, language, theme),
            chart.alt(history, language),
            chart.explain(language),
        )
        for chart in charts
    ]
