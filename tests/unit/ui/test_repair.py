"""The repair of Streamlit: what an ended run of a page has still to tell is heard before the next one begins, and ticks break nothing off."""

import asyncio
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequests

from metaplay.ui.repair import repair


@pytest.fixture(autouse=True)
def _put_back() -> Iterator[None]:
    before = AppSession.request_rerun
    repair.clear()
    yield
    AppSession.request_rerun = before
    repair.clear()


def _asked(ended: bool, tick: bool = False) -> list[str]:
    """What happens to a session that is asked for a rerun, by a timer's tick or by a person, while the loop has still to come to what its
    last one told."""
    heard: list[str] = []

    def rerun(self: AppSession, client_state: ClientState | None) -> None:
        heard.append("rerun")

    AppSession.request_rerun = rerun
    repair()
    requests = ScriptRequests()
    if ended:
        requests.on_scriptrunner_ready()

    async def ask() -> None:
        loop = asyncio.get_running_loop()
        session: Any = SimpleNamespace(_event_loop=loop, _scriptrunner=SimpleNamespace(_requests=requests))
        loop.call_soon(heard.append, "told")
        AppSession.request_rerun(session, ClientState(is_auto_rerun=tick))
        await asyncio.sleep(0)

    asyncio.run(ask())
    return heard


@pytest.mark.parametrize("tick", [False, True])
def test_what_the_last_run_told_is_heard_first(tick: bool):
    assert _asked(ended=True, tick=tick) == ["told", "rerun"]


def test_a_run_that_goes_on_is_asked_at_once():
    assert _asked(ended=False) == ["rerun", "told"]


def test_a_tick_breaks_off_nothing_that_goes_on():
    assert _asked(ended=False, tick=True) == ["told"]
