"""Your data: a file is handed in, judged, and becomes a task family like the others."""

from metaplay.text import Language, Text
from metaplay.ui import navigation, share
from metaplay.ui.data import adding, sets
from metaplay.ui.engine import engine

_TITLE = Text("Train on your own data", "用你自己的数据训练")
_INTRO = Text(
    "Bring images in a folder for each class, or sentences with labels. They become a task family, beside those that ship with metaplay.",
    "提供按类别放在文件夹中的图像，或带标签的文本。它们会成为一个任务族，与自带的任务并列。",
)


def draw(language: Language) -> None:
    """The whole page."""
    engine()
    navigation.head(language, _TITLE, _INTRO)
    share.keep_address({}, language)
    adding.draw(language)
    sets.draw(language)
