"""The engine that trains: one for the whole server, started in the background so that the page paints first."""

import atexit
import logging
from threading import Thread

import streamlit as st

from metaplay.engine.client import Engine
from metaplay.text import UserError


@st.cache_resource(show_spinner=False)
def engine() -> Engine:
    """The server's engine. It starts on first call, without being waited for, and ends with the server."""
    made = Engine()
    atexit.register(made.close)
    Thread(target=_start, args=(made,), name="engine start", daemon=True).start()
    return made


def _start(made: Engine) -> None:
    """Runs that are handed in try again, and say why where it fails."""
    try:
        made.start()
    except UserError as error:
        logging.getLogger(__name__).warning("%s", error)
