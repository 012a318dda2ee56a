"""Draw: classes drawn by the visitor, told apart by a network that adapts to them."""

from metaplay.text import Language, Text
from metaplay.ui import navigation
from metaplay.ui.theme import Theme

_TITLE = Text("Draw your own task", "画出你自己的任务")
_INTRO = Text(
    "Draw a few examples of a few classes; a trained starting point adapts to them at once.",
    "为几个类别各画几个样本；训练好的起点会立刻适应它们。",
)


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
