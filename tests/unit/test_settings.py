"""The settings table: what the environment says, and one sentence where it makes no sense."""

from dataclasses import fields
from pathlib import Path

import pytest

from metaplay.settings import _LIMITS, TABLE, Settings, settings
from metaplay.text import UserError


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TABLE:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("metaplay.settings.small", lambda: False)


def test_without_an_environment_there_are_defaults():
    found = settings()
    assert (found.scheduler, found.device, found.workers) == (None, "auto", 2)
    assert found.visitors == "one", "on one's own machine nothing is limited"
    assert len({found.data, found.cache, found.runs}) == 3
    assert all(path.is_absolute() for path in (found.data, found.cache, found.runs))


def test_a_small_host_takes_less_unless_the_environment_says_so(monkeypatch: pytest.MonkeyPatch):
    large = settings()
    monkeypatch.setattr("metaplay.settings.small", lambda: True)
    found = settings()
    assert found.workers == 1
    assert found.import_unpacked_mb < large.import_unpacked_mb
    monkeypatch.setenv("METAPLAY_SCHEDULER", "tcp://host:8786")
    assert settings().workers == 2, "what trains elsewhere"
    monkeypatch.setenv("METAPLAY_WORKERS", "3")
    assert settings().workers == 3


def test_the_environment_decides(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    for name in ("DATA", "CACHE", "RUNS"):
        monkeypatch.setenv(f"METAPLAY_{name}", str(tmp_path / name))
    monkeypatch.setenv("METAPLAY_SCHEDULER", "tcp://host:8786")
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    monkeypatch.setenv("METAPLAY_WORKERS", "64")
    monkeypatch.setenv("METAPLAY_IMPORT_MB", "1")
    monkeypatch.setenv("METAPLAY_IMPORT_UNPACKED_MB", "2")
    monkeypatch.setenv("METAPLAY_IMPORT_FILES", "3")
    monkeypatch.setenv("METAPLAY_IMPORT_MEGAPIXELS", "4")
    folders = (tmp_path / "DATA", tmp_path / "CACHE", tmp_path / "RUNS")
    for place, name in enumerate(_LIMITS, 1):
        monkeypatch.setenv(name, str(place))
    monkeypatch.setenv("METAPLAY_VISITORS", "many")
    limits = {TABLE[name][0]: place for place, name in enumerate(_LIMITS, 1)}
    expected = Settings(*folders, "tcp://host:8786", "cpu", 64, 1, 2, 3, 4, visitors="many", **limits)
    assert settings() == expected


def test_a_kind_of_visitors_that_is_not_known_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_VISITORS", "some")
    with pytest.raises(UserError, match="METAPLAY_VISITORS = some: choose one or many"):
        settings()


def test_a_home_folder_may_be_written_short(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_RUNS", "~/runs")
    assert settings().runs == Path.home() / "runs"


def test_an_empty_variable_is_none(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_SCHEDULER", "")
    assert settings().scheduler is None


@pytest.mark.parametrize("value", ["0", "65", "-1", "two", "1.5", ""])
def test_a_number_of_workers_that_makes_no_sense_is_refused(monkeypatch: pytest.MonkeyPatch, value: str):
    monkeypatch.setenv("METAPLAY_WORKERS", value)
    with pytest.raises(UserError, match=f"METAPLAY_WORKERS = {value}: choose a whole number from 1 to 64"):
        settings()


def test_an_unknown_device_is_refused(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "tpu")
    with pytest.raises(UserError, match="METAPLAY_DEVICE = tpu: choose auto, cpu, cuda or mps"):
        settings()


def test_the_table_names_every_setting_once():
    assert sorted(name for name, _ in TABLE.values()) == sorted(item.name for item in fields(Settings))
