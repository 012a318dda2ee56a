"""The pages by name, and the head that all of them share."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import i18n, sharing, teach


@dataclass(frozen=True)
class Named:
    """A page: its script, its name, and what one does there."""

    script: str
    title: Text
    help: Text


PAGES: dict[str, Named] = {
    "playground": Named(
        "pages/playground.py",
        Text("Playground", "训练场"),
        Text(
            "Choose an algorithm and its tasks, press Train and watch it learn to learn.",
            "选择算法和任务，按“训练”，观察它如何学会学习。",
        ),
    ),
    "lab": Named(
        "pages/lab.py",
        Text("Adaptation lab", "适应实验室"),
        Text("Take a run at any moment and watch it adapt to one task.", "取训练的任一时刻，观察它如何适应一个任务。"),
    ),
    "race": Named(
        "pages/race.py",
        Text("Race", "竞赛"),
        Text("Train several algorithms on the same stream of tasks.", "让多个算法在同一串任务上训练。"),
    ),
    "draw": Named(
        "pages/draw.py",
        Text("Draw", "手绘"),
        Text(
            "Draw classes of your own and let a trained network tell them apart.",
            "画出自己的类别，让训练好的网络区分它们。",
        ),
    ),
    "learn": Named(
        "pages/learn.py",
        Text("Learn", "学习"),
        Text("Meta-learning in a few short chapters.", "用几个短章节讲明白元学习。"),
    ),
    "data": Named(
        "pages/data.py",
        Text("Your data", "我的数据"),
        Text("Bring images or sentences of your own and train on them.", "添加自己的图像或文本，并用它们训练。"),
    ),
    "library": Named(
        "pages/library.py",
        Text("Runs", "训练记录"),
        Text("All runs: compare, resume, replay, download and open them.", "全部训练：比较、继续、回放、下载和打开。"),
    ),
}
"""The pages in the order of the navigation; the first is the one that opens."""
ASIDE: dict[str, Named] = {
    "health": Named(
        "pages/health.py",
        Text("Health", "状态"),
        Text("How this server is.", "服务器状态。"),
    ),
}
"""Pages that are not in the navigation."""

_THROUGH_APP = "through-app"


def chosen(language: Language):
    """The page that the address or the reader chose, of st.navigation, which is called once every run."""
    pages = [
        st.Page(
            page.script,
            title=page.title(language),
            icon="",  # it would be the tab's icon too, for which browsers ask a server that is not ours
            help=page.help(language),
            default=place == 0,
            visibility="hidden" if page in ASIDE.values() else "visible",
        )
        for place, page in enumerate((*PAGES.values(), *ASIDE.values()))
    ]
    st.session_state[_THROUGH_APP] = True
    return st.navigation(pages, position="hidden" if teach.has("fix") else "top")


def through_app() -> None:
    """Begin anew with app.py where Streamlit ran the page by itself.

    It does for the first visit to a server, if that is to another page than the first: it finds the scripts of a folder named
    pages by itself, until app.py has named them.
    """
    if not st.session_state.pop(_THROUGH_APP, False):
        chosen(i18n.language())
        st.rerun()


def head(language: Language, title: Text, intro: Text, *more: Callable[[Language], None]) -> None:
    """Title, what the page has `more`, share link and language, and below them what the page is for in one sentence."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.header(title(language), anchor=False, width="stretch")
        for draw in more:
            draw(language)
        sharing.draw(language)
        i18n.picker()
    st.caption(intro(language))
