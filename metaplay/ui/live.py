"""The live part of the page: buttons, status line and views, drawn anew a few times a second while something runs."""

import streamlit as st

from metaplay.charts import MORE, offered
from metaplay.config import RunConfig
from metaplay.history import History
from metaplay.text import Language, Text
from metaplay.ui import controls, figure, form, midway, player, status
from metaplay.ui.engine import engine
from metaplay.ui.live_plot import live_plot
from metaplay.ui.shown import Drawn, watched
from metaplay.ui.theme import Theme

TICK = 0.4
"""Seconds between two looks at the run."""
_REPLAY = Text(
    ":violet-badge[Replay] {title}: a run that ships with metaplay. Press Train for one of your own.",
    ":violet-badge[回放] {title}：随 metaplay 附带的一次训练。按“训练”开始你自己的。",
)
_MORE = Text("More views", "更多视图")


def draw(language: Language, theme: Theme) -> None:
    """The live part. It ticks while the watched run or the replay goes on, and stands still afterwards."""
    run = st.session_state["run"]
    ended = watched(engine().store, run).read().ended if run else player.picture_now() == player.FRAMES
    st.fragment(_live, run_every=None if ended else TICK)(run, language, theme, ended)


def _live(run: str | None, language: Language, theme: Theme, ended: bool) -> None:
    if run is None:
        number, film = player.picture_now(), player.shipped()
        config, history = None, film.history(number)
        asked = _asked(history.config)
        drawn, now_ended = film.drawn(number, language, theme, asked), number == player.FRAMES
    else:
        seen = watched(engine().store, run)
        config, history = seen.config, seen.read()
        asked = _asked(config)
        drawn, now_ended = seen.drawn(language, theme, asked), history.ended
    with figure.steady():
        controls.draw(config, history, language)
        # Always there, as no place in the page may be an element now and a container then: ticks overtake each other.
        with st.container(horizontal=True, gap="small", key="midway"):
            if run and config and not now_ended:
                midway.draw(run, config, language)
        _status(run, history, language)
        main = len(drawn) - len(asked)
        views(drawn[:main], language)
        _more(config or history.config, drawn[main:], language)
    if now_ended and not ended:
        st.rerun()


def _status(run: str | None, history: History, language: Language) -> None:
    if run is None:
        line = _REPLAY.fill(title=status.title(history))(language)
    else:
        place = engine().queue().get(run) if history.state == "queued" else None
        line = status.state(history, language, place)
    st.progress(status.share_done(history), text=line)
    with st.container(gap="xsmall"):  # always there, so that what comes and goes in it leaves the charts where they are
        if trouble := status.trouble(history, language):
            (st.error if history.state == "failed" else st.warning)(trouble)
        if result := status.result(history, language):
            st.markdown(result)
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
