"""How this server is."""

from metaplay.ui import health, i18n, navigation

navigation.through_app()
health.draw(i18n.language())
