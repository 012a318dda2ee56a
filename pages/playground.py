"""The playground: choose an algorithm and its tasks, press Train, watch it learn to learn."""

import streamlit as st

from metaplay.ui import cards, figure, i18n, live, navigation, playground, teach, theme

navigation.through_app()
language = i18n.language()
playground.open_session()
playground.keep_address(language)
playground.head(language)
if not teach.has("hide"):
    with st.sidebar:
        figure.part(playground.sidebar, language, playground.said_of_form(language))
    cards.draw(language)
with st.container():  # always there, so that a problem that comes or goes leaves the charts where they are
    playground.problems(language)
live.draw(language, theme.theme())
