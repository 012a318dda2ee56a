"""What is asked before something is done to runs: a name and tags, and whether to delete them."""

from collections.abc import Callable, Sequence
from typing import Literal

import streamlit as st

from metaplay.engine import labels
from metaplay.text import Language, Text, UserError
from metaplay.ui import runs
from metaplay.ui.engine import engine
from metaplay.ui.status import plain
from metaplay.ui.visitor import visit

Question = Literal["name", "delete"]

_KEY, _NEW_NAME, _NEW_TAGS = "runs-question", "runs-new-name", "runs-new-tags"
_MOST_NAMED = 8
_NAMING = Text("Name and tags", "名称与标签")
_NAME, _TAGS = Text("Name", "名称"), Text("Tags", "标签")
_NAME_HELP = Text("Left empty, the run is called by its algorithm and tasks.", "留空则以算法和任务称呼这次训练。")
_TAGS_HELP = Text("Separated by commas; the search finds them.", "用逗号分隔；搜索时可以找到。")
_SAVE, _CANCEL = Text("Save", "保存"), Text("Cancel", "取消")
_DELETING = Text("Delete for good?", "确定永久删除？")
_LOST_ONE = Text(
    "This run, its history and its checkpoints will be gone. This cannot be undone; a download would keep them.",
    "这次训练及其历史和检查点将被删除，无法撤销；如需保留请先下载。",
)
_LOST = Text(
    "These {n} runs, their histories and checkpoints will be gone. This cannot be undone; downloads would keep them.",
    "这 {n} 次训练及其历史和检查点将被删除，无法撤销；如需保留请先下载。",
)
_MORE = Text("and {n} more", "以及另外 {n} 次")
_DELETE = Text("Delete", "删除")


def ask(question: Question, *about: str) -> None:
    """Ask the question about these runs from the next run of the page on, until it is answered or put away."""
    st.session_state[_KEY] = question, about


def draw(language: Language) -> None:
    """The dialog of the question that was asked, if one was."""
    if asked := st.session_state.get(_KEY):
        question, about = asked
        (_name if question == "name" else _delete)(about, language)


def _name(about: tuple[str, ...], language: Language) -> None:
    [run] = about

    @st.dialog(_NAMING(language), on_dismiss=_answered)
    def shown() -> None:
        old = labels.read(engine().store, run)
        with st.form("runs-naming", border=False):
            st.text_input(
                _NAME(language),
                old.name,
                key=_NEW_NAME,
                max_chars=labels.LONGEST_NAME,
                help=_NAME_HELP(language),
            )
            st.text_input(_TAGS(language), ", ".join(old.tags), key=_NEW_TAGS, max_chars=200, help=_TAGS_HELP(language))
            st.form_submit_button(
                _SAVE(language), type="primary", key="runs-save", on_click=_close, args=(_named, (run,), language)
            )

    try:
        shown()
    except UserError as error:  # deleted meanwhile
        _answered()
        st.warning(plain(error.text(language)))


def _delete(about: tuple[str, ...], language: Language) -> None:
    @st.dialog(_DELETING(language), on_dismiss=_answered)
    def shown() -> None:
        st.markdown((_LOST_ONE if len(about) == 1 else _LOST.fill(n=len(about)))(language))
        st.markdown("\n".join(f"- {_told(run, language)}" for run in about[:_MOST_NAMED]))
        if len(about) > _MOST_NAMED:
            st.caption(_MORE.fill(n=len(about) - _MOST_NAMED)(language))
        with st.container(horizontal=True, horizontal_alignment="right"):
            st.button(_CANCEL(language), key="runs-keep", on_click=_close)
            st.button(
                _DELETE(language),
                key="runs-really",
                type="primary",
                icon=":material/delete:",
                on_click=_close,
                args=(visit().delete, about, language),
            )

    shown()


def _named(run: str) -> None:
    """Give a run the name and tags that were typed."""
    tags = st.session_state[_NEW_TAGS].replace("，", ",").split(",")
    visit().name(run, st.session_state[_NEW_NAME], tags)


def _answered() -> None:
    st.session_state.pop(_KEY, None)


def _close(act: Callable[[str], None] | None = None, about: Sequence[str] = (), language: Language = "en") -> None:
    """Put the dialog away, after `act` was done to each run; says why where it could not be."""
    _answered()
    for run in about:
        try:
            if act:
                act(run)
        except UserError as error:
            st.toast(plain(error.text(language)), icon=":material/error:")
    st.rerun()


def _told(run: str, language: Language) -> str:
    try:
        return f"{runs.name(engine().store, run)}, {runs.age(run, language)}"
    except UserError:  # deleted meanwhile
        return run
