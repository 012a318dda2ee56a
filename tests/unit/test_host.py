"""The limits that a host sets, read from copies of the files that systems keep them in."""

import os
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from metaplay import host

MACHINE = psutil.virtual_memory().total


@pytest.fixture
def groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty tree of control groups in place of this machine's; this process has four cores."""
    monkeypatch.setattr(host, "_GROUPS", tmp_path)
    monkeypatch.setattr(host, "_MINE", tmp_path / "mine")
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    host.small.cache_clear()
    yield tmp_path
    host.small.cache_clear()


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n")


def test_without_limits_it_is_the_machine(groups: Path):
    write(groups, mine="0::/")
    write(groups, memory__max="max", memory__current="5", cpu__max="max 100000", memory__stat="")
    assert (host.cores(), host.memory(), host.small()) == (4, MACHINE, MACHINE < 3e9)
    assert 0 < host.free_memory() <= MACHINE


def test_without_control_groups_it_is_the_machine(groups: Path):
    assert (host.cores(), host.memory()) == (4, MACHINE)


def test_version_2_takes_the_least_of_all_groups_above(groups: Path):
    write(groups, mine="0::/hosted/app.scope")
    write(groups / "hosted", memory__max="1000000000", memory__current="990000000", cpu__max="50000 100000")
    write(groups / "hosted", memory__stat="anon 5\nfile 70\ninactive_file 40\nactive_file 25\nslab 3")
    write(groups / "hosted/app.scope", memory__max="2000000000", memory__current="5", cpu__max="200000 100000")
    assert (host.cores(), host.memory(), host.small()) == (1, 10**9, True)
    assert host.free_memory() == 10_000_000 + 40 + 25
    assert host.room() == 10**9 - host.IDLE


def test_version_1_has_a_tree_for_each_controller(groups: Path):
    write(groups, mine="5:memory:/box\n4:cpu,cpuacct:/box\n1:name=systemd:/\n0::/")
    write(groups / "memory", memory__limit_in_bytes="9223372036854771712", memory__usage_in_bytes="7")
    write(groups / "memory/box", memory__limit_in_bytes="690000000", memory__usage_in_bytes="690000000")
    write(groups / "memory/box", memory__stat="inactive_file 1\ntotal_inactive_file 300\ntotal_active_file 4")
    write(groups / "cpu/box", cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    write(groups / "cpu", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert (host.cores(), host.memory(), host.small()) == (2, 690_000_000, True)
    assert host.free_memory() == 304


def test_in_a_container_its_own_group_stands_uppermost(groups: Path):
    write(groups, mine="0::/system.slice/docker-4f.scope")
    write(groups, memory__max="2700000000", memory__current="1", cpu__max="150000 100000", memory__stat="")
    assert (host.cores(), host.memory(), host.small()) == (1, min(MACHINE, 2_700_000_000), True)


def test_one_core_is_a_small_host(groups: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {3}, raising=False)
    assert (host.cores(), host.small()) == (1, True)


def test_what_a_run_may_take_is_never_less_than_nothing(groups: Path):
    write(groups, mine="0::/")
    write(groups, memory__max="500000000", memory__current="1", memory__stat="")
    assert host.room() == 0
