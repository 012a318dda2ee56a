"""The sets of one's own that are here, each with examples of its classes, a way to train on it, and a way to be rid of it."""

import streamlit as st

from metaplay.config import defaults
from metaplay.owndata import report, storing
from metaplay.owndata.about import PREFIX, About, about, names, written
from metaplay.text import Language, Text, UserError
from metaplay.ui import form, playground
from metaplay.ui.data import samples
from metaplay.ui.status import plain
from metaplay.ui.visitor import visit

_HERE = Text("What is here", "已有的数据")
_NONE = Text(
    "Nothing yet. What is added here can be used by everybody on this server.",
    "还没有数据。在此添加的数据可供本服务器上的所有人使用。",
)
_TRAIN = Text("Train on it", "用它训练")
_REMOVE = Text("Remove", "删除")
_REALLY = Text("Remove for good", "确定永久删除")
_LOST = Text(
    "The set will be gone; runs that learnt from it keep their history, but cannot go on.",
    "数据集将被删除；用它训练过的记录会保留历史，但不能继续训练。",
)
_OTHERS = Text("Only who brought it can remove it.", "只有添加者本人可以删除。")
_EXAMPLES = Text("Examples of each class", "各类别示例")
_SHOWN = 60
"""Classes of which examples are shown, at most."""


def draw(language: Language) -> None:
    """All sets, in alphabetical order."""
    st.subheader(_HERE(language), anchor=False)
    storing.tidy()
    found = [(name, known) for name in names() if (known := about(name))]
    if not found:
        st.info(_NONE(language), icon=":material/folder_open:")
    for name, known in found:
        with st.container(border=True, key=f"data-set-{name}"):
            _set(name, known, language)


def _set(name: str, known: About, language: Language) -> None:
    st.markdown(f"**{plain(name)}**")
    st.markdown(plain(report.counts(known)(language)))
    for sentence in (report.room(known), *report.inputs(known)):
        st.caption(plain(sentence(language)))
    with st.container(horizontal=True, gap="xsmall"):
        if st.button(_TRAIN(language), key=f"data-train-{name}", icon=":material/play_arrow:", type="primary"):
            _train(name)
        own = visit().owns_data(name)
        with st.popover(
            _REMOVE(language),
            icon=":material/delete:",
            key=f"data-remove-{name}",
            disabled=not own,
            help=None if own else _OTHERS(language),
        ):
            st.markdown(_LOST(language))
            if st.button(_REALLY(language), key=f"data-really-{name}", type="primary"):
                _remove(name, language)
    with st.expander(_EXAMPLES(language)):
        st.html(_examples(name, known, written(PREFIX + name), language))


@st.cache_data(max_entries=16, show_spinner=False)
def _examples(name: str, _known: About, when: int, language: Language) -> str:
    images = storing.images(name) if _known.kind == "images" else None
    texts = storing.texts(name) if images is None else []
    return samples.html(_known, samples.firsts(_known, images, texts), _SHOWN, language)


def _train(name: str) -> None:
    """To the playground, with this set in its form."""
    playground.open_session()
    st.session_state["run"] = None
    form.put(defaults("maml", PREFIX + name))
    st.switch_page("pages/playground.py")


def _remove(name: str, language: Language) -> None:
    try:
        visit().remove_data(name)
    except UserError as error:
        st.error(plain(error.text(language)), icon=":material/error:")
        return
    st.rerun()
