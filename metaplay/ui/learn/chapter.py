"""What a chapter is, and how it is laid out: words beside a figure, then the algorithm beside the source that runs."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from metaplay import config
from metaplay.presets import PRESETS
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text
from metaplay.ui import share, teach
from metaplay.ui.learn.references import REFERENCES
from metaplay.ui.learn.source import excerpt
from metaplay.ui.navigation import PAGES
from metaplay.ui.theme import Theme

_ALGORITHM, _CODE = Text("In words", "用文字说"), Text("In code: the very lines that run", "用代码说：真正运行的那几行")
_LINES = Text("`{file}`, lines {first} to {last}", "`{file}`，第 {first} 到 {last} 行")
_TRY, _READ = Text("Try it", "动手试试"), Text("Read on", "延伸阅读")
_KEEP = Text("To keep in mind", "记住这一点")


@dataclass(frozen=True)
class Chapter:
    """A chapter: what it says, the figure it draws, and the algorithm in words and in code.

    `short` is its name in the list of chapters, `body` and `recipe` are Markdown. `sources` are pairs of a file below
    `metaplay/` and a name in it; `presets` open in the playground, `papers` are keys of REFERENCES.
    """

    short: Text
    title: Text
    body: Text
    figure: Callable[[Language, Theme], None]
    point: Text
    recipe: Text
    sources: tuple[tuple[str, str], ...]
    presets: tuple[str, ...]
    papers: tuple[str, ...]


def draw(chapter: Chapter, number: int, language: Language, theme: Theme) -> None:
    """The chapter at the current place of the page. Its figure is a fragment: moving it leaves the rest as it is."""
    st.subheader(f"{number}. {chapter.title(language)}", anchor=False)
    words, picture = st.columns([2, 3], gap="large")
    with words:
        st.markdown(chapter.body(language))
        with st.container(border=True, gap="xsmall"):
            st.markdown(f":material/lightbulb: **{_KEEP(language)}**  \n{chapter.point(language)}")
    with picture, st.container(border=True, gap="small"):
        st.fragment(chapter.figure)(language, theme)
    _algorithm(chapter, language)
    _further(chapter, language)


def _algorithm(chapter: Chapter, language: Language) -> None:
    words, code = st.columns([2, 3], gap="large")
    with words:
        st.markdown(f"##### {_ALGORITHM(language)}")
        st.markdown(chapter.recipe(language))
    with code:
        st.markdown(f"##### {_CODE(language)}")
        for tab, (file, name) in zip(st.tabs([name for _, name in chapter.sources]), chapter.sources, strict=True):
            found = excerpt(file, name)
            with tab:
                st.code(found.code, "python", wrap_lines=True)
                st.caption(_LINES.fill(file=found.file, first=found.first, last=found.last)(language))


def _further(chapter: Chapter, language: Language) -> None:
    """Links: to the playground with a preset (not for an audience that is kept to this page), and to papers."""
    tried, read = st.columns([2, 3], gap="large")
    if chapter.presets and not teach.has("fix"):
        with tried, st.container(gap="xsmall"):
            st.markdown(f"##### {_TRY(language)}")
            for name in chapter.presets:
                _playground(name, language)
    with read, st.container(gap="xsmall"):
        st.markdown(f"##### {_READ(language)}")
        st.markdown("\n".join(f"- {REFERENCES[key].markdown(language)}" for key in chapter.papers))


def _playground(name: str, language: Language) -> None:
    preset = PRESETS[name]
    st.page_link(
        PAGES["playground"].script,
        label=f"**{ALGORITHMS[preset.algorithm].label}** {preset.title(language)}",
        icon=":material/play_circle:",
        query_params={**share.to_query(config.summary(preset.config), None), "lang": language},
    )
