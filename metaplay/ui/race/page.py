"""The race: several configurations on the same stream of tasks."""

from metaplay.text import Language, Text
from metaplay.ui import navigation
from metaplay.ui.theme import Theme

_TITLE = Text("A fair race", "公平竞赛")
_INTRO = Text(
    "Two to six configurations train in one process, turn by turn, on the same tasks.",
    "两到六个配置在同一进程中轮流训练，使用相同的任务。",
)


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
