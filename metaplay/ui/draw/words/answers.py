"""What the starting points say of the typed sentence: a card each, with the sentence's words coloured by their influence."""

from html import escape
from typing import cast

import streamlit as st

from metaplay.tasks.grams import words
from metaplay.text import Language, Text, UserError
from metaplay.ui import figure, influence, visitor
from metaplay.ui.draw import answers
from metaplay.ui.draw.episode import LETTERS
from metaplay.ui.draw.starts import Start
from metaplay.ui.draw.words.episode import FAMILIES, Intent, problem
from metaplay.ui.status import plain
from metaplay.ui.theme import Theme
from metaplay.walks import Array, Typed

_THEN = Text("Type a sentence above: the answers follow as you type.", "在上面输入一句话：边输入边给出答案。")
_UNREAD = Text(
    "The networks read nothing in this sentence: type Latin letters, digits or Chinese characters.",
    "网络在这句话里读不到任何内容：请输入拉丁字母、数字或汉字。",
)
_BEFORE, _AFTER = Text("Before adaptation", "适应之前"), Text("After it", "适应之后")
_FLOOR = Text("<b>TF-IDF</b> says <b>{name}</b>", "<b>TF-IDF</b> 认为是 <b>{name}</b>")
_NO_WORD = Text("<b>TF-IDF</b> cannot say", "<b>TF-IDF</b> 无法判断")
_FLOOR_IS = Text(
    "No learning: how near the sentence is to the mean of each intent's examples (cosine), by the words that they share.",
    "无需学习：按共有的词，这句话与每个意图例句均值的接近程度（余弦）。",
)
_BAR = (
    "<div style='display:flex; align-items:center; gap:0.5rem; font-variant-numeric:tabular-nums'><b>{letter}</b>"
    "<span style='flex:1'><span style='display:block; height:0.7rem; width:{width:.0f}%; background:#8C8C8C'></span></span>"
    "{cosine:.2f}</div>"
)
_EXPLAIN = Text(
    "Each panel is a network that reads the same sentence. At inner step 0 it has not seen your examples; from left to right it takes "
    "one gradient step after another on them. The lines are the probabilities of your intents, which add up to 100 %: the bold one "
    "in colour is the intent that wins in the end. ProtoNet takes no steps: its step 1 is the comparison with the intents' means. "
    "A network that was trained to tell more intents apart than you typed adapts with all its outputs; those of yours share the "
    "100 %. Nearest centroid by TF-IDF only counts the words that the sentence shares with your examples: on intents of which "
    "the networks have learnt nothing it is hard to beat.",
    "每个小图是一个网络对同一句话的判断。内层步 0 时它还没见过你的例句；从左到右，它在例句上一步步做梯度下降。各条线是每个意图的概率，总和为"
    " 100 %：加粗的彩色线是最终胜出的意图。ProtoNet 不走梯度步：它的第 1 步就是与各意图的均值比较。如果网络训练时区分的意图比你写的多，它会用全部"
    "输出进行适应；概率只在你的意图之间分配。TF-IDF 最近质心只看句子与例句共有的词：对于网络没学过的意图，它很难被超过。",
)


def draw(intents: list[Intent], query: str, starts: list[Start], language: Language, theme: Theme) -> None:
    """The answers, or what is still wrong or missing for there to be any."""
    if wrong := problem(intents):
        st.info(wrong(language), icon=":material/edit:")
    elif not query:
        st.info(_THEN(language), icon=":material/keyboard:")
    elif not words(query):
        st.info(_UNREAD(language), icon=":material/keyboard:")
    elif not starts:
        st.info(answers.NONE(language), icon=":material/rule:")
    else:
        try:
            with st.spinner(answers.WARMING(language)):
                found = _ask(intents, query, starts, FAMILIES[language])
        except UserError as error:
            st.warning(plain(error.text(language)))
            return
        with figure.steady():
            _told(found, intents, query, starts, language, theme)


def _ask(intents: list[Intent], query: str, starts: list[Start], floor: str) -> Typed:
    support = [sentence for one in intents for sentence in one.sentences]
    labels = [label for label, one in enumerate(intents) for _ in one.sentences]
    names = [start.name for start in starts]
    asked = visitor.ask("typed", starts=names, support=support, labels=labels, query=query, floor=floor)
    return cast("Typed", asked)


def _told(
    found: Typed, intents: list[Intent], query: str, starts: list[Start], language: Language, theme: Theme
) -> None:
    names = [f"{letter} {one.name}" for letter, one in zip(LETTERS, intents, strict=False)]

    def sentence(start: Start) -> None:
        weighed = found.starts[start.name]
        rows = (
            f"<div><small>{text(language)}</small><br>{influence.marked(query, weighed, step, language)}</div>"
            for text, step in ((_BEFORE, 0), (_AFTER, -1))
        )
        st.html(f"<div style='overflow-wrap:anywhere; line-height:1.6'>{''.join(rows)}</div>")

    st.html(influence.STYLE)
    shares = {name: weighed.probabilities for name, weighed in found.starts.items()}
    answers.cards(shares, starts, names, language, theme, sentence, lambda: _floor(found.cosines, names, language))
    st.html(f"<small>{influence.LEGEND(language)}</small>")
    figure.explained(f"{_EXPLAIN(language)}\n\n{influence.EXPLAIN(language)}", key="typed", language=language)


def _floor(cosines: Array, names: list[str], language: Language) -> None:
    """A card for nearest centroid by TF-IDF."""
    said = _FLOOR.fill(name=escape(names[int(cosines.argmax())])) if cosines.any() else _NO_WORD
    with st.container(border=True, gap="xxsmall", key="told-floor"):
        st.html(said(language))
        st.caption(_FLOOR_IS(language))
        bars = zip(LETTERS, cosines.tolist(), strict=False)
        st.html("".join(_BAR.format(letter=letter, cosine=cosine, width=100 * cosine) for letter, cosine in bars))
