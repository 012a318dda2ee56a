"""Learn: meta-learning in short chapters. The chapter and the language are kept in the address."""

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import navigation, share
from metaplay.ui.learn import chapter, speed, top
from metaplay.ui.learn.chapters import CHAPTERS
from metaplay.ui.learn.glossary import GLOSSARY
from metaplay.ui.learn.references import REFERENCES
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

PARAMETER = "chapter"
"""The chapter's place in the address."""
_TITLE = Text("Meta-learning, step by step", "一步步理解元学习")
_INTRO = Text(
    "Eight short chapters with figures to take hold of, and the source that runs.",
    "八个短章节，配可以动手的图和真正运行的源码。",
)
_UNKNOWN = Text("There is no chapter {name}; this is the first one.", "没有名为 {name} 的章节；这是第一章。")
_CHAPTERS, _GLOSSARY, _REFERENCES = Text("Chapters", "章节"), Text("Glossary", "词汇表"), Text("References", "参考文献")


def draw(language: Language, theme: Theme) -> None:
    """The whole page: the list of chapters, the one that was chosen, the way to its neighbours, and glossary and references."""
    asked = st.query_params.get(PARAMETER) or st.session_state.get("learn-chapter")
    names = list(CHAPTERS)
    name = asked if asked in CHAPTERS else names[0]
    navigation.head(language, _TITLE, _INTRO)
    if asked not in (None, name):
        st.warning(plain(_UNKNOWN.fill(name=asked[:80])(language)), icon=":material/link_off:")
    st.session_state["learn-chapter"] = name
    share.keep_address({PARAMETER: name}, language)
    top.scroll(name)
    _contents(name, language)
    place = names.index(name)
    chapter.draw(CHAPTERS[name], place + 1, language, theme)
    _turn(names, place, language)
    _appendix(language)
    speed.draw(language, theme)


def _contents(name: str, language: Language) -> None:
    labels = {key: f"{number}. {item.short(language)}" for number, (key, item) in enumerate(CHAPTERS.items(), 1)}
    st.session_state["learn-contents"] = name
    st.pills(
        _CHAPTERS(language),
        list(labels),
        format_func=labels.__getitem__,
        key="learn-contents",
        label_visibility="collapsed",
        required=True,
        on_change=_chosen,
    )


def _chosen() -> None:
    _open(st.session_state["learn-contents"])


def _open(name: str) -> None:
    st.query_params[PARAMETER] = name


def _turn(names: list[str], place: int, language: Language) -> None:
    """Buttons to the chapters before and after this one, with a key each."""
    before, after = st.columns(2)
    if place > 0:
        title = CHAPTERS[names[place - 1]].short(language)
        with before:
            _button(title, "learn-previous", names[place - 1], "arrow_back", "left", "P")
    if place + 1 < len(names):
        title = CHAPTERS[names[place + 1]].short(language)
        with after, st.container(horizontal_alignment="right"):
            _button(title, "learn-next", names[place + 1], "arrow_forward", "right", "N")


def _button(title: str, key: str, name: str, icon: str, side: str, shortcut: str) -> None:
    st.button(
        title,
        key=key,
        icon=f":material/{icon}:",
        icon_position="right" if side == "right" else "left",
        type="primary" if side == "right" else "secondary",
        shortcut=shortcut,
        on_click=_open,
        args=(name,),
    )


def _appendix(language: Language) -> None:
    words = st.expander(_GLOSSARY(language), icon=":material/menu_book:", key="learn-glossary")
    with words, st.grid(2, min_column_width=300, gap="xsmall"):
        for word, meaning in GLOSSARY:
            st.markdown(f"**{word(language)}**: {meaning(language)}")
    with st.expander(_REFERENCES(language), icon=":material/link:", key="learn-references"):
        st.markdown("\n".join(f"- {item.markdown(language)}" for item in REFERENCES.values()))
