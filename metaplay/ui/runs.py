"""The latest runs of this server that a visitor may know of, to reopen."""

from datetime import UTC, datetime

import streamlit as st

from metaplay.engine import labels
from metaplay.engine.store import RunStore
from metaplay.text import Language, Text
from metaplay.ui import status, visitor
from metaplay.ui.engine import engine

_SHOWN = 8
_RUNS = Text("Runs", "训练记录")
_NONE = Text("No runs yet: press Train.", "还没有训练：请按“训练”。")
_AGO = Text("{n} min ago", "{n} 分钟前")
_HOURS_AGO = Text("{n} h ago", "{n} 小时前")
_DAYS_AGO = Text("{n} days ago", "{n} 天前")


def draw(language: Language) -> None:
    """A button that opens the list; the list is read only while it is open."""
    opened = st.popover(_RUNS(language), icon=":material/history:", key="runs", on_change="rerun")
    if opened.open:
        with opened, st.container(gap="xxsmall"):
            _list(language)


def _list(language: Language) -> None:
    store = engine().store
    found = visitor.visible(store.list())[:_SHOWN]
    if not found:
        st.caption(_NONE(language))
    for run in found:
        label = f"{name(store, run)} {status.STATES[store.state(run).state](language)} {age(run, language)}"
        st.button(label, key=f"open-{run}", type="tertiary", on_click=_watch, args=(run,))


def _watch(run: str) -> None:
    st.session_state["run"] = run


def name(store: RunStore, run: str) -> str:
    """What people call the run, else its algorithm and tasks; in Markdown."""
    return status.plain(labels.read(store, run).name) or status.name(store.config(run))


def age(run: str, language: Language) -> str:
    """How long ago a run was started; its name begins with the time."""
    started = datetime.strptime(run[:15], "%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    minutes = int((datetime.now(UTC) - started).total_seconds() // 60)
    if minutes < 90:
        return _AGO.fill(n=minutes)(language)
    hours = minutes // 60
    return _HOURS_AGO.fill(n=hours)(language) if hours < 48 else _DAYS_AGO.fill(n=hours // 24)(language)
