"""A page that shows what people might write wherever the pages show such text, for test_literal.py."""

import streamlit as st

from metaplay.ui.status import plain
from tests.browser.test_literal import TEXTS

for text in TEXTS:
    st.warning(plain(text))
