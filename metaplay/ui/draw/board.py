"""The upper part of the Draw page: how many classes, examples and files, and a sheet for each class."""

from collections.abc import Callable

import streamlit as st
from numpy.random import default_rng

from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.draw import episode, files
from metaplay.ui.draw.canvas import Sheet, canvas
from metaplay.ui.draw.held import held

_CLASSES = Text("Classes", "类别数")
_EXAMPLES = Text("Real characters", "现成字符")
_EXAMPLES_HELP = Text(
    "Fill the sheets with invented characters that no network was trained on: one example a class, and queries.",
    "用任何网络都没训练过的虚构字符填满画布：每类一个样本，外加查询。",
)
_CLEAR = Text("Clear all", "全部清空")
_SAVE_HELP = Text(
    "Keep what is drawn as a file (the strokes, as JSON): open it here again, or give it to somebody.",
    "把所画内容保存为文件（笔画，JSON 格式）：可以在这里再次打开，也可以分享给别人。",
)
_KIND = files.Kind(episode.WHAT, "metaplay-drawn-episode.json", _SAVE_HELP, "draw")
_CLASS = Text(
    "Canvas of class {letter}: draw an example of it with the mouse, a pen or a finger",
    "类别 {letter} 的画布：用鼠标、笔或手指画一个样本",
)
_CLASS_HINT = Text("draw an example of {letter}", "在此画 {letter} 的样本")
_QUERY = Text("Query", "查询")
_QUERY_LABEL = Text(
    "Canvas of the queries: draw a new example of one of the classes",
    "查询的画布：为其中一个类别画一个新样本",
)
_QUERY_HINT = Text("draw one of them anew", "再画其中一个")


def controls(language: Language) -> None:
    """How many classes; and what fills, empties, keeps and opens the sheets."""
    drawn = held()
    st.session_state["draw-way"] = drawn.way
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            _CLASSES(language),
            list(range(episode.FEWEST, episode.MOST + 1)),
            key="draw-way",
            required=True,
            on_change=_set_way,
        )
        st.button(
            _EXAMPLES(language),
            key="draw-examples",
            icon=":material/shuffle:",
            help=_EXAMPLES_HELP(language),
            on_click=_examples,
        )
        st.button(_CLEAR(language), key="draw-clear", icon=":material/delete:", on_click=_clear)
        files.buttons(_KIND, lambda: episode.to_file(drawn.episode()), _take, language)
    files.refusal(_KIND, language)


def sheets(stroke: Callable[[], None], language: Language) -> None:
    """A sheet for each class, and one for the queries, each drawn anew by itself where something is drawn on it; then `stroke` is
    called."""
    with st.grid(episode.MOST + 1, min_column_width=150, gap="small"):
        for label, letter in enumerate(episode.LETTERS[: held().way]):
            figure.part(_class, label, letter, stroke, language)
        figure.part(_queries, stroke, language)


def _class(label: int, letter: str, stroke: Callable[[], None], language: Language) -> None:
    drawn, sheet = held(), _class_sheet(letter, language)
    drawn.classes[label] = canvas(sheet, drawn.classes[label], drawn.version, language, key=f"draw-sheet-{letter}")
    stroke()


def _queries(stroke: Callable[[], None], language: Language) -> None:
    drawn = held()
    sheet = Sheet(_QUERY(language), _QUERY_LABEL(language), _QUERY_HINT(language), episode.QUERIES, asks=True)
    drawn.queries = canvas(sheet, drawn.queries, drawn.version, language, key="draw-sheet-query")
    stroke()


def _class_sheet(letter: str, language: Language) -> Sheet:
    label, hint = _CLASS.fill(letter=letter), _CLASS_HINT.fill(letter=letter)
    return Sheet(letter, label(language), hint(language), episode.SHOTS)


def _set_way() -> None:
    held().way = st.session_state["draw-way"]


def _examples() -> None:
    drawn = held()
    drawn.put(episode.examples(drawn.way, 1, 1, default_rng()))


def _clear() -> None:
    drawn = held()
    drawn.put(episode.Episode.empty(drawn.way))


def _take(data: bytes) -> None:
    held().put(episode.from_file(data))
