"""Who may come in, where the host asks: Streamlit's own OpenID login, switched on by an [auth] section in its secrets."""

import streamlit as st

from metaplay.text import Language, Text

_ASKED = Text("This playground is for those who log in.", "登录后才能使用这个训练场。")
_LOG_IN = Text("Log in", "登录")


def required(language: Language) -> None:
    """Show nothing but a button to log in, to whoever has to and has not. Nothing happens where the host asks for no login."""
    if st.user.get("is_logged_in", True):
        return
    st.header(_ASKED(language), anchor=False)
    st.button(_LOG_IN(language), key="login", icon=":material/login:", on_click=st.login, type="primary")
    st.stop()
