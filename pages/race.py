"""The race: several configurations on the same stream of tasks."""

from metaplay.ui import i18n, theme
from metaplay.ui.race import page

page.draw(i18n.language(), theme.theme())
