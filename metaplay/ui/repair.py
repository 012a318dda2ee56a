"""What Streamlit gets wrong and the pages cannot live with, put right once a server."""

import streamlit as st
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.scriptrunner_utils.script_requests import ScriptRequestType


@st.cache_resource(show_spinner=False)
def repair() -> None:
    """Have a session that is asked for a rerun hear out what goes on or has just ended.

    Streamlit 1.67 lets a timer's tick break off what runs, be it the tick before or the whole page: where a server has so much to do
    that they take longer than the time between two ticks, none ever gets to its end, and everybody's processor time is lost. Such a
    tick is left out; another comes.

    And it starts another runner at once where the last one has just ended, and from then on ignores what that has handed to the event
    loop and the loop has not come to. Where many watch at once that is the rest of a page, with the timer that keeps it ticking: it
    stands still for good. (`AppSession.request_rerun` says as much of issue 9921, which it avoids for one case.) Asked again by the
    loop, after all that waits there, the session does it right.
    """
    now = AppSession.request_rerun

    def request_rerun(self: AppSession, client_state: ClientState | None) -> None:
        runner = self._scriptrunner
        if runner is None:
            now(self, client_state)
        elif runner._requests._state is ScriptRequestType.STOP:
            self._event_loop.call_soon(now, self, client_state)
        elif client_state is None or not client_state.is_auto_rerun:
            now(self, client_state)

    AppSession.request_rerun = request_rerun
