"""play.py, which must work before anything is installed."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = Path(__file__).parents[2] / "play.py"


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A folder with play.py that needs no package, and a stand-in for Streamlit in it that says what it was asked."""
    shutil.copy(PLAY, tmp_path)
    (tmp_path / "requirements.txt").write_text("")
    (tmp_path / "streamlit.py").write_text("import sys; print('opened', *sys.argv[1:])")
    return tmp_path


def _play(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "play.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


def test_it_installs_when_there_is_need_and_opens_the_playground(bare: Path):
    first = _play(bare, "--server.port", "80")
    assert first.returncode == 0, first.stderr
    assert first.stdout.splitlines()[0] == "Making .venv ..."
    assert first.stdout.splitlines()[-1] == "opened run app.py --server.port 80"
    assert _play(bare).stdout == "opened run app.py\n"
    (bare / "requirements.txt").write_text("# changed\n")
    assert [line.split(";")[0] for line in _play(bare).stdout.splitlines()] == [
        "Installing requirements.txt",
        "opened run app.py",
    ]
    shutil.rmtree(bare / ".venv" / ("Scripts" if sys.platform == "win32" else "bin"))
    again = _play(bare)
    assert again.stdout.splitlines()[0] == "Making .venv ..."
    assert again.stdout.splitlines()[-1] == "opened run app.py"


def test_an_install_that_fails_says_so(bare: Path):
    (bare / "requirements.txt").write_text("./missing.whl\n")
    done = _play(bare)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith("pip could not install requirements.txt: ")
    assert "Traceback" not in done.stderr


def test_an_old_python_is_told_so(bare: Path):
    script = bare / "play.py"
    script.write_text(script.read_text().replace("OLDEST = (3, 11)", "OLDEST = (9, 0)"))
    done = _play(bare)
    assert done.returncode == 1
    assert done.stderr.startswith("metaplay needs Python 3.11 or newer; this is ")
    assert not (bare / ".venv").exists()
