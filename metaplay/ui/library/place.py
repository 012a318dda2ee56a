"""Which part of the Runs page a session is on: the list, the replay of a run, or a comparison. It is in the address, too."""

from dataclasses import dataclass
from typing import Literal

import streamlit as st

from metaplay.text import Text, UserError
from metaplay.ui import visitor
from metaplay.ui.engine import engine

Part = Literal["list", "replay", "compare"]
MOST = 6
"""Runs that are compared, at most: more cannot be told apart."""
_KEY = "runs-place"
_GONE = Text(
    "{run}: there is no such run here; it was deleted or belongs to another server.",
    "{run}：这里没有这次训练；它已被删除或属于另一台服务器。",
)


@dataclass(frozen=True)
class Place:
    """A part of the page, and the runs that it is about."""

    part: Part = "list"
    runs: tuple[str, ...] = ()

    def query(self) -> dict[str, str]:
        """What the address says of it; `here` reads the same place from it."""
        return {self.part: ",".join(self.runs)} if self.runs else {}


def here() -> Place:
    """Where this session is: where it went last, else what its address says. Raises UserError, once, if that is not here."""
    if _KEY not in st.session_state:
        go()
        wanted = _asked()
        known = engine().store.list()
        for run in wanted.runs:
            if run not in known:
                raise UserError(_GONE.fill(run=run))
        visitor.came(*wanted.runs)
        st.session_state[_KEY] = wanted
    return st.session_state[_KEY]


def go(part: Part = "list", *runs: str) -> None:
    """Be there from the next run of the page on."""
    st.session_state[_KEY] = Place(part, runs)


def _asked() -> Place:
    most_of: dict[Part, int] = {"replay": 1, "compare": MOST}
    for part, most in most_of.items():
        if runs := tuple(filter(None, st.query_params.get(part, "").split(",")))[:most]:
            return Place(part, runs)
    return Place()
