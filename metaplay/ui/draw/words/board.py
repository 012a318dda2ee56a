"""The upper part of the page: how many intents, and a name and example sentences for each; and the sentence that is asked about."""

from functools import partial
from typing import Any

import streamlit as st
from numpy.random import default_rng

from metaplay.text import Language, Text
from metaplay.ui.draw import files
from metaplay.ui.draw.episode import FEWEST, LETTERS, MOST
from metaplay.ui.draw.words.episode import EXAMPLES, LONGEST, NAME, SHOTS, Episode, Intent, intent, real
from metaplay.ui.draw.words.file import WHAT, from_file, to_file
from metaplay.ui.form import show

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
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(_WAY(language), list(range(FEWEST, MOST + 1)), required=True, **_common("way", language))
        way = _held(language)["way"]
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
        for letter in LETTERS[:way]:
            with st.container(gap="xsmall"):
                st.text_input(
                    _NAME.fill(letter=letter)(language),
                    max_chars=NAME,
                    placeholder=_NAME_HINT(language),
                    **_common(f"name-{letter}", language),
                )
                st.text_area(
                    _LINES.fill(letter=letter)(language),
                    max_chars=SHOTS * (LONGEST + 1),
                    height=_HEIGHT,
                    placeholder=_LINES_HINT(language),
                    **_common(f"lines-{letter}", language),
                )
    return _typed(way, language).intents


def query(language: Language) -> str:
    """The field for the sentence that is asked about, which says what is in it while it is being typed."""
    common = _common("query", language)
    st.text_input(_QUERY(language), max_chars=LONGEST, help=_QUERY_HELP(language), live=_PAUSE, **common)
    return _typed(0, language).query


def _common(name: str, language: Language) -> dict[str, Any]:
    """What every field has: its key, what it shows, and what to do when a person changes it.

    A field is also drawn with its value as its usual one, as those of the form are (metaplay.ui.form).
    """
    key, value = f"type-{language}-{name}", _held(language)[name]
    show(key, value)
    usual = "default" if name == "way" else "value"
    return {"key": key, usual: value, "on_change": _changed, "args": (language, name, key)}


def _changed(language: Language, name: str, key: str) -> None:
    _held(language)[name] = st.session_state[key]


def _held(language: Language) -> dict[str, Any]:
    """What is in the fields of this language."""
    key = f"type-{language}"
    if key not in st.session_state:
        st.session_state[key] = {"way": 3}
        _put(language, EXAMPLES[language])
    return st.session_state[key]


def _typed(way: int, language: Language) -> Episode:
    """What is in the fields, as an episode."""
    held = _held(language)
    intents = [intent(held[f"name-{letter}"], held[f"lines-{letter}"]) for letter in LETTERS[:way]]
    return Episode(intents, held["query"].strip())


def _take(language: Language, data: bytes) -> None:
    episode = from_file(data)
    _held(language)["way"] = len(episode.intents)
    _put(language, episode)


def _put(language: Language, episode: Episode) -> None:
    """Fill the fields; those of intents beyond the episode's stay."""
    held = _held(language)
    for letter, (name, sentences) in zip(LETTERS, episode.intents, strict=False):
        held[f"name-{letter}"], held[f"lines-{letter}"] = name, "\n".join(sentences)
    held["query"] = episode.query
