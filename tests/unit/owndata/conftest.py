"""A data root of its own for each test."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the sets of one's own, not made yet."""
    monkeypatch.setenv("METAPLAY_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "own"
