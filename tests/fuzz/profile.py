"""How many inputs a test tries, as conftest.py has it."""

from hypothesis import settings

HOSTILE = settings.get_profile("hostile")
PAGES = settings.get_profile("hostile pages")
