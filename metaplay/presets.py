"""Presets: run configurations worth starting from, by name. The default of a family and algorithm lies underneath each."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from metaplay.config import RunConfig, defaults, revise
from metaplay.text import Text, UserError


@dataclass(frozen=True)
class Preset:
    """A named starting point: what it shows in one sentence, and what it changes of the defaults."""

    algorithm: str
    family: str
    title: Text
    values: Mapping[str, Any]

    @property
    def config(self) -> RunConfig:
        return revise(defaults(self.algorithm, self.family), self.values)


def _preset(family: str, algorithm: str, en: str, zh: str, **values: Any) -> Preset:
    return Preset(algorithm, family, Text(en, zh), values)


PRESETS: dict[str, Preset] = {
    "sinusoid-maml": _preset(
        "sinusoid", "maml", "One gradient step fits a sine wave.", "一步梯度就能拟合一条正弦曲线。"
    ),
    "sinusoid-fomaml": _preset(
        "sinusoid", "fomaml", "The same without second derivatives.", "同样的任务，不用二阶导数。"
    ),
    "sinusoid-mamlpp": _preset(
        "sinusoid",
        "mamlpp",
        "Three steps at learned rates fit it all but exactly.",
        "三步学习得到的步长几乎精确拟合曲线。",
    ),
    "sinusoid-reptile": _preset(
        "sinusoid", "reptile", "No meta-gradient at all, and it works.", "完全不用元梯度，也能奏效。"
    ),
    "strokes-5w1s-maml": _preset(
        "strokes", "maml", "Five new characters, one drawing of each.", "五个新字符，每个只看一次。"
    ),
    "strokes-5w1s-mamlpp": _preset(
        "strokes",
        "mamlpp",
        "The six repairs of MAML++ on characters.",
        "在字符上使用 MAML++ 的六项改进。",
    ),
    "strokes-5w1s-reptile": _preset(
        "strokes",
        "reptile",
        "Reptile on the same characters.",
        "在同样的字符上使用 Reptile。",
        steps=5000,
    ),
    "omniglot-5w1s-maml": _preset(
        "omniglot", "maml", "The MAML paper's test, sized for a CPU.", "MAML 论文的实验，按 CPU 规模设置。"
    ),
    "omniglot-5w1s-fomaml": _preset("omniglot", "fomaml", "First-order MAML on Omniglot.", "Omniglot 上的一阶 MAML。"),
    "omniglot-5w1s-mamlpp": _preset("omniglot", "mamlpp", "MAML++ on Omniglot.", "Omniglot 上的 MAML++。"),
    "omniglot-5w1s-reptile": _preset(
        "omniglot", "reptile", "Reptile on Omniglot.", "Omniglot 上的 Reptile。", steps=10_000
    ),
    "mnist-joint": _preset(
        "mnist",
        "joint",
        "Ordinary supervised learning of ten digits, as the contrast.",
        "十个数字的普通监督学习，作为对照。",
        way=10,
        hold_out="images",
        transductive=False,
        query=9,
        meta_batch=1,
        steps=2000,
        test_inner_steps=3,
        inner_lr=0.01,
    ),
}


def preset(name: str) -> Preset:
    """The preset of that name. Raises UserError that lists the names there are."""
    if name not in PRESETS:
        raise UserError(
            Text(
                "{name}: there is no such preset; the presets are {all}.", "{name}：没有这个预设；可用的预设有 {all}。"
            ).fill(name=name, all=", ".join(PRESETS))
        )
    return PRESETS[name]
