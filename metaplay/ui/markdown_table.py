"""Tables in Markdown, as pages show them: Streamlit's own would import pandas, which takes 80 MB and a second."""

from collections.abc import Iterable, Sequence

import streamlit as st


def markdown_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Show a table. Cells are Markdown: what a person or a file brought goes through `status.plain`."""
    st.markdown("\n".join(_line(cells) for cells in (heads, ["---"] * len(heads), *rows)))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"
