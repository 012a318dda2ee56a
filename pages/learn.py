"""Learn: meta-learning in short chapters."""

from metaplay.ui import i18n, theme
from metaplay.ui.learn import page

page.draw(i18n.language(), theme.theme())
