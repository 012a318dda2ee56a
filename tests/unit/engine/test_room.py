"""No more memory for a process than is free."""

import resource

import pytest

from metaplay.engine import room


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
