"""metaplay in the browser: `streamlit run app.py`. Sets the page up and hands over to the page chosen."""

import streamlit as st

from metaplay.ui import i18n, live_plot

st.set_page_config(page_title="metaplay", page_icon="metaplay/ui/icon.svg", layout="wide", initial_sidebar_state=310)
live_plot.prepare()
language = i18n.language()
page = st.navigation(
    [
        st.Page(
            "pages/playground.py",
            title=i18n.PLAYGROUND(language),
            icon=":material/play_circle:",
            help=i18n.PLAYGROUND_HELP(language),
            default=True,
        )
    ],
    position="top",
)
page.run()
