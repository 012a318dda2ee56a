"""The plane of chapters 3 and 4: a starting point and three tasks, all to be dragged, and the sliders of the inner loop."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from metaplay.charts.learn import quadratic
from metaplay.charts.learn.quadratic import Array
from metaplay.text import Language, Text
from metaplay.ui.drag_points import Axis, Path, Point, Shape, drag_points, following

TASKS: tuple[tuple[str, Shape], ...] = (("#C27429", "square"), ("#8868C2", "triangle"), ("#24958C", "diamond"))
"""Colour and shape of the three tasks (or classes) of a picture; none of them is an algorithm's colour."""
CURVATURES = np.stack([quadratic.bowl(1.6, 0.35, degrees) for degrees in (10, 30, -20)])
START = ((-2.0, -1.6), (-1.9, 0.7), (0.7, 1.4), (1.8, -0.6))
"""Where theta and the three optima stand at first."""
MOST_RATE = 0.6
"""The greatest inner rate: the steepest direction (curvature 1.6) still converges without overshooting."""
OUTER_RATE = 1.2
"""Outer learning rate, the length of a meta-step in units of the gradient: converges also where nothing adapts."""
X, Y = Axis(-2.8, 2.8, "θ₁"), Axis(-2.2, 2.2, "θ₂")
_START, _TASK = Text("start θ", "起点 θ"), Text("task {n}", "任务 {n}")
_RATE, _STEPS = Text("Inner learning rate α", "内层学习率 α"), Text("Inner steps", "内层步数")
_RESET = Text("Put back", "复原")

Geometry = Callable[[Array], Array]


class Loop(NamedTuple):
    """What the sliders say of the inner loop."""

    rate: float
    steps: int


def loop(key: str, language: Language) -> Loop:
    """The two sliders."""
    left, right = st.columns(2)
    with left:
        rate = st.slider(_RATE(language), 0.0, MOST_RATE, 0.5, 0.05, key=f"{key}-rate")
    with right:
        steps = st.slider(_STEPS(language), 1, 5, 1, key=f"{key}-steps")
    return Loop(rate, steps)


def places(key: str) -> list[tuple[float, float]]:
    """Where theta and the optima of a picture are: as they were left, else at START."""
    return st.session_state.setdefault(key, list(START))


def reset(key: str, language: Language) -> None:
    """A button that puts all points back."""
    st.button(_RESET(language), key=f"{key}-reset", icon=":material/restart_alt:", on_click=_put_back, args=(key,))


def _put_back(key: str) -> None:
    st.session_state[key] = list(START)
    st.session_state[f"{key}-version"] = _version(key) + 1


def _version(key: str) -> int:
    """How often the points of a picture were put back."""
    return st.session_state.get(f"{key}-version", 0)


def draw(key: str, paths: list[Path], alt: str, language: Language) -> Array:
    """The plane with the tasks' bowls and these paths; theta and the optima as they are now, [4, 2]."""
    names = [_START(language), *(_TASK.fill(n=n)(language) for n in (1, 2, 3))]
    looks: list[tuple[str, Shape]] = [("", "circle"), *TASKS]
    points = [
        Point(x, y, name, colour, shape)
        for (x, y), name, (colour, shape) in zip(places(key), names, looks, strict=True)
    ]
    where = drag_points(
        points,
        key=f"{key}-points",
        language=language,
        alt=alt,
        x=X,
        y=Y,
        paths=[*bowls(), *paths],
        height=430,
        equal=True,
        version=_version(key),
    )
    st.session_state[key] = where
    return np.array(where)


def bowls() -> list[Path]:
    """Lines of equal loss around each optimum, which move with it."""
    found = []
    for task, (colour, _) in enumerate(TASKS):
        follow = np.zeros((1, 2, 2 * len(START)))
        follow[0, 0, 2 * task + 2] = follow[0, 1, 2 * task + 3] = 1
        for level, opacity in ((0.04, 0.5), (0.16, 0.38), (0.36, 0.26)):
            ring = quadratic.ring(CURVATURES[task], level)
            found.append(Path(ring, colour=colour, width=1.25, opacity=opacity, fill=True, follow=follow))
    return found


def path(geometry: Geometry, **look: Any) -> Path:
    """A path whose vertices depend on theta and the optima, [4, 2] -> [V, 2]."""
    vertices, follow = following(geometry, len(START))
    return Path(vertices, follow=follow, **look)


def inner_paths(inner: Loop, label: Text, language: Language) -> list[Path]:
    """How each task's inner steps lead away from theta, as an arrow with a dot at each step."""
    looks = {"width": 2.0, "arrow": True, "dots": 2.5 if inner.steps > 1 else 0.0}

    def walk(task: int) -> Geometry:
        return lambda points: quadratic.inner_path(points[0], points[1:], CURVATURES, *inner)[:, task]

    return [
        path(walk(task), colour=colour, label=label(language) if task == 0 else "", **looks)
        for task, (colour, _) in enumerate(TASKS)
    ]
