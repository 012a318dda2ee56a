"""metaplay in the browser: `streamlit run app.py`. Sets the page up and hands over to the page chosen."""

import streamlit as st

from metaplay.ui import engine, i18n, live_plot, login, navigation, order, repair, teach, theme, visitor

st.set_page_config(page_title="metaplay", page_icon="metaplay/ui/icon.svg", layout="wide", initial_sidebar_state=310)
repair.repair()
order.ordered()
live_plot.prepare()
teach.apply()
theme.apply()
login.required(i18n.language())
engine.required(i18n.language())
visitor.aside()
navigation.chosen(i18n.language()).run()
visitor.remember()
