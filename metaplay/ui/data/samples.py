"""Examples of each class of a set, as HTML."""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from metaplay.owndata.about import About
from metaplay.tasks.picture import picture
from metaplay.text import Language, Text

EACH = {"images": 6, "text": 2}
"""Examples of a class that are shown."""
_SPLITS = {"train": Text("training", "训练"), "val": Text("validation", "验证"), "test": Text("test", "测试")}
_ABOUT = Text("{n:,} · {split}", "{n:,} · {split}")
_ALT = Text("Images of {name}", "“{name}”的图像")
_HEIGHT = 34
"""Pixels at which images are shown, at least."""
_STYLE = """<style>
.samples {display: grid; grid-template-columns: repeat(auto-fill, minmax(230px, 1fr)); gap: 0.7rem 1.2rem}
.samples figure {margin: 0; min-width: 0} .samples img {max-width: 100%; border-radius: 4px; image-rendering: pixelated}
.samples figcaption {font-size: 0.85rem; overflow-wrap: anywhere} .samples q {display: block; font-size: 0.9rem; overflow-wrap: anywhere}
</style>"""


def firsts(about: About, images: NDArray[np.uint8] | None, texts: Sequence[Sequence[str]]) -> list[list]:
    """The first few examples of each class, in the order of the classes: images [channels, side, side], or sentences."""
    if images is None:
        return [list(own[: EACH["text"]]) for own in texts]
    shown, start = [], 0
    for one in about.classes:
        shown.append(list(images[start : start + min(one.count, EACH["images"])]))
        start += one.count
    return shown


def html(about: About, shown: Sequence[Sequence], most: int, language: Language) -> str:
    """The first `most` classes, each with its examples, name, number of examples and split."""
    figures = [
        f"<figure>{_strip(own, one.name, language) if about.kind == 'images' else _quotes(own)}"
        f"<figcaption><b>{escape(one.name)}</b> · "
        f"{_ABOUT.fill(n=one.count, split=_SPLITS[one.split](language))(language)}</figcaption></figure>"
        for one, own in list(zip(about.classes, shown, strict=True))[:most]
    ]
    return f"{_STYLE}<div class='samples'>{''.join(figures)}</div>"


def _strip(images: Sequence[NDArray[np.uint8]], name: str, language: Language) -> str:
    """Images side by side, as one."""
    row = np.concatenate(images, -1).transpose(1, 2, 0)
    height = max(_HEIGHT, min(row.shape[0], 2 * _HEIGHT))
    source = picture(row[..., 0] if row.shape[-1] == 1 else row)
    alt = escape(_ALT.fill(name=name)(language), quote=True)
    return f"<img src='{source}' alt='{alt}' style='height: {height}px'>"


def _quotes(sentences: Sequence[str]) -> str:
    return "".join(f"<q>{escape(sentence[:160])}</q>" for sentence in sentences)
