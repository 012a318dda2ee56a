"""Runs: all that are kept, to be compared, resumed, replayed, downloaded and opened."""

from metaplay.ui import i18n, navigation, theme
from metaplay.ui.library import page

navigation.through_app()
page.draw(i18n.language(), theme.theme())
