"""The race that is watched: buttons, how far each run is, figures and results; drawn anew a few times a second while it goes on."""

from collections.abc import Sequence

import streamlit as st

from metaplay.charts.runners import Runner
from metaplay.engine.control import Command
from metaplay.engine.turns import Place
from metaplay.history import History
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, i18n, keys, live, status, visitor
from metaplay.ui.engine import engine, house
from metaplay.ui.race import results
from metaplay.ui.race.watch import WatchedRace, watched_race
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

_PAUSE = Text("Pause", "暂停")
_RESUME = Text("Resume", "继续")
_STOP = Text("Stop", "停止")
_STEP = Text("step {step:,} of {total:,}", "第 {step:,} / {total:,} 步")
_OPEN = Text("Open in the playground", "在训练场中打开")


def draw(name: str, language: Language, theme: Theme) -> None:
    """The live part. It ticks while a run of the race goes on."""
    seen = watched_race(engine().store, name)
    seen.read()
    figure.part(_live, name, language, theme, seen.ended, every=None if seen.ended else live.TICK)


def _live(name: str, language: Language, theme: Theme, ended: bool) -> None:
    seen = watched_race(engine().store, name)
    seen.read()
    house().watching(seen.race.members)
    with figure.steady():
        _buttons(seen, language)
        field = seen.runners(language)
        _runners(seen, field, language)
        columns = len(seen.panels(seen.race.sweep, language)) if seen.race.sweep else 3
        live.views(seen.drawn(language, theme), language, columns)
        with st.container():
            results.draw(field, language, compare=seen.race.sweep is None)
    if seen.ended and not ended:
        st.rerun()


def _buttons(seen: WatchedRace, language: Language) -> None:
    states = [history.state for history in seen.histories]
    going = any(state in ("queued", "preparing", "running") for state in states)
    still = not going and any(state in status.GOES_ON for state in states)
    own = visitor.owns(*seen.race.members)
    others = None if own else visitor.OTHERS(language)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            (_RESUME if still else _PAUSE)(language),
            key="race-pause",
            icon=":material/resume:" if still else ":material/pause:",
            shortcut=keys.TRAIN,
            disabled=not own or not (going or still),
            help=others,
            on_click=_control,
            args=(seen.race.name, "resume" if still else "pause"),
        )
        st.button(
            _STOP(language),
            key="race-stop",
            icon=":material/stop:",
            shortcut=keys.STOP,
            disabled=not own or seen.ended,
            help=others,
            on_click=_control,
            args=(seen.race.name, "stop"),
        )


def _control(race: str, command: Command) -> None:
    try:
        visitor.visit().control_race(race, command)
    except UserError as error:
        st.toast(plain(error.text(i18n.language())), icon=":material/error:")
    st.rerun()


def _runners(seen: WatchedRace, field: list[Runner], language: Language) -> None:
    """How far each run is, and what is wrong with it."""
    places = engine().queue()
    st.html(_colours(field, seen.race.members))
    with st.grid(3, min_column_width=260, gap="xsmall"):
        for runner, run in zip(field, seen.race.members, strict=True):
            with st.container(gap="xsmall", key=f"lane-{run}"):
                st.progress(_done(runner.history), text=_line(runner, places.get(run), language))
                if trouble := status.trouble(runner.history, language):
                    st.caption(trouble)


def _colours(field: list[Runner], members: Sequence[str]) -> str:
    """Each lane carries the colour of its lines."""
    lanes = zip(field, members, strict=True)
    rules = [f".st-key-lane-{run} {{border-left: 5px solid {one.colour}; padding-left: 0.6rem}}" for one, run in lanes]
    return f"<style>{''.join(rules)}</style>"


def _done(history: History) -> float:
    return 1.0 if history.state == "finished" else status.share_done(history)


def _line(runner: Runner, place: Place | None, language: Language) -> str:
    history = runner.history
    parts = [f"**{runner.name}**", status.STATES[history.state](language)]
    if place is not None and history.state == "queued":
        parts.append(status.waits(place)(language))
    elif runner.trains and history.started:
        parts.append(_STEP.fill(step=history.step, total=runner.config.steps)(language))
    return " ".join(parts)
