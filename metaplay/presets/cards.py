"""The presets that the page shows as cards: each trains in minutes on a processor."""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.presets.navigation import NAVIGATION
from metaplay.presets.sentences import SENTENCES
from metaplay.text import Text

_IN_SHORT = {
    "sinusoid": Text("paper-sinusoid-k10-{name}, but shorter.", "与 paper-sinusoid-k10-{name} 相同，但训练更短。"),
    "omniglot": Text(
        "The same task as paper-omniglot-5w1s-{name}, in a size for a processor: a narrower network, fewer tasks and steps.",
        "与 paper-omniglot-5w1s-{name} 的任务相同，按 CPU 规模设置：网络更窄，任务和步数更少。",
    ),
}


def _card(family: str, algorithm: str, en: str, zh: str, **values: Any) -> Preset:
    after = _IN_SHORT.get(family)
    return Preset(algorithm, family, Text(en, zh), values, after and after.fill(name=algorithm))


CARDS: dict[str, Preset] = {
    "sinusoid-maml": _card("sinusoid", "maml", "One gradient step fits a sine wave.", "一步梯度就能拟合一条正弦曲线。"),
    "sinusoid-fomaml": _card(
        "sinusoid", "fomaml", "The same without second derivatives.", "同样的任务，不用二阶导数。"
    ),
    "sinusoid-mamlpp": _card(
        "sinusoid",
        "mamlpp",
        "Three steps at learned rates fit it all but exactly.",
        "三步学习得到的步长几乎精确拟合曲线。",
    ),
    "sinusoid-metasgd": _card(
        "sinusoid",
        "metasgd",
        "Every weight learns a rate of its own, for one step.",
        "每个权重都学习自己的步长，只走一步。",
        test_inner_steps=1,
    ),
    "sinusoid-cavia": _card(
        "sinusoid", "cavia", "Five numbers adapt, and no weight does.", "只适应五个数值，权重保持不变。"
    ),
    "sinusoid-reptile": _card(
        "sinusoid", "reptile", "No meta-gradient at all, and it works.", "完全不用元梯度，也能奏效。"
    ),
    "strokes-5w1s-maml": _card(
        "strokes", "maml", "Five new characters, one drawing of each.", "五个新字符，每个只看一次。"
    ),
    "strokes-5w1s-mamlpp": _card(
        "strokes",
        "mamlpp",
        "The repairs of MAML++ on characters.",
        "在字符上使用 MAML++ 的改进。",
    ),
    "strokes-5w1s-anil": _card("strokes", "anil", "Only the last layer adapts.", "只有最后一层会适应。"),
    "strokes-5w1s-protonet": _card(
        "strokes",
        "protonet",
        "The nearest class mean wins; nothing adapts.",
        "离哪个类别的均值最近就归哪类，无需适应。",
    ),
    "strokes-5w1s-reptile": _card(
        "strokes",
        "reptile",
        "Reptile on the same characters.",
        "在同样的字符上使用 Reptile。",
    ),
    "everyday-5w5s-protonet": _card(
        "everyday", "protonet", "Five new intents, five sentences of each.", "五个新意图，每个只看五句话。", shot=5
    ),
    "everyday-5w5s-maml": _card(
        "everyday", "maml", "A gradient step learns what people want.", "一步梯度学会人们想做什么。", shot=5
    ),
    "everyday-5w5s-anil": _card("everyday", "anil", "Only the last layer adapts.", "只有最后一层会适应。", shot=5),
    "everyday-zh-5w5s-protonet": _card(
        "everyday-zh", "protonet", "The same intents in Chinese.", "中文句子里的同样意图。", shot=5
    ),
    "everyday-zh-5w5s-maml": _card(
        "everyday-zh", "maml", "MAML reads Chinese, character by character.", "MAML 逐字读中文。", shot=5
    ),
    **{name: SENTENCES[name] for name in ("clinc150-5w1s-protonet", "clinc150-5w1s-maml", "clinc150-5w5s-protonet")},
    "omniglot-5w1s-maml": _card(
        "omniglot", "maml", "The MAML paper's test, sized for a CPU.", "MAML 论文的实验，按 CPU 规模设置。"
    ),
    "omniglot-5w1s-fomaml": _card("omniglot", "fomaml", "First-order MAML on Omniglot.", "Omniglot 上的一阶 MAML。"),
    "omniglot-5w1s-mamlpp": _card("omniglot", "mamlpp", "MAML++ on Omniglot.", "Omniglot 上的 MAML++。"),
    "omniglot-5w1s-reptile": _card("omniglot", "reptile", "Reptile on Omniglot.", "Omniglot 上的 Reptile。"),
    **{f"nav2d-{name}": NAVIGATION[f"nav2d-{name}"] for name in ("maml", "fomaml", "reptile", "pretrained", "random")},
    "mnist-joint": _card(
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
