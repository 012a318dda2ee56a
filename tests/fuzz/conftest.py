"""How many hostile inputs of each kind are tried: a few fixed ones, or `--cases N` that are drawn anew (tests/conftest.py)."""

import pytest
from hypothesis import HealthCheck, Phase, settings

from tests.fuzz import guard

USUAL = 25
"""Cases of each kind in the ordinary tests: always the same ones."""


def pytest_configure(config: pytest.Config) -> None:
    cases = config.getoption("cases")
    settings.register_profile(
        "hostile",
        max_examples=cases or USUAL,
        derandomize=not cases,
        database=None,
        deadline=None,  # guard.py has one, for what is tried alone
        suppress_health_check=list(HealthCheck),
        phases=[Phase.explicit, Phase.generate],  # what is found is small enough; making it smaller takes minutes
        report_multiple_bugs=False,
    )
    settings.register_profile("hostile pages", parent=settings.get_profile("hostile"), max_examples=cases or USUAL // 5)
    config.addinivalue_line("filterwarnings", "ignore:Generating overly large repr")  # inputs are long
    guard.install()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Many cases take as long as they take."""
    if config.getoption("cases"):
        for item in items:
            item.add_marker(pytest.mark.timeout(0))
