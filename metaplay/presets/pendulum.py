"""The pendulum of unknown mass and length: an agent that learns how hard to push, in a size that trains in a minute or two."""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.text import Text


def _preset(algorithm: str, en: str, zh: str, **values: Any) -> Preset:
    return Preset(algorithm, "pendulum", Text(en, zh), values)


PENDULUM: dict[str, Preset] = {
    "pendulum-maml": _preset(
        "maml",
        "A gradient step tells how hard to push against an unknown weight.",
        "一步梯度就知道该用多大的力托住未知的重量。",
    ),
    "pendulum-pretrained": _preset(
        "joint",
        "One policy for all weights at once, which then learns each task.",
        "一个策略同时对付所有重量，再逐个任务学习。",
    ),
    "pendulum-random": _preset(
        "scratch",
        "No meta-training: a fresh policy learns from its tries alone.",
        "没有元训练：全新的策略只靠自己的尝试学习。",
    ),
}
