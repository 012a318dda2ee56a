"""How much memory is free: the machine's, or what a container's own limit leaves."""

import resource
from pathlib import Path

import pytest

from metaplay.engine import room


def test_copies_of_files_count_as_free_in_a_container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "memory.max").write_text("100000\n")
    (tmp_path / "memory.current").write_text("99000\n")
    (tmp_path / "memory.stat").write_text("anon 5\nfile 70\ninactive_file 40\nactive_file 25\nslab 3\n")
    monkeypatch.setattr(room, "_GROUP", tmp_path)
    assert room.free_memory() == 1000 + 40 + 25
    (tmp_path / "memory.max").write_text("max\n")
    assert room.free_memory() > 100000


def test_a_process_is_held_to_what_is_free_for_a_while(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    before = resource.getrlimit(resource.RLIMIT_DATA)
    assert before[0] == resource.RLIM_INFINITY, "this test needs a process without a limit"
    with room.within_memory():
        held = resource.getrlimit(resource.RLIMIT_DATA)
        assert held[0] > 0, "a number of bytes (no limit is -1)"
        with room.within_memory():
            assert resource.getrlimit(resource.RLIMIT_DATA) == held
        assert resource.getrlimit(resource.RLIMIT_DATA) == held
    assert resource.getrlimit(resource.RLIMIT_DATA) == before
