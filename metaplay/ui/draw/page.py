"""Draw: classes drawn by the visitor, told apart by networks that adapt to them; and the visitor against the networks."""

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import navigation, share
from metaplay.ui.draw import answers, board, game, starts
from metaplay.ui.draw.held import held
from metaplay.ui.engine import engine
from metaplay.ui.theme import Theme

_TITLE = Text("Draw your own task", "画出你自己的任务")
_INTRO = Text(
    "Draw a few examples of a few classes; trained starting points adapt to them at once, and say of which class a new drawing is.",
    "为几个类别各画几个样本；训练好的起点会立刻适应它们，并判断新画的属于哪一类。",
)
_MODES = {
    "draw": Text("Draw", "手绘"),
    "game": Text("You against the machine", "人机对战"),
}
_MODE = Text("What to do", "做什么")


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    engine()
    navigation.head(language, _TITLE, _INTRO)
    asked = st.query_params.get("do", "draw")
    st.session_state.setdefault("draw-mode", asked if asked in _MODES else "draw")
    mode = st.segmented_control(
        _MODE(language),
        list(_MODES),
        format_func=lambda name: _MODES[name](language),
        key="draw-mode",
        label_visibility="collapsed",
        required=True,
    )
    share.keep_address({"do": str(mode)}, language)
    (_game if mode == "game" else _draw)(language, theme)


@st.fragment
def _draw(language: Language, theme: Theme) -> None:
    board.controls(language)
    board.sheets(language)
    drawn = held()
    chosen = starts.able(starts.choose(language), drawn.way, language)
    answers.draw(drawn.episode(), drawn.queries.current, chosen, language, theme)


@st.fragment
def _game(language: Language, theme: Theme) -> None:
    game.draw(starts.able(starts.choose(language), game.WAY, language), language)
