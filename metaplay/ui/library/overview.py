"""The list of runs: what to show of it, the table, its pages, and what to do with the chosen runs. Refreshes while something runs."""

from math import ceil

import streamlit as st

from metaplay.engine import marks
from metaplay.engine.listing import Listed, Listing
from metaplay.engine.store import RunStore
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, status, visitor
from metaplay.ui.engine import engine, house
from metaplay.ui.library import actions, carrying, rows, table

PAGE = 20
"""Runs on a page of the table."""
_EVERY = 2.0
"""Seconds between two looks at runs that go on."""
_SEARCH = Text("Search name, tag, algorithm …", "搜索名称、标签、算法……")
_STATE, _FAMILY, _ALGORITHM = Text("State", "状态"), Text("Tasks", "任务"), Text("Algorithm", "算法")
_NONE = Text(
    "No runs yet: train one in the playground, or open one that was made elsewhere.",
    "还没有训练：请在训练场中训练一次，或打开在别处生成的训练包。",
)
_NONE_LEFT = Text("No run fits this search.", "没有符合条件的训练。")
_WHOSE = Text("Whose runs", "谁的训练")
_WHO = {
    "all": Text("Mine, and those whose link I opened", "我的，以及我打开过链接的"),
    "own": Text("Only mine", "仅我的"),
}
_COUNT = Text("{shown:,} of {all:,} runs", "共 {all:,} 次训练，显示 {shown:,} 次")


@st.cache_resource(max_entries=2, show_spinner=False)
def listing(_store: RunStore, root: str) -> Listing:
    """The list of runs that all sessions share."""
    return Listing(_store)


def draw(language: Language) -> None:
    """The list. It refreshes as long as any run goes on."""
    store = engine().store
    going = any(map(_goes_on, _visible(listing(store, str(store.root)))))
    figure.part(_list, language, going, every=_EVERY if going else None)


def _list(language: Language, was_going: bool) -> None:
    store = engine().store
    found = listing(store, str(store.root))
    every = _visible(found)
    with figure.steady():
        own = {row.run for row in every if visitor.owns(row.run)}
        only_own, wanted = _whose(language), _search(language)
        fitting = [row for row in rows.chosen(every, wanted, table.sort()) if row.run in own or not only_own]
        here = {row.run: row for row in every}
        chosen = [here[run] for run in table.selected() if run in here]
        actions.draw(chosen, all(row.run in own for row in chosen), language)
        if not every:
            st.info(_NONE(language), icon=":material/history:")
        elif not fitting:
            st.info(_NONE_LEFT(language), icon=":material/search_off:")
        shown = _page(fitting, len(every), language)
        if shown:
            table.table(
                [_row(found, row, row.run in own, language) for row in shown], [row.run for row in chosen], language
            )
        carrying.opening(language)
    if was_going != any(map(_goes_on, every)):
        st.rerun()


def _visible(found: Listing) -> list[Listed]:
    """The runs of whoever is at the page, and those whose link was opened."""
    every = found.rows()
    shown = set(visitor.visible(row.run for row in every))
    return [row for row in every if row.run in shown]


def _whose(language: Language) -> bool:
    """A choice between one's own runs and all that are listed, where visitors are told apart; whether one's own are chosen."""
    if not house().many:
        return False
    chosen = st.segmented_control(
        _WHOSE(language),
        list(_WHO),
        default="all",
        format_func=lambda who: _WHO[who](language),
        key="runs-whose",
        required=True,
        label_visibility="collapsed",
    )
    return chosen == "own"


def _row(found: Listing, listed: Listed, own: bool, language: Language) -> rows.Row:
    try:
        curve = found.curve(listed.run)
    except UserError:  # deleted just now
        curve = []
    return rows.row(listed, curve, language, own)


def _goes_on(row: Listed) -> bool:
    return row.state.state in (*marks.HELD, "queued")


def _search(language: Language) -> rows.Wanted:
    with st.grid(4, min_column_width=160, gap="xsmall"):
        text = st.text_input(
            _SEARCH(language), key="runs-text", placeholder=_SEARCH(language), label_visibility="collapsed"
        )
        states = _several(_STATE, list(status.STATE_NAMES), lambda name: status.STATE_NAMES[name](language), language)
        families = _several(_FAMILY, list(FAMILIES), lambda name: FAMILIES[name].label, language)
        algorithms = _several(_ALGORITHM, list(ALGORITHMS), lambda name: ALGORITHMS[name].label, language)
    return rows.Wanted(text, states, families, algorithms)


def _several(label: Text, options: list[str], told, language: Language) -> list[str]:
    return st.multiselect(
        label(language),
        options,
        format_func=told,
        key=f"runs-{label.en.lower()}",
        placeholder=label(language),
        label_visibility="collapsed",
    )


def _page(fitting: list[Listed], every: int, language: Language) -> list[Listed]:
    """The runs of the page that is open, with what leads to the others."""
    pages = ceil(len(fitting) / PAGE)
    number = 1
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if every:
            st.caption(_COUNT.fill(shown=len(fitting), all=every)(language), width="content")
        if pages > 1:
            number = st.pagination(pages, key=f"runs-page-{pages}")
    return fitting[PAGE * (number - 1) : PAGE * number]
