"""What the starting points say of the drawn queries: a card each for the query at hand, and a table of all queries."""

from collections import ChainMap
from collections.abc import Callable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from metaplay.charts import told
from metaplay.charts.style import as_json
from metaplay.registry import ALGORITHMS
from metaplay.tasks.picture import picture
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, visitor
from metaplay.ui.draw.episode import LETTERS, Episode, Images, images
from metaplay.ui.draw.starts import Start
from metaplay.ui.feed import Said, feed, live_words
from metaplay.ui.live_plot import live_plot
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme

Answers = dict[str, NDArray[np.float32]]
"""By starting point: the probabilities of the classes [K + 1, Q, W] after 0..K inner steps."""

WARMING = Text(
    "The networks adapt (the engine needs a few seconds at first).", "网络正在适应（引擎首次启动需要几秒）。"
)
_FIRST = Text("Draw at least one example of {letters}.", "请至少为 {letters} 各画一个样本。")
_THEN = Text(
    "Now draw a query: one of your classes, drawn anew. Or press **Real characters** to see one at work.",
    "现在画一个查询：把其中一个类别再画一遍。也可以按**现成字符**先看看效果。",
)
NONE = Text("Choose at least one starting point.", "请至少选择一个起点。")
_SAYS = Text("<b>{name}</b> says <b>{said}</b> · {share:.0%}", "<b>{name}</b> 认为是 <b>{said}</b> · {share:.0%}")
_SEEN = Text("As the networks see it, 28 × 28 pixels", "网络看到的样子（28 × 28 像素）")
_ALL = Text("All queries", "全部查询")
_EXAMPLE = Text("example of {letter}", "{letter} 的样本")
_QUERY, _NUMBERED = Text("query", "查询"), Text("query {n}", "查询 {n}")


class Asked(NamedTuple):
    """What is drawn, the number of the query at hand, and who is asked about it."""

    episode: Episode
    current: int
    starts: list[Start]

    def standing(self) -> tuple:
        """What there is to be said on the page. While that is the same, `tell` will do for a change of the drawings."""
        names = tuple(start.name for start in self.starts)
        return tuple(self.episode.missing), self.episode.way, min(len(self.episode.queries), 2), names


def ask(starts: list[Start], support: Images, labels: list[int], queries: Images) -> Iterator[Answers]:
    """What the starting points say, from the engine: the first by itself, the others in two parts, which two workers can adapt
    at once. Raises UserError where it cannot answer."""
    half = 1 + (len(starts) - 1) // 2
    parts = [[start.name for start in part] for part in (starts[:1], starts[1:half], starts[half:]) if part]
    drawn = {"support": support, "labels": labels, "queries": queries}
    return visitor.ask_each("drawn", [{"starts": names, **drawn} for names in parts])


def draw(asked: Asked, language: Language, theme: Theme) -> tuple:
    """The answers, or what is still to be drawn for there to be any. Returns what stands on the page now."""
    episode, _, starts = asked
    if episode.missing:
        st.info(_FIRST.fill(letters=", ".join(episode.missing))(language), icon=":material/draw:")
    elif not episode.queries:
        st.info(_THEN(language), icon=":material/draw:")
    elif not starts:
        st.info(NONE(language), icon=":material/rule:")
    else:
        try:
            with st.spinner(WARMING(language)):
                said = dict(ChainMap(*_said(asked, language, theme)))
        except UserError as error:
            st.warning(plain(error.text(language)))
            return ()
        with figure.steady():
            _cards(said, starts)
            figure.explained(told.EXPLAIN(language), key="told", language=language)
            st.caption(_SEEN(language))
            live_words(*said["told-seen"], key="told-seen")
            if len(episode.queries) > 1:
                st.markdown(f"**{_ALL(language)}**")
                live_words(*said["told-all"], key="told-all")
    return asked.standing()


def tell(asked: Asked, language: Language, theme: Theme) -> bool:
    """Have the answers that stand on the page say what is drawn now, the first as soon as it is known; whether they could."""
    if asked.episode.missing or not asked.episode.queries or not asked.starts:
        return True
    try:
        said = _said(asked, language, theme)
        feed(next(said), key="feed-first")
        feed(dict(ChainMap(*said)), key="feed")
    except UserError:
        return False
    return True


def _said(asked: Asked, language: Language, theme: Theme) -> Iterator[dict[str, Said]]:
    """The answers by their places on the page: those of the first starting point as soon as they are there, then those of all
    others. Raises UserError where the engine cannot answer."""
    episode, current, starts = asked
    support, labels = episode.support()
    queries = images(episode.queries)
    current = min(max(current, 0), len(queries) - 1)
    letters = LETTERS[: episode.way]
    parts = ask(starts, support, labels, queries)
    answers = next(parts)
    yield _on_cards(0, starts[:1], _of_query(answers, current), letters, language, theme)
    seen = examples(support, labels, language, queries[current])  # while the others adapt
    answers |= dict(ChainMap(*parts))
    yield _on_cards(1, starts[1:], _of_query(answers, current), letters, language, theme)
    yield {"told-seen": (seen,), "told-all": (_table(answers, queries, starts, language),)}


