"""Episodes that visitors keep as files (JSON): what saves and opens them, and what is said of a file that is none."""

from collections.abc import Callable
from typing import NamedTuple, TypeVar

import streamlit as st
from pydantic import BaseModel, ValidationError

from metaplay.text import Language, Text, UserError
from metaplay.ui.status import plain

LARGEST = 1_000_000
"""Bytes of a file, at most."""

_SAVE, _OPEN = Text("Save", "保存"), Text("Open", "打开")
_FILE = Text("A {what} that was saved here", "在这里保存过的{what}")
_LARGE = Text(
    "The file is larger than {most} kB: no {what} is; open one that was saved on this page.",
    "文件超过 {most} kB：{what}不会这么大；请打开在本页保存的文件。",
)
_OTHER = Text(
    "The file is not a {what}: open one that was saved on this page.",
    "这个文件不是{what}：请打开在本页保存的文件。",
)
_WRONG = Text(
    "The file holds something that no {what} has, at {place}: save the episode anew and open that.",
    "文件中 {place} 处的内容不属于{what}：请重新保存任务后再打开。",
)

Kept = TypeVar("Kept", bound=BaseModel)


class Kind(NamedTuple):
    """What is kept: its name, the file's name, a word on saving it, and the `key` of the buttons."""

    what: Text
    file: str
    help: Text
    key: str


def read(data: bytes, model: type[Kept], what: Text) -> Kept:
    """What is in a file. Raises UserError, with one sentence, for a file that is not `what` or is too large."""
    if len(data) > LARGEST:
        raise UserError(_LARGE.fill(most=LARGEST // 1000, what=what))
    try:
        return model.model_validate_json(data)
    except ValidationError as error:
        place = ".".join(map(str, error.errors()[0]["loc"]))
        other = not place or place == "metaplay"
        raise UserError((_OTHER if other else _WRONG).fill(what=what, place=place[:60])) from None


def buttons(
    kind: Kind, data: bytes | Callable[[], bytes] | None, take: Callable[[bytes], None], language: Language
) -> None:
    """Save, where there is something to be saved (a function is asked for it when it is), and Open, which gives a chosen file to
    `take`; that may raise UserError."""
    st.download_button(
        _SAVE(language),
        data or b"",
        kind.file,
        "application/json",
        key=f"{kind.key}-save",
        icon=":material/download:",
        help=kind.help(language),
        on_click="ignore",
        disabled=data is None,
    )
    with st.popover(_OPEN(language), icon=":material/folder_open:", key=f"{kind.key}-open"):
        label, key = _FILE.fill(what=kind.what)(language), f"{kind.key}-file"
        st.file_uploader(label, "json", key=key, max_upload_size=1, on_change=_open, args=(kind, take))


def refusal(kind: Kind, language: Language) -> None:
    """Why the chosen file was not taken: as long as it is chosen, which is several runs of the page."""
    refused = st.session_state.get(f"{kind.key}-refused")
    if refused and st.session_state.get(f"{kind.key}-file"):
        st.error(plain(refused(language)), icon=":material/broken_image:")


def _open(kind: Kind, take: Callable[[bytes], None]) -> None:
    file, refused = st.session_state[f"{kind.key}-file"], None
    try:
        if file:
            take(file.getvalue())
    except UserError as error:
        refused = error.text
    st.session_state[f"{kind.key}-refused"] = refused
