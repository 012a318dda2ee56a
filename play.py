"""Opens metaplay, or tests it; all it needs is Python 3.11 or newer.

python3 play.py [streamlit options]      make .venv, install what is missing, open the playground in the browser
python3 play.py test [pytest options]    the same with the test tools, then lint, types, walls and tests
"""

from __future__ import annotations  # so that an older Python gets as far as the sentence about its age

import hashlib
import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
CHECKS = {
    "lint": ["-m", "ruff", "check", "--quiet", "."],
    "format": ["-m", "ruff", "format", "--quiet", "--check", "."],
    "types": ["-m", "pyright"],
    "walls": ["-c", "from importlinter.cli import lint_imports_command as main; main()", "--no-logo"],
    "tests": ["-m", "pytest"],
}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
STARTS = """
import sys
from playwright.sync_api import sync_playwright
with sync_playwright() as p:
    path = sys.argv[1] or p.chromium.executable_path
    p.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"]).close()
print(path)
"""
"""Prints the path of a browser after having seen it start; an empty path means Playwright's own."""


def main(arguments: list[str]) -> int:
    """Do what the arguments say; the exit code of what was started."""
    if sys.version_info < OLDEST:
        sys.exit(
            f"metaplay needs Python 3.11 or newer; this is {sys.version.split()[0]}. Start play.py with a newer one."
        )
    os.chdir(ROOT)
    (ROOT / "static").mkdir(exist_ok=True)  # Streamlit wants it there before app.py fills it
    if arguments[:1] == ["test"]:
        install("requirements-dev.txt", "requirements.txt", "requirements-rl.txt")
        return test(arguments[1:])
    install("requirements.txt")
    return become([str(PYTHON), "-m", "streamlit", "run", "app.py", *arguments])


def install(*files: str) -> None:
    """Install `files[0]` (which may include the others) into .venv, unless that was done and none has changed since."""
    stamp = VENV / f"installed-{files[0]}"
    digest = hashlib.sha256(b"".join(Path(name).read_bytes() for name in files)).hexdigest()
    if stamp.exists() and stamp.read_text() == digest and ask("-V"):
        return
    if not ask("-m", "pip", "--version"):
        say("Making .venv ...")
        try:
            venv.create(VENV, clear=True, symlinks=os.name != "nt", with_pip=True)
        except (OSError, subprocess.CalledProcessError) as error:
            hint = " On Debian or Ubuntu: apt-get install python3-venv." if sys.platform == "linux" else ""
            sys.exit(f"Could not make the virtual environment {VENV}: {error}.{hint}")
    say(f"Installing {files[0]}; the first time this fetches PyTorch and takes some minutes ...")
    environment = {"PIP_DEFAULT_TIMEOUT": "120", **os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    if subprocess.call([PYTHON, "-m", "pip", "install", "--quiet", "-r", files[0]], env=environment):
        sys.exit(
            f"pip could not install {files[0]}: its reason stands above. Mend that and run the same command again."
        )
    stamp.write_text(digest)


def ask(*arguments: str) -> str | None:
    """What the environment's Python prints; None where it is not there or ends with an error."""
    if not PYTHON.exists():
        return None
    answer = subprocess.run([PYTHON, *arguments], capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else None


def become(command: list[str]) -> int:
    """Run `command` in the place of this process, so that Ctrl-C and signals reach it alone."""
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


def test(arguments: list[str]) -> int:
    """Run all checks and all tests, also where one fails; 0 if all is well."""
    if browser := find_browser():
        os.environ["METAPLAY_CHROMIUM"] = browser
    failed = []
    for name, command in CHECKS.items():
        say(f"--- {name}")
        if subprocess.call([PYTHON, *command, *(arguments if name == "tests" else [])]):
            failed.append(name)
    say("FAILED: " + ", ".join(failed) if failed else "Passed: " + ", ".join(CHECKS))
    return 1 if failed else 0


def find_browser() -> str | None:
    """Path of a Chromium that starts; installs one where there is none."""
    for path in browsers():
        if started := ask("-c", STARTS, path):
            return started
    say("No browser could be started here: the tests that need one will not run.")
    return None


def browsers() -> Iterator[str]:
    """Where a Chromium may be, the likeliest first. Each step is taken only if no earlier browser would start."""
    if named := os.environ.get("METAPLAY_CHROMIUM"):
        yield named
    yield from filter(None, map(shutil.which, BROWSERS))
    yield ""
    say("Installing a browser for the tests ...")
    # with-deps asks for a password unless root runs it
    subprocess.call([PYTHON, "-m", "playwright", "install", *(["--with-deps"] if IS_ROOT else []), "chromium"])
    yield ""
    if IS_ROOT and shutil.which("apt-get"):
        subprocess.call(["apt-get", "update"])
        subprocess.call(["apt-get", "install", "--yes", "--no-install-recommends", "chromium"])
        yield from filter(None, [shutil.which("chromium")])


def say(text: str) -> None:
    print(text, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
