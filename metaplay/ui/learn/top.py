"""A chapter that is turned to begins at its top, wherever the last one was left."""

from streamlit.components.v2 import component

_JS = """
export default function ({ data }) {
  const last = window.metaplayChapter
  window.metaplayChapter = data.chapter
  if (last && last !== data.chapter) document.querySelector('[data-testid="stMain"]')?.scrollTo({ top: 0 })
}
"""
_COMPONENT = component("metaplay_top", html="<span hidden></span>", js=_JS)


def scroll(chapter: str) -> None:
    """Go to the top of the page when the chapter is another one than before."""
    _COMPONENT(key="learn-top", data={"chapter": chapter}, width=1, height=1)
