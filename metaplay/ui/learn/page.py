"""Learn: meta-learning in short chapters."""

from metaplay.text import Language, Text
from metaplay.ui import navigation
from metaplay.ui.theme import Theme

_TITLE = Text("Meta-learning, step by step", "一步步理解元学习")
_INTRO = Text(
    "Short chapters with figures that move, and the source that runs.",
    "短章节，配会动的图和真正运行的源码。",
)


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
