"""The race: several configurations on the same stream of tasks."""

from metaplay.ui import i18n, navigation, theme
from metaplay.ui.race import page

navigation.through_app()
page.draw(i18n.language(), theme.theme())
