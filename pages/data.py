"""Your data: images by class, or sentences with labels, become a task family."""

from metaplay.ui import i18n, navigation
from metaplay.ui.data import page

navigation.through_app()
page.draw(i18n.language())
