"""The page's address, which is the share link: it carries what the page shows, whole."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from metaplay.config import RunConfig, defaults, revise
from metaplay.text import Language
from metaplay.ui import teach

_OTHER = ("run", "lang", teach.PARAMETER)


def to_query(values: Mapping[str, Any], run: str | None) -> dict[str, str]:
    """Query parameters for these form values; `from_query` reads the same configuration from them."""
    query = {name: _word(value) for name, value in values.items()}
    return {**query, **({"run": run} if run else {})}


def from_query(query: Mapping[str, str]) -> RunConfig | None:
    """The configuration in an address; None where it has none. What it leaves out is as its algorithm and tasks want it.

    Raises ConfigError for a value that is not allowed.
    """
    values = {name: value for name, value in query.items() if name not in _OTHER}
    if not values:
        return None
    usual = defaults(values.get("algorithm", "maml"), values.get("family", "sinusoid"))
    return revise(usual, values)


def keep_address(shown: Mapping[str, str], language: Language) -> None:
    """Make the browser's address say what the page shows: `shown`, the language, and the teacher's mode."""
    query = {**shown, "lang": language, **teach.query()}
    if st.query_params.to_dict() != query:
        st.query_params.from_dict(query)


def _word(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
