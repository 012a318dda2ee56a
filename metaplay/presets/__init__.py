"""Presets: run configurations worth starting from, by name. The default of a family and algorithm lies underneath each."""

from difflib import get_close_matches

from metaplay.presets.ablation import ABLATION
from metaplay.presets.base import Paper, Preset
from metaplay.presets.cards import CARDS
from metaplay.presets.cheetah import CHEETAH
from metaplay.presets.navigation import NAVIGATION
from metaplay.presets.papers import PAPERS
from metaplay.presets.pendulum import PENDULUM
from metaplay.presets.sentences import SENTENCES
from metaplay.text import Text, UserError

__all__ = ["CARDS", "GROUPS", "PRESETS", "Paper", "Preset", "preset"]

_cards = {name: item for name, item in CARDS.items() if name not in NAVIGATION}
_more = {name: item for name, item in SENTENCES.items() if name not in CARDS}
GROUPS: tuple[tuple[Text, dict[str, Preset]], ...] = (
    (Text("For a processor, in minutes", "CPU 上几分钟"), _cards),
    (Text("Sentences, beside the floor of TF-IDF", "句子：与 TF-IDF 底线对照"), _more),
    (Text("Learning to act", "学习行动"), {**NAVIGATION, **PENDULUM}),
    (Text("Learning to run, with MuJoCo", "学习奔跑（需要 MuJoCo）"), CHEETAH),
    (Text("The papers' protocols, at their lengths", "论文的实验方案与训练长度"), PAPERS),
    (Text("MAML++ taken apart", "逐项拆解 MAML++"), ABLATION),
)
PRESETS: dict[str, Preset] = {name: item for _, group in GROUPS for name, item in group.items()}


def preset(name: str) -> Preset:
    """The preset of that name. Raises UserError that names those nearest to it."""
    if name not in PRESETS:
        raise UserError(
            Text(
                "{name}: there is no such preset; those nearest are {near}, and `presets` lists all.",
                "{name}：没有这个预设；最接近的有 {near}，`presets` 列出全部。",
            ).fill(name=name, near=", ".join(get_close_matches(name, PRESETS, cutoff=0)))
        )
    return PRESETS[name]
