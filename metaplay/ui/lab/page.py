"""The adaptation lab: a run at a moment of its training, one task, and every inner step of the way."""

from metaplay.text import Language, Text
from metaplay.ui import navigation
from metaplay.ui.theme import Theme

_TITLE = Text("One task, step by step", "一个任务，一步一步看")
_INTRO = Text(
    "Take a run at any moment of its training, draw a task and watch the inner steps bend the network to it.",
    "取一次训练的任一时刻，抽一个任务，观察内层步如何让网络适应它。",
)


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
