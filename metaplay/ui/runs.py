"""The latest runs of this server, to reopen."""

from datetime import UTC, datetime

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import status
from metaplay.ui.engine import engine

_SHOWN = 8
_RUNS = Text("Runs", "训练记录")
_NONE = Text("No runs yet: press Train.", "还没有训练：请按“训练”。")
_AGO = Text("{n} min ago", "{n} 分钟前")
_HOURS_AGO = Text("{n} h ago", "{n} 小时前")


def draw(language: Language) -> None:
    """A button that opens the list; the list is read only while it is open."""
    opened = st.popover(_RUNS(language), icon=":material/history:", key="runs", on_change="rerun")
    if opened.open:
        with opened, st.container(gap="xxsmall"):
            _list(language)


def _list(language: Language) -> None:
    store = engine().store
    found = store.list()[:_SHOWN]
    if not found:
        st.caption(_NONE(language))
    for run in found:
        label = (
            f"{status.name(store.config(run))} {status.STATES[store.state(run).state](language)} {age(run, language)}"
        )
        st.button(label, key=f"open-{run}", type="tertiary", on_click=_watch, args=(run,))


def _watch(run: str) -> None:
    st.session_state["run"] = run


def age(run: str, language: Language) -> str:
    """How long ago a run was started; its name begins with the time."""
    started = datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    minutes = int((datetime.now(UTC) - started).total_seconds() // 60)
    return _AGO.fill(n=minutes)(language) if minutes < 90 else _HOURS_AGO.fill(n=minutes // 60)(language)
