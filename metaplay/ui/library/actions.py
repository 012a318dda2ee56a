"""What can be done with the chosen runs: one row of buttons above the table."""

from collections.abc import Callable, Sequence

import streamlit as st

from metaplay.engine.listing import Listed
from metaplay.text import Language, Text, UserError
from metaplay.ui import i18n, status
from metaplay.ui.engine import engine
from metaplay.ui.library import carrying, dialogs, place

_REPLAY, _COMPARE, _RESUME = Text("Replay", "回放"), Text("Compare", "比较"), Text("Resume", "继续")
_NAME, _DELETE = Text("Name and tags", "名称与标签"), Text("Delete", "删除")
_ONE = Text("Choose one run in the table.", "请在表中选择一次训练。")
_SEVERAL = Text("Choose two to {most} runs in the table.", "请在表中选择两到 {most} 次训练。").fill(most=place.MOST)
_SOME = Text("Choose runs in the table.", "请在表中选择训练。")
_NO_RESUME = Text(
    "Choose one run that was paused, stopped or interrupted, or that failed.",
    "请选择一次已暂停、停止、中断或失败的训练。",
)


def draw(chosen: Sequence[Listed], language: Language) -> None:
    """The buttons; those that make no sense for what is chosen cannot be pressed, and say why."""
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
        _button("resume", _RESUME, "resume", None if resumable else _NO_RESUME, language, _resume, runs)
        _button("name", _NAME, "label", None if one else _ONE, language, dialogs.ask, ("name", *runs))
        carrying.download(runs[0] if one else None, language)
        _button("delete", _DELETE, "delete", None if chosen else _SOME, language, dialogs.ask, ("delete", *runs))


def _button(
    key: str,
    label: Text,
    icon: str,
    missing: Text | None,
    language: Language,
    act: Callable[..., None],
    runs: Sequence[str],
) -> None:
    st.button(
        label(language),
        key=f"runs-{key}",
        icon=f":material/{icon}:",
        disabled=missing is not None,
        help=missing(language) if missing else None,
        on_click=_do,
        args=(act, *runs),
    )


def _do(act: Callable[..., None], *about: str) -> None:
    act(*about)
    st.rerun()  # the whole page: this part of it is drawn anew by itself


def _resume(run: str) -> None:
    try:
        engine().control(run, "resume")
    except UserError as error:
        st.toast(error.text(i18n.language()), icon=":material/error:")
