"""Who is at the page, where METAPLAY_VISITORS tells visitors apart: an id that their browser keeps, and what they may do.

The id is a cookie: it survives a reload, comes with the page's connection, and is in no share link. A second one holds the runs of
others that were opened by a link, so that they stay in the lists. Who has logged in is known by the account instead.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

from metaplay.engine import owners
from metaplay.engine.asking import Arguments
from metaplay.engine.store import NAME
from metaplay.engine.visiting import Visit
from metaplay.text import Text, UserError
from metaplay.ui.engine import house
from metaplay.ui.order import ORDER

COOKIE, OPENED = "metaplay_visitor", "metaplay_opened"
MOST_OPENED = 20
OTHERS = Text(
    "This run belongs to another visitor: you can watch it, and train one like it of your own.",
    "这次训练属于另一位访客：你可以观看，也可以自己训练一次相同的。",
)
_BYTES = 32
_ID = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY, _OPENED_KEY, _COMPONENT_KEY = "visitor-id", "visitor-opened", "visitor"
_APART = "."
# What another tab of a browser that had no id yet has written meanwhile is the id of both.
_JS = """
export default function ({ data, setTriggerValue }) {
  const held = document.cookie.match(new RegExp(`(?:^|; )${data.name}=([A-Za-z0-9_-]{43})(?:;|$)`))?.[1]
  if (held && held !== data.id) {
    setTriggerValue("held", held)
    return
  }
  const rest = `; path=/; max-age=31536000; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`
  document.cookie = `${data.name}=${data.id}${rest}`
  document.cookie = `${data.openedName}=${data.opened}${rest}`
}
"""
_COMPONENT = component("metaplay_visitor", html="<span hidden></span>", js=_JS)
_ASIDE = "<style>.st-key-visitor-aside {position: absolute}</style>"


def visit() -> Visit:
    """What whoever is at the page may do."""
    return house().visit(owners.known_by(_account() or _id()) if house().many else None)


def ask(question: str, **arguments: Any) -> Any:
    """Visit.ask, by whoever is at the page. Others may draw from now on: a worker is waited for."""
    ORDER.leave()
    return visit().ask(question, **arguments)


def ask_each(question: str, several: Sequence[Arguments]) -> Iterator[Any]:
    """Visit.ask_each, as `ask`."""
    ORDER.leave()
    return visit().ask_each(question, several)


def owns(*runs: str) -> bool:
    """Whether all these runs are of whoever is at the page; none of a run that is gone."""
    try:
        return visit().owns(*runs)
    except UserError:
        return False


def visible(runs: Iterable[str]) -> list[str]:
    """Those of the runs that are listed: one's own, and those that were opened by a link."""
    if not house().many:
        return list(runs)
    opened = _opened()
    return [run for run in runs if run in opened or owns(run)]


def came(*runs: str) -> None:
    """These runs were opened by a link."""
    if house().many:
        new = [run for run in runs if not owns(run)]
        kept = [run for run in _opened() if run not in new]
        st.session_state[_OPENED_KEY] = [*new, *kept][:MOST_OPENED]


def aside() -> None:
    """A place for `remember`, which takes no room on the page."""
    if house().many:
        st.session_state["visitor-place"] = st.container(key="visitor-aside")


def remember() -> None:
    """Have the browser keep who it is, and what it opened."""
    if not house().many:
        return
    with st.session_state["visitor-place"]:
        st.html(_ASIDE)
        _COMPONENT(
            key=_COMPONENT_KEY,
            data={"name": COOKIE, "id": _id(), "openedName": OPENED, "opened": _APART.join(_opened())},
            on_held_change=_adopt,
            width=1,
            height=1,
        )


def _adopt() -> None:
    held = st.session_state[_COMPONENT_KEY].held
    if isinstance(held, str) and _ID.fullmatch(held):
        st.session_state[_KEY] = held


def _id() -> str:
    """This browser's id: the one it keeps, or a new one, which nobody can guess."""
    if _KEY not in st.session_state:
        held = _cookie(COOKIE)
        st.session_state[_KEY] = held if _ID.fullmatch(held) else secrets.token_urlsafe(_BYTES)
    return st.session_state[_KEY]


def _account() -> str:
    """Who has logged in, where the host asks for that: the same on all of their devices. It has a space, which no id has."""
    if not st.user.get("is_logged_in", False):
        return ""
    return f"{st.user.get('iss', '')} {st.user.get('sub') or st.user.get('email', '')}"


def _cookie(name: str) -> str:
    """A cookie as it came when the page was opened."""
    return str(st.context.cookies.get(name, ""))


def _opened() -> list[str]:
    if _OPENED_KEY not in st.session_state:
        held = _cookie(OPENED).split(_APART)[:MOST_OPENED]
        st.session_state[_OPENED_KEY] = [run for run in held if NAME.fullmatch(run)]
    return st.session_state[_OPENED_KEY]
