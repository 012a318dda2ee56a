"""Which walks a figure shows: a run's, and perhaps another's on the same task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from metaplay.charts import style
from metaplay.charts.style import Theme
from metaplay.history import History
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text
from metaplay.walks import ImageWalk, PolicyWalk, Walked

_POINT, _IMAGE, _SENTENCE = Text("point", "点"), Text("image", "图像"), Text("sentence", "句子")
_TRAJECTORY = Text("trajectory", "轨迹")

W_co = TypeVar("W_co", bound=Walked, covariant=True)


@dataclass(frozen=True)
class Shown(Generic[W_co]):
    """A walk and what it is called. The `second` of two is drawn dashed, with hollow marks."""

    name: str
    walk: W_co
    second: bool = False

    @property
    def example(self) -> Text:
        """What one example of the task is called."""
        if not isinstance(self.walk, ImageWalk):
            return _TRAJECTORY if isinstance(self.walk, PolicyWalk) else _POINT
        return _SENTENCE if self.walk.support.sentences else _IMAGE

    @property
    def colour(self) -> str:
        return ALGORITHMS[self.walk.algorithm].colour

    @property
    def symbol(self) -> str:
        return ALGORITHMS[self.walk.algorithm].symbol + ("-open" if self.second else "")

    @property
    def dash(self) -> str:
        return "6px 4px" if self.second else "solid"


def layout(key: str, title: str, theme: Theme, revision: object = "") -> dict[str, Any]:
    """The layout of a figure of the lab; the reader's zoom lasts as long as the `revision`."""
    return style.layout(key, title, History(), theme, uirevision=f"{key} {revision}")


def inner_steps(last: int, language: Language) -> dict[str, Any]:
    """The axis of the inner steps 0..`last`."""
    return style.axis(
        style.INNER_STEP(language),
        range=[-0.03 * last, 1.03 * last],
        tickformat="d",
        nticks=min(last + 1, 11),
        zeroline=False,
        fixedrange=True,
    )


def step_mark(step: int, theme: Theme) -> dict[str, Any]:
    """The upright line, a shape, at the step that all figures of the lab show."""
    place = {"type": "line", "xref": "x", "yref": "paper", "x0": step, "x1": step, "y0": 0, "y1": 1}
    return {**place, "line": {"color": style.ink(theme), "width": 1.5}}


def panels(
    found: Sequence[Shown[Walked]], theme: Theme
) -> tuple[list[tuple[str, str, list[float]]], list[dict[str, Any]]]:
    """Places side by side: names of the axes ("x", "y" of the first) and the share of the width; and the walks' names above them."""
    count, gap = len(found), 0.1
    width = (1 - gap * (count - 1)) / count
    ends = [(place * (width + gap), place * (width + gap) + width) for place in range(count)]
    numbers = ["" if place == 0 else str(place + 1) for place in range(count)]
    axes = [(f"x{number}", f"y{number}", list(end)) for number, end in zip(numbers, ends, strict=True)]
    return axes, [_name(shown.name, end, theme) for shown, end in zip(found, ends, strict=True) if count > 1]


def _name(text: str, ends: tuple[float, float], theme: Theme) -> dict[str, Any]:
    place = {"xref": "paper", "yref": "paper", "x": sum(ends) / 2, "y": 1, "xanchor": "center", "yanchor": "bottom"}
    return {**place, "text": style.literal(text), "showarrow": False, "font": {"size": 12, "color": style.ink(theme)}}


def axis_key(name: str) -> str:
    """The layout's name of an axis: "x2" -> "xaxis2"."""
    return f"{name[0]}axis{name[1:]}"
