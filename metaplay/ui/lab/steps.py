"""The inner step that is shown: a slider, a button each way, and one that plays."""

import time

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui.lab import choice
from metaplay.walks import Walked

TICK = 0.8
"""Seconds that each inner step stands while they play."""
_KEY, _PLAYING, _TURNED = "lab-step", "lab-playing", "lab-turned"
_STEP = Text("Inner step", "内层步")
_HELP = Text(
    "0 is before adaptation; training took {trained}, a test takes {tested}; what comes after is further than a test goes.",
    "0 为适应之前；训练时走 {trained} 步，测试时走 {tested} 步；之后超出测试的范围。",
)
_HELP_UNTRAINED = Text(
    "0 is before adaptation; a test takes {tested}; what comes after is further than a test goes.",
    "0 为适应之前；测试时走 {tested} 步；之后超出测试的范围。",
)
_PLAY, _PAUSE = Text("Play", "播放"), Text("Pause", "暂停")
_BACK, _ON = Text("One step back", "后退一步"), Text("One step on", "前进一步")


def playing() -> bool:
    """Whether the steps go by themselves."""
    return bool(st.session_state.get(_PLAYING))


def draw(walk: Walked, last: int, language: Language) -> int:
    """The controls for the steps 0 to `last` of the walks; the step that they say."""
    asked = choice.number("inner", last)
    step = min(st.session_state.get(_KEY, walk.tested if asked is None else asked), last)
    due = _turn(step, last) if playing() else step
    if due != st.session_state.get(_KEY):  # only then: what is set here overtakes a reader who scrubs fast
        st.session_state[_KEY] = due
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        mode = (_PAUSE, "pause") if playing() else (_PLAY, "play_arrow")
        _button("lab-play", mode[0](language), mode[1], "Space", _toggle, last)
        _button("lab-back", "", "chevron_left", "Left", _move, -1, last, said=_BACK(language))
        _button("lab-on", "", "chevron_right", "Right", _move, 1, last, said=_ON(language))
        said = _HELP_UNTRAINED if walk.trained is None else _HELP
        st.slider(
            _STEP(language), 0, last, key=_KEY, help=said.fill(trained=walk.trained, tested=walk.tested)(language)
        )
    shown = int(st.session_state[_KEY])
    if shown != asked:
        choice.put("inner", shown)
    return shown


def _turn(step: int, last: int) -> int:
    """The step that is due; after the last one it pauses."""
    if time.monotonic() - st.session_state[_TURNED] < 0.9 * TICK:
        return step
    st.session_state[_TURNED] = time.monotonic()
    st.session_state[_PLAYING] = step + 1 < last
    return min(step + 1, last)


def _button(key: str, label: str, icon: str, shortcut: str, act: object, *args: int, said: str | None = None) -> None:
    st.button(
        label,
        key=key,
        icon=f":material/{icon}:",
        shortcut=shortcut,
        help=said,
        on_click=act,  # type: ignore[arg-type]
        args=args,
    )


def _toggle(last: int) -> None:
    """Play from here, or from the first step where this is the last; or pause."""
    st.session_state[_PLAYING] = not playing()
    st.session_state[_TURNED] = time.monotonic()
    if playing() and st.session_state[_KEY] >= last:
        st.session_state[_KEY] = 0


def _move(by: int, last: int) -> None:
    st.session_state[_PLAYING] = False
    st.session_state[_KEY] = min(max(st.session_state[_KEY] + by, 0), last)
