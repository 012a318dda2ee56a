"""Learn: meta-learning in short chapters."""

from metaplay.ui import i18n, navigation, theme
from metaplay.ui.learn import page

navigation.through_app()
page.draw(i18n.language(), theme.theme())
