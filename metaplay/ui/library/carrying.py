"""Runs taken elsewhere and brought from there: the download of a bundle, and opening one."""

from io import BytesIO

import streamlit as st

from metaplay.charts.report import report
from metaplay.engine import bundle, labels
from metaplay.settings import settings
from metaplay.text import Language, Text, UserError
from metaplay.ui import runs, status
from metaplay.ui.engine import engine
from metaplay.ui.library import table
from metaplay.ui.status import plain
from metaplay.ui.visitor import visit

_DOWNLOAD = Text("Download", "下载")
_DOWNLOAD_HELP = Text(
    "One ZIP: settings, event log, checkpoint, CSV tables, and a page of figures that opens offline and saves them as SVG or PNG.",
    "一个 ZIP：设置、事件日志、检查点、CSV 表格，以及可离线打开并另存为 SVG 或 PNG 的图表页面。",
)
_ONE = Text("Choose one run in the table.", "请在表中选择一次训练。")
_OPEN = Text("Open a run that was downloaded elsewhere", "打开在别处下载的训练")
_FILE = Text("The ZIP that was downloaded there", "在别处下载的 ZIP 文件")
_FILE_HELP = Text(
    "Nothing in the file is run. It is checked before anything is kept, and appears in the list under a new name.",
    "文件中的任何内容都不会被执行；保存之前先检查，并以新名称出现在列表中。",
)
_OPENED = Text(
    "Opened: {name}. It is in the list, marked as from elsewhere.", "已打开：{name}。它已在列表中，并标明来自他处。"
)
_LAST = "runs-opened"
"""Where a session keeps which file it handed in last, and why that was refused, if it was."""


def download(run: str | None, language: Language) -> None:
    """The button that makes the bundle of a run when it is pressed."""
    st.download_button(
        _DOWNLOAD(language),
        # Never the bytes themselves: a browser looks after them, also where they have meanwhile given way to a run's.
        data=lambda: _packed(run, language) if run else b"",
        file_name=bundle.file_name(run) if run else None,
        mime="application/zip",
        key="runs-download",
        icon=":material/download:",
        disabled=run is None,
        help=(_DOWNLOAD_HELP if run else _ONE)(language),
        on_click="ignore",
    )


def _packed(run: str, language: Language) -> bytes:
    store, file = engine().store, BytesIO()
    title = labels.read(store, run).name or status.name(store.config(run))
    bundle.pack(store, run, file, report(store.history(run), language, title))
    return file.getvalue()


def opening(language: Language) -> None:
    """Where a bundle is handed in; what came of it is said there."""
    with st.expander(_OPEN(language), icon=":material/folder_open:", key="runs-opening"):
        given = st.file_uploader(
            _FILE(language),
            type="zip",
            key="runs-file",
            help=_FILE_HELP(language),
            max_upload_size=settings().bundle_mb,
        )
        if given is None:
            return
        last, refused = st.session_state.get(_LAST, ("", None))
        if last == given.file_id:  # a file is opened once, however often the page is drawn
            if refused:
                st.error(plain(refused(language)), icon=":material/block:")
            return
        refused = _open(given, language)
        st.session_state[_LAST] = given.file_id, refused
        st.rerun()


def _open(given: BytesIO, language: Language) -> Text | None:
    """Open a bundle and choose its run in the table; why it was refused, if it was."""
    store = engine().store
    try:
        run = visit().open(given)
    except UserError as error:
        return error.text
    table.select(run)
    st.toast(_OPENED.fill(name=runs.name(store, run))(language), icon=":material/check:")
    return None
