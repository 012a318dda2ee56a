"""The buttons: Train, Pause or Resume, Step, Stop, Reset, each with a key of its own on the keyboard."""

import streamlit as st

from metaplay.config import ConfigError, RunConfig, defaults
from metaplay.engine.control import Command
from metaplay.history import History
from metaplay.text import Language, Text, UserError
from metaplay.ui import form, keys, player, status
from metaplay.ui.status import plain
from metaplay.ui.visitor import OTHERS, visit

_TRAIN = Text("Train", "训练")
_PAUSE = Text("Pause", "暂停")
_RESUME = Text("Resume", "继续")
_STEP = Text("Step", "单步")
_STOP = Text("Stop", "停止")
_RESET = Text("Reset", "重置")
_TRAIN_HELP = Text(
    "Start a run of what the form says. A run that is going goes on beside it; find it again under Runs.",
    "按表单开始一次训练。正在进行的训练会继续，可在“训练记录”中找到。",
)
_SAME = Text("Exactly this run is going already.", "完全相同的训练正在进行。")
_STEP_HELP = Text("Do one meta-step and pause.", "执行一个元步，然后暂停。")
_STOP_HELP = Text("End the run here; what it learnt so far is kept.", "在此结束训练；已学到的内容会保留。")
_RESET_HELP = Text(
    "End the run, put the form back to its defaults and play the replay again.",
    "结束训练，表单恢复默认值，并重新播放回放。",
)


_PRESSED = "pressed"
"""Whether a run or a step was begun since the buttons were drawn."""


def draw(config: RunConfig | None, history: History, language: Language, own: bool = True) -> None:
    """The row of buttons for the watched run with this configuration and history; `config` is None while none is watched.

    A run that is not one's `own` can only be watched: beside it, they are those of a page that watches none.
    """
    if trouble := st.session_state.pop("trouble", None):
        st.toast(plain(trouble(language)), icon=":material/error:")
    st.session_state[_PRESSED] = False
    going = own and config is not None and not history.ended
    still = own and config is not None and history.state in status.GOES_ON
    trainable, same = can_train(config, history)
    same = same and own
    others = None if own else OTHERS(language)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _TRAIN(language),
            key="train",
            type="primary",
            icon=":material/play_arrow:",
            shortcut=None if going or still else keys.TRAIN,
            disabled=same or not trainable,
            help=(_SAME if same else _TRAIN_HELP)(language),
            on_click=_train,
            args=("resume",),
        )
        st.button(
            (_RESUME if still else _PAUSE)(language),
            key="pause",
            icon=":material/resume:" if still else ":material/pause:",
            shortcut=keys.TRAIN if going or still else None,
            disabled=not (going or still),
            help=others,
            on_click=_control,
            args=("resume" if still else "pause",),
        )
        st.button(
            _STEP(language),
            key="step",
            icon=":material/skip_next:",
            shortcut=keys.STEP,
            disabled=not trainable and not going,
            help=_STEP_HELP(language),
            on_click=_control if going else _train,
            args=("step",),
        )
        st.button(
            _STOP(language),
            key="stop",
            icon=":material/stop:",
            shortcut=keys.STOP,
            disabled=not going,
            help=others or _STOP_HELP(language),
            on_click=_control,
            args=("stop",),
        )
        st.button(
            _RESET(language),
            key="reset",
            icon=":material/restart_alt:",
            help=_RESET_HELP(language),
            on_click=_reset,
            args=(going,),
        )


def _train(first: Command) -> None:
    """Start a run of what the form says; `first` is "resume", or "step" to take one meta-step and pause."""
    if not _first_time():
        return
    try:
        st.session_state["run"] = visit().submit(form.current(), first)
    except UserError as error:
        tell(error)
    st.rerun()


def _control(command: Command) -> None:
    """Ask something of the watched run; a whole page run follows, which also starts the ticking again."""
    if command == "step" and not _first_time():
        return
    try:
        visit().control(st.session_state["run"], command)
    except UserError as error:
        tell(error)
    st.rerun()


def _first_time() -> bool:
    """Whether nothing was begun since the buttons were drawn: where a tick meets a press, Streamlit brings it twice."""
    first = not st.session_state[_PRESSED]
    st.session_state[_PRESSED] = True
    return first


def tell(error: UserError) -> None:
    """Say to the reader what cannot be done, when the buttons are drawn next: what a callback draws replaces the page's head."""
    st.session_state["trouble"] = error.text


def _reset(going: bool) -> None:
    if going:
        visit().control(st.session_state["run"], "stop")
    st.session_state["run"] = None
    values = form.values()
    form.put(defaults(values["algorithm"], values["family"]))
    player.restart()
    st.rerun()


def can_train(config: RunConfig | None, history: History) -> tuple[bool, bool]:
    """Whether what the form says can be trained, and whether it is what the watched run trains already."""
    try:
        return True, form.current() == config and not history.ended
    except ConfigError:
        return False, False
