"""A run played again: play and pause, any speed, any place, with the very views of the playground."""

import time

import streamlit as st

from metaplay.text import Language, Text, duration
from metaplay.ui import figure, live, player, runs, status
from metaplay.ui.engine import engine
from metaplay.ui.theme import Theme

SPEEDS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Times as fast as it was trained."""
_LENGTH = 20.0
"""Seconds that a replay lasts, about, until its reader chooses a speed."""
_PLAY, _PAUSE, _AGAIN = Text("Play", "播放"), Text("Pause", "暂停"), Text("Play again", "重新播放")
_FASTER = Text("Speed", "速度")
_SPEED_HELP = Text(
    "1 × is as fast as it was trained. Pauses of more than {gap:.0f} s are cut short.",
    "1 × 为训练时的速度。超过 {gap:.0f} 秒的停顿会被缩短。",
).fill(gap=player.LONGEST_GAP)
_PLACE = Text("Moment", "时刻")
_LASTS = Text("The whole replay lasts {time} at this speed.", "以此速度，整个回放持续 {time}。")
_EMPTY = Text("This run has recorded nothing yet that could be replayed.", "这次训练还没有可以回放的记录。")
_OPEN = Text("Open in the playground", "在训练场中打开")
_RUN, _HEAD, _SPEED = "replay-run", "replay-head", "replay-times"
"""What a session knows of its replay: of which run, where it stands, how fast. The sliders show it anew at every tick."""
_SPEED_SLIDER, _PLACE_SLIDER = "replay-speed", "replay-place"


def draw(run: str, language: Language, theme: Theme) -> None:
    """The replay of a run, which plays when it is opened. Raises UserError if the run is gone."""
    store = engine().store
    log = store.path(run) / "events.jsonl"
    size = log.stat().st_size if log.exists() else 0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(runs.name(store, run), anchor=False, width="stretch")
        st.link_button(_OPEN(language), f"./?run={run}&lang={language}", icon=":material/play_circle:", type="tertiary")
    if not size:
        st.info(_EMPTY(language))
        return
    film = player.film(store, run, size)
    if st.session_state.get(_RUN) != run:
        st.session_state[_RUN] = run
        st.session_state[_SPEED] = min(SPEEDS, key=lambda speed: abs(film.seconds / speed - _LENGTH))
        _set(film, 0.0, True)
    playing = st.session_state[_HEAD].playing(time.monotonic())
    figure.part(_replay, film, language, theme, playing, every=live.TICK if playing else None)


def _replay(film: player.Film, language: Language, theme: Theme, was_playing: bool) -> None:
    now = time.monotonic()
    head: player.Playhead = st.session_state[_HEAD]
    number, playing = head.picture(now), head.playing(now)
    with figure.steady():
        _transport(film, number, playing, language)
        history = film.history(number)
        st.progress(status.share_done(history), text=status.state(history, language))
        live.views(film.drawn(number, language, theme), language)
    if playing != was_playing:
        st.rerun()


def _transport(film: player.Film, number: int, playing: bool, language: Language) -> None:
    ended = number == player.FRAMES
    speed = st.session_state[_SPEED_SLIDER] = st.session_state[_SPEED]
    st.session_state[_PLACE_SLIDER] = number
    lasts = _LASTS.fill(time=duration(film.seconds / speed, language))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.button(
            (_PAUSE if playing else _AGAIN if ended else _PLAY)(language),
            key="replay-play",
            type="primary",
            icon=":material/pause:" if playing else ":material/replay:" if ended else ":material/play_arrow:",
            shortcut="Space",
            on_click=_set,
            args=(film, 0.0 if ended else None, not playing),
        )
        st.slider(
            _PLACE(language),
            0,
            player.FRAMES,
            key=_PLACE_SLIDER,
            format="%d %%",
            on_change=_scrubbed,
            args=(film,),
            width="stretch",
        )
        st.select_slider(
            _FASTER(language),
            SPEEDS,
            key=_SPEED_SLIDER,
            format_func=lambda times: f"{times:g} ×",
            help=f"{_SPEED_HELP(language)} {lasts(language)}",
            on_change=_hastened,
            args=(film,),
            width=260,
        )


def _set(film: player.Film, share: float | None = None, playing: bool | None = None) -> None:
    """Go on from `share`, or from here, at the chosen speed; `playing` None leaves it playing or paused as it is."""
    now = time.monotonic()
    head = st.session_state.get(_HEAD, player.Playhead(0.0, now))
    plays = head.pace > 0 if playing is None else playing
    pace = st.session_state[_SPEED] / max(film.seconds, 0.1) if plays else 0.0
    st.session_state[_HEAD] = player.Playhead(head.at(now) if share is None else share, now, pace)


def _scrubbed(film: player.Film) -> None:
    _set(film, st.session_state[_PLACE_SLIDER] / player.FRAMES)


def _hastened(film: player.Film) -> None:
    st.session_state[_SPEED] = st.session_state[_SPEED_SLIDER]
    _set(film)
