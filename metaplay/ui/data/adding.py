"""Where a file is handed in: what is in it is shown, and kept when the visitor says so."""

import re
from pathlib import PurePosixPath

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from metaplay.owndata import report
from metaplay.owndata.examining import SIDE, SIDES, Found, examine
from metaplay.settings import settings
from metaplay.text import Language, Text, UserError
from metaplay.ui.data import samples
from metaplay.ui.status import plain
from metaplay.ui.visitor import visit

_FILE = Text("A ZIP of images, or a CSV, TSV or JSONL of sentences", "图像 ZIP，或文本的 CSV、TSV、JSONL 文件")
_FILE_HELP = Text(
    "Images (PNG, JPEG or WebP) lie in a folder for each class, whose name is the class's. A table has the columns text and label. "
    "Nothing in the file is run; all of it is checked before anything is kept.",
    "图像（PNG、JPEG 或 WebP）按类别放在文件夹中，文件夹名即类别名。表格含 text 和 label 两列。文件中的任何内容都不会被执行；保存之前全部先检查。",
)
_SIDE, _COLOUR = Text("Size of images, in pixels", "图像尺寸（像素）"), Text("In colour", "彩色")
_SIDE_HELP = Text(
    "Each image is made to fit a square of this size, whole and not bent; larger ones take longer to train on.",
    "每张图像会完整、不变形地缩放到这个边长的正方形内；尺寸越大训练越慢。",
)
_COLOUR_HELP = Text("Three channels instead of one: slower to train on.", "三个通道而不是一个：训练更慢。")
_READING = Text("Reading the file", "正在读取文件")
_NAME = Text("What to call it", "数据集名称")
_NAME_HELP = Text(
    "Letters, digits, hyphens and underscores. It appears in the list of tasks under this name.",
    "由文字、数字、连字符和下划线组成。它会以此名称出现在任务列表中。",
)
_KEEP = Text("Keep as a task family", "保存为任务族")
_KEPT = Text("{name} is a task family now.", "{name} 已成为任务族。")
_EXAMPLES = Text("Examples of each class", "各类别示例")
_ROUND, _LAST = "data-round", "data-found"
"""Where a session keeps how often a file was kept (a new field is drawn then), and what it found in the last one."""
_SHOWN, _NAMED = 24, 12
"""Classes of which examples are shown, and files left out that are named, at most."""


def draw(language: Language) -> None:
    """The field, and below it what was found in the file."""
    given = st.file_uploader(
        _FILE(language),
        type=["zip", "csv", "tsv", "jsonl"],
        key=f"data-file-{st.session_state.setdefault(_ROUND, 0)}",
        help=_FILE_HELP(language),
        max_upload_size=settings().import_mb,
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        side = st.number_input(
            _SIDE(language), *SIDES, value=SIDE, step=4, key="data-side", help=_SIDE_HELP(language), width=220
        )
        colour = st.toggle(_COLOUR(language), key="data-colour", help=_COLOUR_HELP(language))
    if given is None:
        st.session_state.pop(_LAST, None)
        return
    found = _found(given, side, 3 if colour else 1, language)
    if isinstance(found, Text):
        st.error(plain(found(language)), icon=":material/block:")
    else:
        _report(given, found, language)


def _found(given: UploadedFile, side: int, channels: int, language: Language) -> Found | Text:
    """What is in the file, or why it is refused; read once, however often the page is drawn."""
    asked = given.file_id, side, channels
    if st.session_state.get(_LAST, (None,))[0] != asked:
        bar = st.progress(0.0, _READING(language))
        try:
            found = examine(given, given.name, side, channels, _throttled(bar, language))
        except UserError as error:
            found = error.text
        bar.empty()
        st.session_state[_LAST] = asked, found
    return st.session_state[_LAST][1]


def _throttled(bar, language: Language):
    """Moves the bar when there is something to see."""
    shown = 0

    def move(done: float) -> None:
        nonlocal shown
        if int(100 * done) > shown:
            shown = int(100 * done)
            bar.progress(shown, _READING(language))

    return move


def _report(given: UploadedFile, found: Found, language: Language) -> None:
    with st.container(border=True, key="data-report"):
        for sentence in report.said(found):
            st.markdown(plain(sentence(language)))
        if left := report.left_out(found, _NAMED):
            heading, *items = (plain(item(language)) for item in left)
            st.warning("\n".join([heading, "", *(f"- {item}" for item in items)]), icon=":material/report:")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(
                _NAME(language), _usual_name(given.name), key=f"data-name-{given.file_id}", help=_NAME_HELP(language)
            )
            pressed = st.button(_KEEP(language), key="data-keep", type="primary", icon=":material/add:")
        if pressed:
            _keep(name, found, language)
        with st.expander(_EXAMPLES(language), expanded=True):
            shown = samples.firsts(found.about, found.images, found.texts)
            st.html(samples.html(found.about, shown, _SHOWN, language))


def _usual_name(file: str) -> str:
    return re.sub(r"[^\w-]+", "-", PurePosixPath(file).stem).strip("-_")[:40]


def _keep(name: str, found: Found, language: Language) -> None:
    try:
        kept = visit().keep_data(name, found)
    except UserError as error:
        st.error(plain(error.text(language)), icon=":material/error:")
        return
    st.session_state[_ROUND] += 1
    st.session_state.pop(_LAST, None)
    st.toast(plain(_KEPT.fill(name=kept)(language)), icon=":material/check:")
    st.rerun()
