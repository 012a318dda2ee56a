"""Stores of other versions: older ones are brought forward step by step, newer ones are refused and left as they are."""

from pathlib import Path

import pytest

from metaplay.engine import layout
from metaplay.engine.client import Engine
from metaplay.text import UserError
from tests.integration.engine.helpers import place


def test_a_new_store_is_of_this_version(tmp_path: Path):
    layout.bring_forward(tmp_path / "runs")
    assert layout.version(tmp_path / "runs") == layout.VERSION


def test_an_older_store_goes_through_every_step_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    done = []
    monkeypatch.setattr(layout, "VERSION", 4)
    monkeypatch.setattr(layout, "STEPS", {n: lambda root, n=n: done.append((n, root)) for n in (1, 2, 3)})
    (tmp_path / ".version").write_text("2")
    assert layout.bring_forward(tmp_path) == 2
    assert done == [(2, tmp_path), (3, tmp_path)]
    assert layout.bring_forward(tmp_path) == 4
    assert len(done) == 2


def test_a_step_that_is_broken_off_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    tries = []

    def breaks(root: Path) -> None:
        tries.append(root)
        if len(tries) == 1:
            raise RuntimeError("power cut")

    monkeypatch.setattr(layout, "VERSION", 3)
    monkeypatch.setattr(layout, "STEPS", {1: lambda root: None, 2: breaks})
    with pytest.raises(RuntimeError):
        layout.bring_forward(tmp_path)
    assert layout.version(tmp_path) == 2
    layout.bring_forward(tmp_path)
    assert (layout.version(tmp_path), len(tries)) == (3, 2)


def test_a_newer_store_is_refused_and_left_alone(tmp_path: Path):
    (tmp_path / ".version").write_text(str(layout.VERSION + 1))
    with pytest.raises(UserError, match="kept by a newer metaplay"):
        Engine(place(tmp_path)).start()
    assert [file.name for file in tmp_path.iterdir()] == [".version"]


def test_what_is_no_version_is_told_of(tmp_path: Path):
    (tmp_path / ".version").write_text("new")
    with pytest.raises(UserError, match="does not hold a number"):
        layout.bring_forward(tmp_path)
