"""The standing parts of the Playground page: its session, its head, and the sentences about what is wrong."""

import streamlit as st

from metaplay.presets import PRESETS
from metaplay.text import Language, Text, UserError
from metaplay.ui import cards, form, keys, live, navigation, room, runs, share, visitor
from metaplay.ui.engine import engine
from metaplay.ui.status import plain

FIRST = "sinusoid-maml"
"""The preset that the form holds when the page is opened bare."""
_TITLE = Text("Watch a network learn to learn", "观察网络如何学会学习")
_INTRO = Text(
    "Meta-learning looks for a starting point from which a few gradient steps on a few examples solve a new task.",
    "元学习寻找这样一个起点：从它出发，只用少量样本、走几步梯度下降，就能解决新任务。",
)
_REFUSED = Text("The link was not taken as it is. {problem}", "链接中的设置无法使用。{problem}")
_GONE = Text(
    "{run}: there is no such run here; it was deleted or belongs to another server.",
    "{run}：这里没有这次训练；它已被删除或属于另一台服务器。",
)


def open_session() -> None:
    """On the first run of a session, take the form and the run from the address; say so where that cannot be done, also where
    the run is deleted meanwhile."""
    engine()
    if "form" in st.session_state:
        _forget_gone()
        return
    query = st.query_params.to_dict()
    st.session_state["refused"], st.session_state["run"] = None, None
    form.put(PRESETS[FIRST].config)
    try:
        wanted = share.from_query(query)
        st.session_state["run"] = _known(query.get("run") or None)
        run = st.session_state["run"]
        form.put(wanted or (engine().store.config(run) if run else PRESETS[FIRST].config))
    except UserError as error:
        st.session_state["refused"] = error.text


def _forget_gone() -> None:
    run = st.session_state["run"]
    try:
        if run:
            engine().store.path(run)
    except UserError:
        st.session_state["run"], st.session_state["refused"] = None, _GONE.fill(run=run)


def _known(run: str | None) -> str | None:
    if run and run not in engine().store.list():
        raise UserError(_GONE.fill(run=run))
    if run:
        visitor.came(run)
    return run


def head(language: Language) -> None:
    """The head of all pages, with the recent runs and the keys."""
    navigation.head(language, _TITLE, _INTRO, runs.draw, keys.draw)


def sidebar(language: Language, said: tuple) -> None:
    """The form. A change draws the rest of the page anew only where that would say something else than it `said`."""
    keep_address(language)
    form.draw(language)
    room.draw(language)
    if said_of_form(language) != said:
        st.rerun()


def said_of_form(language: Language) -> tuple:
    """What the page says of the form outside of the form."""
    return st.session_state["refused"], form.problem(), cards.held(), live.said_of_form(language)


def problems(language: Language) -> None:
    """Why the address was refused, and why the form cannot be run as it is."""
    if refused := st.session_state["refused"]:
        st.warning(plain(_REFUSED.fill(problem=refused(language))(language)), icon=":material/link_off:")
    if problem := form.problem():
        st.error(plain(problem(language)), icon=":material/tune:")


def keep_address(language: Language) -> None:
    """Keep the last configuration that can be run, the run and the language in the browser's address."""
    if form.problem() is None:
        share.keep_address(share.to_query(form.values(), st.session_state["run"]), language)
