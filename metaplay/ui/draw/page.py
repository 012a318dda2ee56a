"""Draw: classes drawn or typed by the visitor, told apart by networks that adapt; and the visitor against the networks."""

import streamlit as st

from metaplay.text import Language, Text
from metaplay.ui import navigation, share
from metaplay.ui.draw import answers, board, game, starts
from metaplay.ui.draw.held import held
from metaplay.ui.draw.words import answers as told_words
from metaplay.ui.draw.words import board as words
from metaplay.ui.engine import engine
from metaplay.ui.theme import Theme

_TITLE = Text("Draw your own task", "画出你自己的任务")
_INTRO = Text(
    "Draw a few examples of a few classes, or type them; trained starting points adapt to them at once, and say of which class a new one is.",
    "为几个类别各画几个样本，或写几句话；训练好的起点会立刻适应它们，并判断新的样本属于哪一类。",
)
_MODES = {
    "draw": Text("Draw", "手绘"),
    "words": Text("Type", "打字"),
    "game": Text("You against the machine", "人机对战"),
}
_MODE = Text("What to do", "做什么")


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    engine()
    navigation.head(language, _TITLE, _INTRO)
    asked = st.query_params.get("do", "draw")
    first = st.session_state.setdefault("draw-mode", asked if asked in _MODES else "draw")
    mode = st.segmented_control(
        _MODE(language),
        list(_MODES),
        format_func=lambda name: _MODES[name](language),
        default=first,  # a browser that missed what the state says would say that nothing is chosen
        key="draw-mode",
        label_visibility="collapsed",
        required=True,
    )
    share.keep_address({"do": str(mode)}, language)
    {"draw": _draw, "words": _words, "game": _game}[str(mode)](language, theme)


def _draw(language: Language, theme: Theme) -> None:
    """A stroke draws the sheet anew that it is on, and has the answers that stand on the page say something else.
    All else draws the page anew: the sheets are parts of it, and there are no parts of parts."""
    board.controls(language)
    sheets, choice = st.container(), st.container()
    with choice:
        chosen = starts.able(starts.drawings(language), held().way, language)
    stands: list[tuple] = []  # known when the sheets have been drawn once

    def stroke() -> None:
        drawn = held()
        asked = answers.Asked(drawn.episode(), drawn.queries.current, chosen)
        if stands and not (stands == [asked.standing()] and answers.tell(asked, language, theme)):
            st.rerun()

    with sheets:
        board.sheets(stroke, language)
    drawn = held()
    stands.append(answers.draw(answers.Asked(drawn.episode(), drawn.queries.current, chosen), language, theme))


@st.fragment
def _words(language: Language, theme: Theme) -> None:
    way = words.controls(language)
    intents = words.intents(way, language)
    query = words.query(language)
    chosen = starts.able(starts.sentences(language), way, language)
    told_words.draw(intents, query, chosen, language, theme)


@st.fragment
def _game(language: Language, theme: Theme) -> None:
    game.draw(starts.able(starts.drawings(language), game.WAY, language), language)
