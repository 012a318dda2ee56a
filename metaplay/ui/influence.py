"""A sentence with its words coloured by what they do for the answer."""

from html import escape

from metaplay.text import Language, Text
from metaplay.walks import Weighed

STYLE = """
<style>
.influence mark {color: inherit; border-radius: 3px; padding: 0 1px; text-underline-offset: 3px; white-space: nowrap}
.influence .for {background: rgba(30, 136, 210, var(--share)); text-decoration: underline solid 2px; font-weight: 650}
.influence .against {background: rgba(230, 110, 0, var(--share)); text-decoration: underline dotted 2px}
</style>
"""
LEGEND = Text(
    "<span class='influence'><mark class='for' style='--share:0.5'>solid underline, blue</mark>: the word speaks for the answer · "
    "<mark class='against' style='--share:0.5'>dotted underline, orange</mark>: against it</span>",
    "<span class='influence'><mark class='for' style='--share:0.5'>实线、蓝色</mark>：支持该答案 · "
    "<mark class='against' style='--share:0.5'>点线、橙色</mark>：反对该答案</span>",
)
EXPLAIN = Text(
    "A word's **influence** is how much the probability of the answer falls when the sentence is read without that word; the "
    "stronger the colour, the more. Blue with a solid underline: the word speaks for the answer (without it the answer is less "
    "probable); orange with a dotted underline: against it. Words that do less than one percentage point are left plain: where a "
    "network is all but sure, no single word matters. The answer is, at every inner step, the class that wins in the end: before "
    "adaptation words mean little for it yet.",
    "一个词的**影响**是：读句子时去掉它，答案的概率下降多少；颜色越深，影响越大。蓝色加实线下划线：支持该答案（去掉它，答案就不那么可能）；"
    "橙色加点线下划线：反对该答案。影响不足一个百分点的词不标记：网络几乎确定时，任何一个词都无关紧要。中文逐字计算。"
    "无论哪个内层步，这里的答案都指最终胜出的类别：适应之前，词对它还没什么意义。",
)
_POINTS = Text("{word}: {points:+.0f} points", "{word}：{points:+.0f} 个百分点")
LEAST = 0.01
_FULL, _STRONGEST = 0.4, 0.65
"""The influence from which on a colour is as strong as it gets, and how strong that is."""


def marked(sentence: str, weighed: Weighed, step: int, language: Language) -> str:
    """HTML of the sentence as it is read after an inner step; `STYLE` must be on the page."""
    parts, done = [], 0
    for (start, end), change in zip(weighed.places, weighed.influence[step].tolist(), strict=True):
        parts.append(escape(sentence[done:start]))
        parts.append(_word(sentence[start:end], change, language))
        done = end
    return f"<span class='influence'>{''.join(parts)}{escape(sentence[done:])}</span>"


def _word(word: str, change: float, language: Language) -> str:
    if abs(change) < LEAST:
        return escape(word)
    share = _STRONGEST * min(1.0, abs(change) / _FULL) ** 0.5
    said = escape(_POINTS.fill(word=word, points=100 * change)(language))
    look = "for" if change > 0 else "against"
    return f"<mark class='{look}' style='--share:{share:.2f}' title='{said}'>{escape(word)}</mark>"
