"""What can be done with the chosen runs: one row of buttons above the table."""

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from metaplay.engine.listing import Listed
from metaplay.text import Language, Text, UserError
from metaplay.ui import i18n, status
from metaplay.ui.engine import house
from metaplay.ui.library import carrying, dialogs, place
from metaplay.ui.status import plain
from metaplay.ui.visitor import visit

_REPLAY, _COMPARE, _RESUME = Text("Replay", "回放"), Text("Compare", "比较"), Text("Resume", "继续")
_NAME, _DELETE = Text("Name and tags", "名称与标签"), Text("Delete", "删除")
_PIN, _UNPIN = Text("Pin", "固定"), Text("Unpin", "取消固定")
_PIN_HELP = Text(
    "A pinned run stays. Where there is no room for all runs on this server, the oldest of the others are deleted.",
    "固定的训练会保留。服务器空间不足时，会删除其他训练中最旧的。",
)
_NOT_OWN = Text(
    "Only a run's owner can do this: choose runs of your own.", "只有训练的所有者可以这样做：请选择你自己的训练。"
)
_ONE = Text("Choose one run in the table.", "请在表中选择一次训练。")
_SEVERAL = Text("Choose two to {most} runs in the table.", "请在表中选择两到 {most} 次训练。").fill(most=place.MOST)
_SOME = Text("Choose runs in the table.", "请在表中选择训练。")
_NO_RESUME = Text(
    "Choose one run that was paused, stopped or interrupted, or that failed.",
    "请选择一次已暂停、停止、中断或失败的训练。",
)


def draw(chosen: Sequence[Listed], own: bool, language: Language) -> None:
    """The buttons; those that make no sense for what is chosen, or are for its owner alone, cannot be pressed, and say why."""
    runs = [row.run for row in chosen]
    one = len(chosen) == 1
    resumable = one and chosen[0].state.state in status.GOES_ON
    with st.container(horizontal=True, gap="xsmall"):
        _button("replay", _REPLAY, "movie", None if one else _ONE, language, place.go, ("replay", *runs))
        several = 2 <= len(chosen) <= place.MOST
        _button(
            "compare",
            _COMPARE,
            "stacked_line_chart",
            None if several else _SEVERAL,
            language,
            place.go,
            ("compare", *runs),
        )
        others = None if own else _NOT_OWN
        no_resume = others or (None if resumable else _NO_RESUME)
        _button("resume", _RESUME, "resume", no_resume, language, _resume, runs)
        _button("name", _NAME, "label", others or (None if one else _ONE), language, dialogs.ask, ("name", *runs))
        if house().many:
            pinned = bool(chosen) and all(row.label.pinned for row in chosen)
            label, missing = _UNPIN if pinned else _PIN, others or (None if chosen else _SOME)
            _button("pin", label, "keep", missing, language, partial(_pin, not pinned), runs, _PIN_HELP)
        carrying.download(runs[0] if one else None, language)
        missing = others or (None if chosen else _SOME)
        _button("delete", _DELETE, "delete", missing, language, dialogs.ask, ("delete", *runs))


def _button(
    key: str,
    label: Text,
    icon: str,
    missing: Text | None,
    language: Language,
    act: Callable[..., None],
    runs: Sequence[str],
    about: Text | None = None,
) -> None:
    st.button(
        label(language),
        key=f"runs-{key}",
        icon=f":material/{icon}:",
        disabled=missing is not None,
        help=said(language) if (said := missing or about) else None,
        on_click=_do,
        args=(act, *runs),
    )


def _do(act: Callable[..., None], *about: str) -> None:
    act(*about)
    st.rerun()  # the whole page: this part of it is drawn anew by itself


def _resume(run: str) -> None:
    _try(lambda: visit().control(run, "resume"))


def _pin(on: bool, *runs: str) -> None:
    for run in runs:
        _try(lambda run=run: visit().pin(run, on))


def _try(act: Callable[[], None]) -> None:
    try:
        act()
    except UserError as error:
        st.toast(plain(error.text(i18n.language())), icon=":material/error:")
