"""You against the machine: both sort the queries of one 5-way 1-shot episode, each from the same five images."""

from dataclasses import dataclass, field
from html import escape

import numpy as np
import streamlit as st
from numpy.random import Generator, default_rng

from metaplay.tasks import strokes
from metaplay.text import Language, Text, UserError
from metaplay.ui.draw import answers
from metaplay.ui.draw.episode import LETTERS, Images, alphabet
from metaplay.ui.draw.starts import Start
from metaplay.ui.status import plain

WAY, EACH = 5, 2
"""Classes, and queries of each."""
_ME = "you"
_INTRO = Text(
    "Five characters that nobody has seen before, you or the networks: each is shown once. Say which of them every new drawing is "
    "(keys 1 to 5). Then the networks sort the same images.",
    "五个谁都没见过的字符（你和网络都没见过），每个只给你看一次。请判断每幅新画是其中哪一个（可按数字键 1 到 5）。之后网络会对同样的图像分类。",
)
_NUMBER = Text("Drawing {n} of {all}: which character is it?", "第 {n} / {all} 幅：它是哪个字符？")
_AGAIN = Text("Another round", "再来一轮")
_BACK = Text("Take back", "撤回")
_YOU, _TRUE = Text("You", "你"), Text("Is", "答案")
_SORTS = Text("The networks sort them.", "网络正在分类。")
_RIGHT = Text("{right} of {all}", "{right} / {all}")
_SO_FAR = Text("{right} of {all} over {rounds} rounds", "{rounds} 轮共 {right} / {all}")
_CHANCE = Text(
    "Guessing gets 2 of 10. Ten drawings are few: play some rounds before you believe the difference. The networks judge each "
    "drawing alone, as you did.",
    "随机猜测平均答对 10 幅中的 2 幅。十幅画太少：多玩几轮再相信差距。网络也像你一样逐幅单独判断。",
)
_PICTURE = Text("character {letter}", "字符 {letter}")
_ASKED = Text("the drawing to be sorted", "待判断的画")


@dataclass
class Round:
    """An episode and what was said of it: support [5, 28, 28]; queries [10, 28, 28] with their true labels.

    `right` is how many of the queries each player got, once that is known.
    """

    support: Images
    queries: Images
    truth: list[int]
    said: list[int] = field(default_factory=list)
    right: dict[str, int] = field(default_factory=dict)

    @property
    def over(self) -> bool:
        return len(self.said) == len(self.truth)


def deal(rng: Generator) -> Round:
    """A new round of characters from the test split, each of another alphabet."""
    support, queries, truth = [], [], []
    for label, k in enumerate(rng.choice(strokes.split_alphabets("test"), WAY, replace=False)):
        drawings = alphabet(int(k)).pixels[rng.integers(strokes.CHARACTERS)]
        first, *others = drawings[rng.choice(strokes.DRAWINGS, 1 + EACH, replace=False)]
        support.append(first)
        queries.extend(others)
        truth.extend([label] * EACH)
    order = rng.permutation(len(queries))
    return Round(np.stack(support), np.stack(queries)[order], [truth[int(place)] for place in order])


def draw(starts: list[Start], language: Language) -> None:
    """The round as far as it is played."""
    rounds = _rounds()
    st.caption(_INTRO(language))
    if rounds[-1].over:
        _result(rounds, starts, language)
    else:
        _question(rounds[-1], language)


def _rounds() -> list[Round]:
    """The rounds of this session; the last one is played."""
    if "draw-rounds" not in st.session_state:
        st.session_state["draw-rounds"] = [deal(default_rng())]
    return st.session_state["draw-rounds"]


def _question(played: Round, language: Language) -> None:
    number = len(played.said)
    st.markdown(f"**{_NUMBER.fill(n=number + 1, all=len(played.truth))(language)}**")
    st.html(f"<div>{answers.tag(played.queries[number], _ASKED(language), 150)}</div>")
    st.html("<style>.metaplay-choice img {width: 100%; height: auto; max-width: 96px}</style>")
    with st.container(width=560), st.grid(WAY, min_column_width=52, gap="small"):
        for label, image in enumerate(played.support):
            with st.container(gap="xxsmall"):
                picture = answers.tag(image, _PICTURE.fill(letter=LETTERS[label])(language), 96)
                st.html(f"<div class='metaplay-choice'>{picture}</div>")
                st.button(
                    LETTERS[label],
                    key=f"say-{LETTERS[label]}",
                    on_click=played.said.append,
                    args=(label,),
                    shortcut=str(label + 1),
                    width="stretch",
                )
    st.button(
        _BACK(language),
        key="say-back",
        icon=":material/undo:",
        disabled=not number,
        on_click=_take_back,
        args=(played,),
    )


def _take_back(played: Round) -> None:
    if played.said:
        played.said.pop()


def _result(rounds: list[Round], starts: list[Start], language: Language) -> None:
    played = rounds[-1]
    said = {_ME: played.said}
    try:
        with st.spinner(_SORTS(language)):
            parts = answers.ask(starts, played.support, list(range(WAY)), played.queries) if starts else ()
            told = {name: found for part in parts for name, found in part.items()}
        said |= {name: shares[-1].argmax(-1).tolist() for name, shares in told.items()}
    except UserError as error:
        st.warning(plain(error.text(language)))
    played.right = {name: sum(map(int.__eq__, labels, played.truth)) for name, labels in said.items()}
    names = {_ME: _YOU(language), **{start.name: start.label for start in starts}}
    with st.grid(len(said), min_column_width=130, gap="small"):
        for player in said:
            score = _RIGHT.fill(right=played.right[player], all=len(played.truth))(language)
            st.metric(names[player], score, _so_far(rounds, player, language), delta_color="off", border=True)
    st.button(_AGAIN(language), key="draw-again", type="primary", icon=":material/refresh:", on_click=_again)
    st.caption(_CHANCE(language))
    st.html(answers.examples(played.support, list(range(WAY)), language))
    st.html(_table(played, {names[player]: labels for player, labels in said.items()}, language))


def _so_far(rounds: list[Round], player: str, language: Language) -> str | None:
    """What the player got right in all rounds, if there were several."""
    in_it = [one for one in rounds if player in one.right]
    if len(in_it) < 2:
        return None
    right, asked = sum(one.right[player] for one in in_it), sum(len(one.truth) for one in in_it)
    return _SO_FAR.fill(right=right, all=asked, rounds=len(in_it))(language)


def _again() -> None:
    _rounds().append(deal(default_rng()))


def _table(played: Round, said: dict[str, list[int]], language: Language) -> str:
    """Every query with what it is and what each player took it for; what is right has a tick, what is wrong a cross."""
    rows = []
    for number, true in enumerate(played.truth):
        cells = [
            f"{'✓' if labels[number] == true else '✗'} {_mark(labels[number], labels[number] == true)}"
            for labels in said.values()
        ]
        rows.append([answers.tag(played.queries[number], _ASKED(language)), _mark(true, True), *cells])
    return answers.table(["", _TRUE(language), *(escape(name) for name in said)], rows)


def _mark(label: int, right: bool) -> str:
    return LETTERS[label] if right else f"<b>{LETTERS[label]}</b>"
