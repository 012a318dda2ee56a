"""Draw: classes drawn by the visitor, told apart by a network that adapts to them."""

from metaplay.ui import i18n, theme
from metaplay.ui.draw import page

page.draw(i18n.language(), theme.theme())
