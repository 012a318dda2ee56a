"""The upper part of the page: how many intents, and a name and example sentences for each; and the sentence that is asked about."""

from functools import partial
from typing import cast

import streamlit as st
from numpy.random import default_rng

from metaplay.text import Language, Text
from metaplay.ui.draw import files
from metaplay.ui.draw.episode import FEWEST, LETTERS, MOST
from metaplay.ui.draw.words.episode import EXAMPLES, LONGEST, NAME, SHOTS, Episode, Intent, intent, real
from metaplay.ui.draw.words.file import WHAT, from_file, to_file

_WAY = Text("Intents", "意图数")
_REAL = Text("Real intents", "现成意图")
_REAL_HELP = Text(
    "Fill in intents of everyday life that no network was trained on, a few sentences of each, and a new sentence of one of them.",
    "填入任何网络都没训练过的日常意图，每个几句话，外加其中一个意图的一句新话。",
)
_CLEAR = Text("Clear all", "全部清空")
_SAVE_HELP = Text(
    "Keep what is typed as a file (JSON): open it here again, or give it to somebody.",
    "把所写内容保存为文件（JSON 格式）：可以在这里再次打开，也可以分享给别人。",
)
_KIND = files.Kind(WHAT, "metaplay-typed-episode.json", _SAVE_HELP, "type")
_NAME = Text("Intent {letter}", "意图 {letter}")
_NAME_HINT = Text("its name", "名称")
_LINES = Text("Examples of {letter}, one a line", "{letter} 的例句，每行一句")
_LINES_HINT = Text("a sentence that says it", "表达这个意图的一句话")
_QUERY = Text("Now type a sentence that says one of them", "现在输入一句话，表达其中一个意图")
_QUERY_HELP = Text(
    "The answers follow as you type. The networks read Latin letters, digits and Chinese characters.",
    "边输入边给出答案。网络能读拉丁字母、数字和汉字。",
)
_PAUSE = "150ms"
"""How long one must stop typing to be answered."""
_HEIGHT = 118


def controls(language: Language) -> int:
    """How many intents; and what fills, empties, keeps and opens the fields. They outlive the page, for each language by themselves."""
    if _key(language, "query") not in st.session_state:
        _put(language, EXAMPLES[language])
        st.session_state[_key(language, "way")] = 3
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        chosen = st.segmented_control(
            _WAY(language),
            list(range(FEWEST, MOST + 1)),
            key=_key(language, "way"),
            required=True,
            persist_state="session",
        )
        way = cast("int", chosen)
        st.button(
            _REAL(language),
            key="type-real",
            icon=":material/shuffle:",
            help=_REAL_HELP(language),
            on_click=lambda: _put(language, real(way, language, default_rng())),
        )
        blank = Episode([Intent("", [])] * MOST, "")
        st.button(_CLEAR(language), key="type-clear", icon=":material/delete:", on_click=_put, args=(language, blank))
        files.buttons(_KIND, to_file(_typed(way, language)), partial(_take, language), language)
    files.refusal(_KIND, language)
    return way


def intents(way: int, language: Language) -> list[Intent]:
    """A field for the name and one for the sentences of each intent; what they say."""
    with st.grid(way, min_column_width=200, gap="small"):
        return [_intent(letter, language) for letter in LETTERS[:way]]


def _intent(letter: str, language: Language) -> Intent:
    with st.container(gap="xsmall"):
        name = st.text_input(
            _NAME.fill(letter=letter)(language),
            key=_key(language, f"name-{letter}"),
            max_chars=NAME,
            placeholder=_NAME_HINT(language),
            persist_state="session",
        )
        lines = st.text_area(
            _LINES.fill(letter=letter)(language),
            key=_key(language, f"lines-{letter}"),
            max_chars=SHOTS * (LONGEST + 1),
            height=_HEIGHT,
            placeholder=_LINES_HINT(language),
            persist_state="session",
        )
    return intent(name, lines)


def query(language: Language) -> str:
    """The field for the sentence that is asked about, which says what is in it while it is being typed."""
    return st.text_input(
        _QUERY(language),
        key=_key(language, "query"),
        max_chars=LONGEST,
        help=_QUERY_HELP(language),
        live=_PAUSE,
        persist_state="session",
    ).strip()


def _typed(way: int, language: Language) -> Episode:
    """What is in the fields."""

    def field(name: str) -> str:
        return st.session_state.get(_key(language, name), "")

    intents = [intent(field(f"name-{letter}"), field(f"lines-{letter}")) for letter in LETTERS[:way]]
    return Episode(intents, field("query").strip())


def _take(language: Language, data: bytes) -> None:
    episode = from_file(data)
    st.session_state[_key(language, "way")] = len(episode.intents)
    _put(language, episode)


def _put(language: Language, episode: Episode) -> None:
    """Fill the fields; those of intents beyond the episode's stay."""
    for letter, (name, sentences) in zip(LETTERS, episode.intents, strict=False):
        st.session_state[_key(language, f"name-{letter}")] = name
        st.session_state[_key(language, f"lines-{letter}")] = "\n".join(sentences)
    st.session_state[_key(language, "query")] = episode.query


def _key(language: Language, name: str) -> str:
    return f"type-{language}-{name}"