def _of_query(answers: Answers, number: int) -> dict[str, told.Probabilities]:
    return {name: found[:, number] for name, found in answers.items()}


def cards(
    answers: Mapping[str, told.Probabilities],
    starts: list[Start],
    names: Sequence[str],
    language: Language,
    theme: Theme,
    below: Callable[[Start], None] = lambda start: None,
    beside: Callable[[], None] = lambda: None,
) -> None:
    """A card each for what the starting points say of one query, probabilities [K + 1, W] by name; `names` are what the classes
    are called in words, in the chart they go by their letters. `below` draws what else is in a card, `beside` further cards."""
    _cards(_on_cards(0, starts, answers, names, language, theme), starts, below, beside)


def _on_cards(
    first: int,
    starts: list[Start],
    answers: Mapping[str, told.Probabilities],
    names: Sequence[str],
    language: Language,
    theme: Theme,
) -> dict[str, Said]:
    """Heads and charts of the cards of these starting points, the first of which is in that place."""
    said = {}
    for place, start in enumerate(starts, first):
        said |= _on_card(place, start, answers[start.name], names, language, theme)
    return said


def _on_card(
    place: int, start: Start, found: told.Probabilities, names: Sequence[str], language: Language, theme: Theme
) -> dict[str, Said]:
    """Head and chart of a card."""
    winner = int(found[-1].argmax())
    head = _SAYS.fill(name=escape(start.label), said=escape(names[winner]), share=found[-1, winner])
    chart = told.told(found, LETTERS[: len(names)], start.algorithm, language, theme)
    return {
        f"told-head-{place}": (head(language),),
        f"plot-told-{place}": (as_json(chart), told.alt(found, names, start.label, language)),
    }


def _cards(
    said: Mapping[str, Said],
    starts: list[Start],
    below: Callable[[Start], None] = lambda start: None,
    beside: Callable[[], None] = lambda: None,
) -> None:
    st.html(_style(starts))
    with st.grid(4, min_column_width=250, gap="small"):
        for place, start in enumerate(starts):
            with st.container(border=True, gap="xxsmall", key=f"told-{place}"):
                live_words(*said[f"told-head-{place}"], key=f"told-head-{place}")
                chart, alt = said[f"plot-told-{place}"]
                live_plot(chart, key=f"plot-told-{place}", alt=alt, height=190)
                below(start)
        beside()


def _style(starts: list[Start]) -> str:
    """Cards carry the colour of their algorithm."""
    rules = [
        f".st-key-told-{place} {{border-left: 5px solid {ALGORITHMS[start.algorithm].colour}}}"
        for place, start in enumerate(starts)
    ]
    return f"<style>{''.join(rules)}</style>"


def examples(support: Images, labels: list[int], language: Language, query: Images | None = None) -> str:
    """The examples that the networks are given, class by class, and the query at hand, as HTML."""
    groups: dict[str, list[str]] = {}
    for image, label in zip(support, labels, strict=True):
        letter = LETTERS[label]
        groups.setdefault(letter, []).append(tag(image, _EXAMPLE.fill(letter=letter)(language)))
    if query is not None:
        groups["?"] = [tag(query, _QUERY(language))]
    shown = "".join(f"<span><b>{letter}</b> {''.join(tags)}</span>" for letter, tags in groups.items())
    return f"<div style='display:flex; flex-wrap:wrap; gap:0.4rem 1rem; align-items:center'>{shown}</div>"


def _table(answers: Answers, queries: Images, starts: list[Start], language: Language) -> str:
    """Every query with every answer, as HTML."""
    heads = ["", *(escape(start.label) for start in starts)]
    rows = []
    for number, query in enumerate(queries):
        cells = [_cell(answers[start.name][-1, number]) for start in starts]
        rows.append([tag(query, _NUMBERED.fill(n=number + 1)(language)), *cells])
    return table(heads, rows)


def _cell(shares: NDArray[np.float32]) -> str:
    return f"<b>{LETTERS[int(shares.argmax())]}</b> {shares.max():.0%}"


def tag(image: NDArray[Any], alt: str, side: int = 36) -> str:
    """An image as HTML, `side` pixels large."""
    return (
        f"<img src='{picture(image)}' alt='{escape(alt)}' width={side} height={side} "
        "style='border-radius:3px; vertical-align:middle; margin:1px; image-rendering:pixelated'>"
    )


def table(heads: list[str], rows: list[list[str]]) -> str:
    """A table in HTML that scrolls sideways where there is no room; cells are HTML."""
    look = "padding:0.2rem 0.7rem; border-bottom:1px solid rgba(128,128,128,0.3); text-align:left; white-space:nowrap"
    top = "".join(f"<th scope='col' style='{look}'>{head}</th>" for head in heads)
    body = "".join("<tr>" + "".join(f"<td style='{look}'>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<div style='overflow-x:auto' tabindex='0'><table style='border-collapse:collapse'><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
