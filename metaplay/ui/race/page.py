"""The race: several configurations on the same stream of tasks."""

from datetime import datetime
from itertools import islice

import streamlit as st

from metaplay.engine import racing
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text, UserError
from metaplay.ui import i18n, keys, navigation, share, teach, visitor
from metaplay.ui.engine import engine
from metaplay.ui.race import form, live, setup
from metaplay.ui.race.watch import watched_race
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

_TITLE = Text("A fair race", "公平竞赛")
_INTRO = Text(
    "Two to six configurations train on one worker, a meta-step each in turn, on the same tasks in the same order: what differs "
    "is the algorithm and nothing else.",
    "两到六个配置在同一个工作进程中轮流训练，每次一个元步，以相同的顺序面对相同的任务：不同的只有算法。",
)
_SETUP = Text("Set up a race", "设置竞赛")
_START = Text("Start the race", "开始竞赛")
_EARLIER = Text("Earlier races", "以往的竞赛")
_NONE = Text("No races yet: start one.", "还没有竞赛：请开始一场。")
_BOX = "race-setup-box"
_SHOWN = 8


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    engine()
    navigation.head(language, _TITLE, _INTRO)
    _open_session(language)
    race: str | None = st.session_state["race"]
    if not teach.has("hide"):
        _choose(race, language)
    share.keep_address({"race": race} if race else {}, language)
    if race:
        live.draw(race, language, theme)


def _open_session(language: Language) -> None:
    """On the first run of a session, take the race from the address; say so where there is none of that name."""
    if "race" not in st.session_state:
        st.session_state["race"] = None
        if asked := st.query_params.get("race"):
            try:
                _watch(asked)
                visitor.came(*watched_race(engine().store, asked).race.members)
            except UserError as error:
                st.warning(plain(error.text(language)), icon=":material/link_off:")


def _watch(name: str) -> None:
    """Show this race, and put it in the form. Raises UserError where there is none of that name."""
    seen = watched_race(engine().store, name)
    st.session_state["race"] = name
    form.put(setup.of(seen.configs, seen.race.sweep))


def _choose(race: str | None, language: Language) -> None:
    box = st.expander(_SETUP(language), race is None, icon=":material/tune:", key=_BOX, on_change="rerun")
    if box.open:
        with box:
            form.draw(language)
    _, problem = form.wanted()
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _START(language),
            key="race-start",
            type="primary",
            icon=":material/flag:",
            shortcut=None if race else keys.TRAIN,
            disabled=problem is not None,
            on_click=_start,
        )
        _earlier(language)
    with st.container():  # always there, so that a problem that comes or goes leaves the charts where they are
        if problem:
            st.error(plain(problem(language)), icon=":material/tune:")


def _start() -> None:
    """Start what the form shows now: a number that was just typed may come together with the click."""
    form.take()
    configs, problem = form.wanted()
    try:
        if problem:
            raise UserError(problem)
        st.session_state["race"] = visitor.visit().submit_race(configs, form.setup().sweep)
        st.session_state[_BOX] = False
    except UserError as error:
        st.toast(plain(error.text(i18n.language())), icon=":material/error:")


def _earlier(language: Language) -> None:
    opened = st.popover(_EARLIER(language), icon=":material/history:", key="races", on_change="rerun")
    if not opened.open:
        return
    with opened, st.container(gap="xxsmall"):
        labels = ((name, label) for name in racing.names(engine().store) if (label := _label(name)))
        shown = list(islice(labels, _SHOWN))
        if not shown:
            st.caption(_NONE(language))
        for name, label in shown:
            st.button(label, key=f"open-{name}", type="tertiary", on_click=_watch, args=(name,))


def _label(name: str) -> str:
    """A race in a few words; empty where its runs are gone, or those of somebody whose link was not opened."""
    store = engine().store
    try:
        race = racing.read(store, name)
    except UserError:
        return ""
    if not visitor.visible(race.members[:1]):
        return ""
    configs = [store.config(run) for run in race.members]
    who = ", ".join(dict.fromkeys(ALGORITHMS[config.algorithm].label for config in configs))
    when = datetime.fromtimestamp(race.made).strftime("%m-%d %H:%M")
    return f"{FAMILIES[configs[0].family].label}: {who} · {when}"
