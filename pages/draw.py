"""Draw: classes drawn by the visitor, told apart by a network that adapts to them."""

from metaplay.ui import i18n, navigation, theme
from metaplay.ui.draw import page

navigation.through_app()
page.draw(i18n.language(), theme.theme())
