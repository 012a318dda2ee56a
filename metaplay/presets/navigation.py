"""2D navigation: the MAML paper's first test of reinforcement learning, in sizes that a processor trains in minutes.

The inner rate of the pre-trained policy is the best of 0.02, 0.05, 0.1, 0.2 and 0.5 on 40 validation goals: at the others' 0.5 its
first step goes too far.
"""

from typing import Any

from metaplay.presets.base import Preset
from metaplay.text import Text

_AFTER = Text(
    "Finn et al. 2017, section 5.3, 2D navigation, whose figures are curves only. Differs: 20 tasks a meta-step instead of 40; goals of"
    " the test are in cells of the plane that training never uses; the curvature of the KL limit comes from a fourth of the tasks.",
    "Finn 等 2017 第 5.3 节的二维导航，论文只有曲线。不同之处：每个元步 20 个任务而非 40 个；测试目标位于训练从未使用的区域；"
    "KL 限制的曲率由四分之一的任务估计。",
)


def _preset(algorithm: str, en: str, zh: str, **values: Any) -> Preset:
    return Preset(algorithm, "nav2d", Text(en, zh), values, _AFTER)


NAVIGATION: dict[str, Preset] = {
    "nav2d-maml": _preset(
        "maml",
        "A few tries, one gradient step, and the agent walks to the goal.",
        "试几次、走一步梯度，智能体就走向目标。",
    ),
    "nav2d-fomaml": _preset("fomaml", "The same without second derivatives.", "同样的任务，不用二阶导数。"),
    "nav2d-reptile": _preset("reptile", "The same without any meta-gradient.", "同样的任务，完全不用元梯度。"),
    "nav2d-pretrained": _preset(
        "joint",
        "One policy for all goals at once: it learns to stay in the middle.",
        "一个策略同时对付所有目标：它学会待在中间。",
        inner_lr=0.1,
    ),
    "nav2d-random": _preset(
        "scratch",
        "No meta-training: a fresh policy learns from its tries alone.",
        "没有元训练：全新的策略只靠自己的尝试学习。",
    ),
}
