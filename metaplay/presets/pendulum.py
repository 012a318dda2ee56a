"""The pendulum of unknown mass, length and turn of its motor, in a size that trains in a minute or two of processor time.

The inner rate of the pre-trained policy is the best of 0.005, 0.01, 0.02, 0.05, 0.1, 0.2 and 0.5 on 100 validation tasks: nearly
none, as larger steps make it worse. That of the policy from scratch is the best of 0.1, 0.5, 1 and 2.
"""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.text import Text


def _preset(algorithm: str, en: str, zh: str, **values: Any) -> Preset:
    return Preset(algorithm, "pendulum", Text(en, zh), values)


PENDULUM: dict[str, Preset] = {
    "pendulum-maml": _preset(
        "maml",
        "A gradient step tells which way to push against an unknown weight, and how hard.",
        "一步梯度就知道该往哪边用力、用多大的力托住未知的重量。",
    ),
    "pendulum-pretrained": _preset(
        "joint",
        "One policy for all weights at once, which then learns each task.",
        "一个策略同时对付所有重量，再逐个任务学习。",
        inner_lr=0.005,
    ),
    "pendulum-random": _preset(
        "scratch",
        "No meta-training: a fresh policy learns from its tries alone.",
        "没有元训练：全新的策略只靠自己的尝试学习。",
    ),
}
