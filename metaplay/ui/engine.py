"""The engine that trains: one for the whole server, started in the background so that the page paints first."""

import atexit
import logging
from threading import Timer

import streamlit as st

from metaplay.engine import log
from metaplay.engine.client import Engine
from metaplay.engine.visiting import House
from metaplay.text import Language, UserError
from metaplay.ui.status import plain

_AFTER = 2.0
"""Seconds in which the first page has the processor to itself; a run that is handed in starts the engine sooner."""


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The server's engine. It starts on first call, without being waited for, and ends with the server."""
    log.to_stderr()
    made = Engine()
    atexit.register(made.close)
    timer = Timer(_AFTER, _start, args=(made,))
    timer.daemon = True
    timer.start()
    return made


def required(language: Language) -> None:
    """Say in one sentence why there can be no engine, a setting that makes no sense, and nothing else."""
    try:
        engine()
    except UserError as error:
        st.error(plain(error.text(language)), icon=":material/settings_alert:")
        st.stop()


def house() -> House:
    """The server's engine as its visitors may use it."""
    if _house().engine is not engine():  # another has taken its place, as in tests
        _house.clear()
    return _house()


@st.cache_resource(show_spinner=False)
def _house() -> House:
    made = House(engine())
    atexit.register(made.close)
    return made


def _start(made: Engine) -> None:
    """Runs that are handed in try again, and say why where it fails."""
    try:
        made.start()
    except UserError as error:
        logging.getLogger(__name__).warning("%s", error)
