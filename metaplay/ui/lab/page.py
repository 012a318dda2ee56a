"""The adaptation lab: a run at a moment of its training, one task, and every inner step of the way."""

from typing import Any, cast

import streamlit as st

from metaplay.charts.lab import confusion, embedding, field, progress, returns, surface
from metaplay.charts.lab.shown import Shown
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, influence, navigation, share
from metaplay.ui.engine import engine
from metaplay.ui.lab import asks, choice, curve, plane, steps, tiles
from metaplay.ui.lab.choice import SCRATCH, Choice
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme
from metaplay.walks import CurveWalk, ImageWalk, PlaneWalk, PolicyWalk, Walked

_TITLE = Text("One task, step by step", "一个任务，一步一步看")
_INTRO = Text(
    "Take a run at any moment of its training, draw a task and watch the inner steps bend the network to it.",
    "取一次训练的任一时刻，抽一个任务，观察内层步如何让网络适应它。",
)
_NONE = Text("There is no run to look at yet: train one first.", "还没有可以查看的训练：请先训练一次。")
_TRAIN = Text("Train one on the playground", "到训练场训练一次")
_WAIT = Text("The network adapts (the engine needs a few seconds at first).", "网络正在适应（引擎首次启动需要几秒）。")
_SLICING = Text("Measuring the loss around the path.", "正在计算路径周围的损失。")
_LOW, _HEIGHT, _TALL = 310, 380, 560


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
    store = engine().store
    found = choice.kept(store)
    if not found:
        share.keep_address({}, language)
        st.info(_NONE(language), icon=":material/model_training:")
        st.page_link("pages/playground.py", label=_TRAIN(language), icon=":material/play_circle:")
        return
    chosen = choice.draw(store, found, language)
    share.keep_address(choice.query(), language)
    playing = steps.playing()
    figure.part(_steps, chosen, playing, language, theme, every=steps.TICK if playing else None)


def _steps(chosen: Choice, playing: bool, language: Language, theme: Theme) -> None:
    """Everything that follows the inner step; only this is drawn anew while one scrubs, plays or drags."""
    with figure.steady():
        try:
            with st.spinner(_WAIT(language)):
                own = asks.walked(chosen, None)
                points = _moved(own, chosen.episode)
                found = _walks(chosen, points)
        except UserError as error:
            st.warning(plain(error.text(language)))
            return
        last = max(shown.walk.last for shown in found)
        step = steps.draw(found[0].walk, last, language)
        if isinstance(own, CurveWalk):
            _curves(cast("list[Shown[CurveWalk]]", found), own, chosen, points, step, language, theme)
        elif isinstance(own, PolicyWalk):
            _policies(cast("list[Shown[PolicyWalk]]", found), own, chosen, step, language, theme)
        else:
            _classes(cast("list[Shown[ImageWalk]]", found), chosen, step, language, theme)
    if steps.playing() != playing:
        st.rerun()


def _moved(own: Walked, episode: int) -> asks.Points | None:
    """What the reader dragged, of walks that have something to drag."""
    if isinstance(own, CurveWalk):
        return curve.moved(own, episode)
    return plane.moved(own, episode) if isinstance(own, PlaneWalk) else None


def _walks(chosen: Choice, points: asks.Points | None) -> list[Shown[Walked]]:
    """The run's walk, and that of what it is compared with."""
    store = engine().store
    found = [Shown(choice.name(store, chosen.run), asks.walked(chosen, points))]
    other = asks.compared(chosen, points)
    if other is not None and chosen.compare is not None:
        fresh = chosen.compare == SCRATCH
        name = ALGORITHMS[SCRATCH].label if fresh else choice.name(store, chosen.compare)
        found.append(Shown(name, other, second=True))
    return found


def _curves(
    found: list[Shown[CurveWalk]],
    own: CurveWalk,
    chosen: Choice,
    points: asks.Points | None,
    step: int,
    language: Language,
    theme: Theme,
) -> None:
    with st.grid(2, min_column_width=330, gap="small") as grid:
        with st.container(border=True, gap="xsmall"):
            curve.draw(found, own, chosen.episode, step, language, theme)
            figure.explained(curve.EXPLAIN(language), key="lab-curve", language=language)
        beside = st.container()
        with grid.cell(column_span="all"):
            _chart("progress", progress, found, step, language, theme, height=_LOW)
    with beside:  # the slowest comes last
        _slice(chosen, points, step, language, theme, height=_TALL)


def _policies(
    found: list[Shown[PolicyWalk]], own: PolicyWalk, chosen: Choice, step: int, language: Language, theme: Theme
) -> None:
    if not isinstance(own, PlaneWalk):
        _chart("returns", returns, found, step, language, theme)
        return
    planes = cast("list[Shown[PlaneWalk]]", found)
    with st.grid(2, min_column_width=330, gap="small") as grid:
        with st.container(border=True, gap="xsmall"):
            plane.draw(planes, own, chosen.episode, step, language, theme)
            figure.explained(plane.EXPLAIN(language), key="lab-plane", language=language)
        _chart("field", field, planes, step, language, theme, height=_TALL if len(found) == 1 else _HEIGHT)
        with grid.cell(column_span="all"):
            _chart("returns", returns, found, step, language, theme, height=_LOW)


def _classes(found: list[Shown[ImageWalk]], chosen: Choice, step: int, language: Language, theme: Theme) -> None:
    with st.container(border=True, gap="xsmall"):
        second = tiles.SECOND.fill(name=plain(found[1].name))(language) if len(found) > 1 else ""
        st.html(tiles.STYLE + tiles.tiles(found, step, language))
        st.caption(tiles.LEGEND.fill(second=second, example=found[0].example)(language))
        if found[0].walk.query.weighed:
            st.html(f"{influence.STYLE}<small>{influence.LEGEND(language)}</small>")
            figure.explained(influence.EXPLAIN(language), key="lab-influence", language=language)
    with st.grid(2, min_column_width=330, gap="small"):
        _chart("progress", progress, found, step, language, theme)
        _chart("confusion", confusion, found, step, language, theme)
        _chart("embedding", embedding, found, step, language, theme)
        _slice(chosen, None, step, language, theme)


def _chart(
    key: str, chart: Any, found: Any, step: int, language: Language, theme: Theme, height: int = _HEIGHT
) -> None:
    """A figure of a module of charts.lab, which draws it by a function of its own name."""
    with st.container(border=True, gap="xsmall"):
        figure.show(
            getattr(chart, key)(found, step, language, theme),
            key=f"lab-{key}",
            alt=chart.alt(found, step, language),
            explain=chart.EXPLAIN.fill(example=found[0].example),
            language=language,
            height=height,
        )


def _slice(
    chosen: Choice, points: asks.Points | None, step: int, language: Language, theme: Theme, height: int = _HEIGHT
) -> None:
    with st.container(border=True, gap="xsmall"):
        try:
            with st.spinner(_SLICING(language)):
                found = asks.sliced(chosen, points)
        except UserError as error:
            st.caption(plain(error.text(language)))
            return
        figure.show(
            surface.surface(found, step, language, theme),
            key="lab-surface",
            alt=surface.alt(found, step, language),
            explain=surface.EXPLAIN,
            language=language,
            height=height,
        )
