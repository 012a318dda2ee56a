"""The images or sentences of a task with what the network says of each: a row a class, its support examples first, then its queries."""

from collections.abc import Sequence
from html import escape

from metaplay.charts.lab.shown import Shown
from metaplay.text import Language, Text
from metaplay.ui.influence import marked
from metaplay.walks import Examples, ImageWalk

_CLASS = Text("Class", "类别")
_SUPPORT, _QUERY = Text("adapts to", "用于适应"), Text("is asked about", "用于提问")
_TITLE = Text("{kind} of class {truth}: {told}", "类别 {truth} 的{kind}：{told}")
_SAID = Text("{name} says {label}, {share:.0%}, {verdict}", "{name} 判断为 {label}，{share:.0%}，{verdict}")
_KINDS = {"support": Text("support example", "支持样本"), "query": Text("query", "查询样本")}
_RIGHT, _WRONG = Text("right", "正确"), Text("wrong", "错误")
LEGEND = Text(
    "**✓ solid frame**: told right · **✗ dashed frame**: told wrong · below each {example} the predicted class and its probability{second}",
    "**✓ 实线框**：判断正确 · **✗ 虚线框**：判断错误 · {example}下为预测的类别及其概率{second}",
)
SECOND = Text("; on the second line what {name} says", "；第二行是 {name} 的判断")
STYLE = """
<style>
.lab-tiles {overflow-x: auto; font-size: 0.75rem; line-height: 1.25}
.lab-tiles table {border-collapse: collapse}
.lab-tiles th {padding: 2px 8px; text-align: left; font-weight: 600; white-space: nowrap}
.lab-tiles td {padding: 2px; vertical-align: top; border: 0}
.lab-tiles tr {border: 0}
.lab-tiles figure {display: inline-block; margin: 2px; text-align: center; width: 64px}
.lab-tiles img {width: 54px; height: 54px; background: #fff; border-radius: 4px; padding: 1px; image-rendering: pixelated}
.lab-tiles .right img {border: 3px solid #0072B2}
.lab-tiles .wrong img {border: 3px dashed #D55E00}
.lab-tiles figure:has(p) {width: 132px; text-align: left; vertical-align: top}
.lab-tiles p {margin: 0; padding: 3px 5px; border-radius: 4px; font-size: 0.75rem}
.lab-tiles .right p {border: 2px solid #0072B2}
.lab-tiles .wrong p {border: 2px dashed #D55E00}
.lab-tiles figcaption {white-space: nowrap; font-variant-numeric: tabular-nums}
.lab-tiles .support {border-right: 1px solid rgba(128,128,128,0.5); padding-right: 8px}
@media (max-width: 640px) {
.lab-tiles {font-size: 0.68rem}
.lab-tiles figure {width: 52px; margin: 1px}
.lab-tiles img {width: 40px; height: 40px}
.lab-tiles th {padding: 2px 4px; white-space: normal}
}
</style>
"""


def tiles(found: Sequence[Shown[ImageWalk]], step: int, language: Language) -> str:
    """HTML of all images or sentences after an inner step; a line below each for each of the walks."""
    walk = found[0].walk
    heads = "".join(f"<th scope='col'>{text(language)}</th>" for text in (_CLASS, _SUPPORT, _QUERY))
    rows = []
    for label, name in enumerate(walk.names):
        cells = [f"<td class='{kind}'>{_examples(found, kind, label, step, language)}</td>" for kind in _KINDS]
        head = f"{label + 1} {escape(name)}" if walk.support.sentences else label + 1
        rows.append(f"<tr><th scope='row' title='{escape(name)}'>{head}</th>{''.join(cells)}</tr>")
    return f"<div class='lab-tiles' tabindex='0'><table><tr>{heads}</tr>{''.join(rows)}</table></div>"


def _examples(found: Sequence[Shown[ImageWalk]], kind: str, label: int, step: int, language: Language) -> str:
    parts = [_part(one.walk, kind) for one in found]
    steps = [one.walk.at(step) for one in found]
    told = []
    for place in (parts[0].labels == label).nonzero()[0]:
        said = [_said(part, at, int(place)) for part, at in zip(parts, steps, strict=True)]
        lines = "<br>".join(f"{'✓' if guess == label else '✗'} {guess + 1} · {share:.0%}" for guess, share in said)
        names = [one.name for one in found]
        words = "; ".join(
            _SAID.fill(
                name=name, label=guess + 1, share=share, verdict=(_RIGHT if guess == label else _WRONG)(language)
            )(language)
            for name, (guess, share) in zip(names, said, strict=True)
        )
        alt = escape(_TITLE.fill(kind=_KINDS[kind](language), truth=label + 1, told=words)(language), quote=True)
        look = "right" if said[0][0] == label else "wrong"
        if parts[0].sentences:
            shown = f"<p title='{alt}'>{_sentence(parts[0], int(place), steps[0], language)}</p>"
        else:
            shown = f"<img src='{parts[0].pictures[place]}' alt='{alt}' title='{alt}'>"
        told.append(f"<figure class='{look}'>{shown}<figcaption>{lines}</figcaption></figure>")
    return "".join(told)


def _sentence(part: Examples, place: int, step: int, language: Language) -> str:
    """A sentence; of a query, its words are marked by what they do."""
    sentence = part.sentences[place]
    return marked(sentence, part.weighed[place], step, language) if part.weighed else escape(sentence)


def _part(walk: ImageWalk, kind: str) -> Examples:
    return walk.support if kind == "support" else walk.query


def _said(part: Examples, at: int, place: int) -> tuple[int, float]:
    """The most probable class of one example, and its probability."""
    shares = part.probabilities[at, place]
    return int(shares.argmax()), float(shares.max())
