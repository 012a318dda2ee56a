"""Few-shot intent classification, in sizes that a processor trains in minutes; settings were chosen on validation tasks."""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.registry import ALGORITHMS, FAMILIES
from metaplay.text import Text

SETTINGS: dict[str, dict[str, Any]] = {
    "clinc150-5w1s": {"shot": 1},
    "clinc150-5w5s": {"shot": 5},
    "clinc150-domains-5w1s": {"shot": 1, "protocol": "domains"},
    "clinc150-domains-5w5s": {"shot": 5, "protocol": "domains"},
    "banking77-5w1s": {"shot": 1},
    "banking77-5w5s": {"shot": 5},
}
"""What is asked, by name; the family's comes first."""
ON_SENTENCES = ("protonet", "maml", "scratch")
_AFTER = Text(
    "No paper's protocol: the intents of each split are ours. Beside it stands nearest centroid by TF-IDF on the same tasks.",
    "不是某篇论文的方案：各部分的意图由我们划分。旁边列出同样任务上 TF-IDF 最近质心的结果。",
)


def _preset(setting: str, algorithm: str) -> Preset:
    family, values = setting.partition("-")[0], SETTINGS[setting]
    label, name = ALGORITHMS[algorithm].label, FAMILIES[family].label
    unseen, zh = ("unseen domains, ", "未见过的领域，") if "protocol" in values else ("", "")
    title = Text(
        f"{label} on {name}, {unseen}5-way {values['shot']}-shot.",
        f"{name} 上的 {label}，{zh}5 类 {values['shot']} 样本。",
    )
    length = {"steps": 300} if algorithm == "protonet" else {}
    return Preset(algorithm, family, title, {**values, **length}, _AFTER)


SENTENCES: dict[str, Preset] = {
    f"{setting}-{algorithm}": _preset(setting, algorithm) for setting in SETTINGS for algorithm in ON_SENTENCES
}
