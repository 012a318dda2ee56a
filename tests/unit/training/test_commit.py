"""Which code a run was computed by: git's word for it, and only for a repository of its own."""

import subprocess
from pathlib import Path

import pytest

from metaplay.training import commit as module
from metaplay.training.device import versions


def _git(folder: Path, *words: str) -> str:
    me = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"]
    done = subprocess.run(["git", "-C", str(folder), *me, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(module, "_ROOT", tmp_path)
    _git(tmp_path, "init", "--quiet")
    (tmp_path / "code.py").write_text("1")
    _git(tmp_path, "add", "code.py")
    _git(tmp_path, "commit", "--quiet", "--message", "first")
    return tmp_path


def test_it_is_gits_short_hash_and_says_whether_files_were_changed(repository: Path):
    _git(repository, "tag", "v1")
    short = _git(repository, "rev-parse", "--short", "HEAD")
    assert module.commit.__wrapped__() == short
    (repository / "code.py").write_text("2")
    assert module.commit.__wrapped__() == f"{short}+"


def test_a_copy_inside_another_repository_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch):
    (repository / "copy").mkdir()
    monkeypatch.setattr(module, "_ROOT", repository / "copy")
    assert module.commit.__wrapped__() == "unknown"


def test_without_git_it_is_unknown(repository: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", "")
    assert module.commit.__wrapped__() == "unknown"


def test_a_run_tells_it():
    assert versions()["metaplay"] == module.commit()
