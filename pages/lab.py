"""The adaptation lab: a run at a moment of its training, one task, and every inner step of the way."""

from metaplay.ui import i18n, navigation, theme
from metaplay.ui.lab import page

navigation.through_app()
page.draw(i18n.language(), theme.theme())
