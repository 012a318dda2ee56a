"""Runs: all that are kept, to be compared, resumed, replayed, downloaded and opened."""

from metaplay.text import Language, Text
from metaplay.ui import navigation
from metaplay.ui.theme import Theme

_TITLE = Text("Runs", "训练记录")
_INTRO = Text(
    "Everything that was trained on this server.",
    "此服务器上的全部训练。",
)


def draw(language: Language, theme: Theme) -> None:
    """The whole page."""
    navigation.head(language, _TITLE, _INTRO)
