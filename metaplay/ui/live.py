"""The live part of the page: buttons, status line and views.

Only what changes with every tick ticks: the status line, and one message with the data of all charts. The rest is drawn anew
where it would say something else, for each element that a page sends costs everybody who watches.
"""

from typing import NamedTuple

import streamlit as st

from metaplay.charts import MORE, offered
from metaplay.config import RunConfig
from metaplay.engine import control
from metaplay.engine.turns import Place
from metaplay.history import History
from metaplay.text import Language, Text
from metaplay.ui import controls, figure, form, midway, player, status, visitor
from metaplay.ui.engine import engine, house
from metaplay.ui.feed import feed
from metaplay.ui.live_plot import live_plot
from metaplay.ui.shown import Drawn, watched
from metaplay.ui.theme import Theme

TICK, WAITING_TICK = 0.4, 1.0
"""Seconds between two looks at a run that goes, and at one that waits for its turn: of a lecture hall's most do, and every look takes
of the one process that serves all."""
_REPLAY = Text(
    ":violet-badge[Replay] {title}: a run that ships with metaplay. Press Train for one of your own.",
    ":violet-badge[回放] {title}：随 metaplay 附带的一次训练。按“训练”开始你自己的。",
)
_MORE = Text("More views", "更多视图")


class _Moment(NamedTuple):
    """What the watched run, or the replay that ships (then `run` and `config` are None), is at one moment."""

    run: str | None
    config: RunConfig | None
    history: History
    ended: bool
    picture: int = 0
    place: Place | None = None  # in the queue

    def every(self) -> float | None:
        """Seconds between two looks at it; None where nothing comes any more."""
        if self.ended:
            return None
        return WAITING_TICK if self.place else TICK

    def asked(self) -> list[str]:
        """The further views that the reader has chosen."""
        return _asked(self.config or self.history.config)

    def drawn(self, language: Language, theme: Theme) -> list[Drawn]:
        """The views, those that are asked for last."""
        if self.run is None:
            return player.shipped().drawn(self.picture, language, theme, self.asked())
        return watched(engine().store, self.run).drawn(language, theme, self.asked())

    def standing(self, drawn: list[Drawn]) -> tuple:
        """What is said by the parts that do not tick."""
        wish = control.wished(engine().store, self.run) if self.run and not self.ended else None
        still = self.history.state in status.GOES_ON
        return self.run, still, self.every(), wish, [view.key for view in drawn]


def draw(language: Language, theme: Theme) -> None:
    """The live part. It ticks while the watched run or the replay goes on, and stands still afterwards."""
    now = _moment()
    drawn = now.drawn(language, theme)
    with figure.steady():
        figure.part(_controls, language)
        figure.part(_ticking, language, theme, now.standing(drawn), every=now.every())
        main = len(drawn) - len(now.asked())
        views(drawn[:main], language)
        _more(now.config or now.history.config, drawn[main:], language)


def said_of_form(language: Language) -> tuple:
    """What is said here of the form: whether it can be trained or is being trained, and how the watched run differs from it."""
    if not (run := st.session_state["run"]):
        return controls.can_train(None, History()), None
    seen = watched(engine().store, run)
    return controls.can_train(seen.config, seen.history), status.differences(seen.history, form.values(), language)


def _moment() -> _Moment:
    run = st.session_state["run"]
    if run is None:
        number = player.picture_now()
        return _Moment(None, None, player.shipped().history(number), number == player.FRAMES, number)
    seen = watched(engine().store, run)
    history = seen.read()
    house().watching([run])
    place = engine().queue().get(run) if history.state == "queued" else None
    return _Moment(run, seen.config, history, history.ended, place=place)


def _controls(language: Language) -> None:
    now = _moment()
    own = now.run is None or visitor.owns(now.run)
    controls.draw(now.config, now.history, language, own)
    # Always there, as no place in the page may be an element now and a container then: ticks overtake each other.
    with st.container(horizontal=True, gap="small", key="midway"):
        if now.run and now.config and own and not now.ended:
            midway.draw(now.run, now.config, language)


def _ticking(language: Language, theme: Theme, standing: tuple) -> None:
    now = _moment()
    drawn = now.drawn(language, theme)
    _status(now, language)
    feed({f"plot-{view.key}": (view.figure, view.alt) for view in drawn if not now.ended})
    if now.standing(drawn) != standing:
        st.rerun()


def _status(now: _Moment, language: Language) -> None:
    run, history = now.run, now.history
    if run is None:
        line = _REPLAY.fill(title=status.title(history))(language)
    else:
        line = status.state(history, language, now.place)
    st.progress(status.share_done(history), text=line)
    with st.container(gap="xsmall"):  # always there, so that what comes and goes in it leaves the charts where they are
        if trouble := status.trouble(history, language):
            (st.error if history.state == "failed" else st.warning)(trouble)
        if result := status.result(history, language):
            st.markdown(result)
        if run and not visitor.owns(run):
            st.caption(visitor.OTHERS(language))
        if run and (other := status.differences(history, form.values(), language)):
            st.caption(other)


def _asked(config: RunConfig | None) -> list[str]:
    """The further views that the reader has chosen, as far as such a run has them."""
    return [key for key in st.session_state.get("more", []) if config and key in offered(config)]


def _more(config: RunConfig | None, drawn: list[Drawn], language: Language) -> None:
    """Further views, which are drawn only where the reader wants them."""
    if config is None:
        return
    st.pills(
        _MORE(language),
        offered(config),
        format_func=lambda key: MORE[key].title(language),
        selection_mode="multi",
        key="more",
    )
    with st.grid(2 if len(drawn) == 4 else len(drawn) or 1, min_column_width=280, gap="small"):
        for view in drawn:
            with st.container(border=True, gap="xsmall"):
                _view(view, language)


def views(drawn: list[Drawn], language: Language, columns: int = 3) -> None:
    """Views, the first `columns` of them side by side, as far as there is room; those after them below, as wide as all."""
    grid = st.grid(columns, min_column_width=280, gap="small")
    for place, view in enumerate(drawn):
        with grid.cell(column_span=1 if place < columns else "all"), st.container(border=True, gap="xsmall"):
            _view(view, language)


def _view(view: Drawn, language: Language) -> None:
    live_plot(view.figure, key=f"plot-{view.key}", alt=view.alt)
    figure.explained(view.explain, key=view.key, language=language)
