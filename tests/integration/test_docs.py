"""The pages for those who extend metaplay, followed to the letter in a copy of the project."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
KEPT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "static")
FORM = """
from streamlit.testing.v1 import AppTest
page = AppTest.from_file("app.py", default_timeout=60).run()
print([box.options for box in page.selectbox])
"""


def follow(page: str, copy: Path) -> list[Path]:
    """Do what the page says in the copy; returns the test files that it adds."""
    shutil.copytree(ROOT, copy, ignore=KEPT_OUT)
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    tests = []
    for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL):
        first, rest = block.split("\n", 1)
        if added := re.fullmatch(r"# file: (\S+)", first):
            path = copy / added[1]
            path.write_text(rest, encoding="utf-8")
            tests += [path] if path.name.startswith("test_") else []
        else:
            table, file = re.fullmatch(r"# into: (\w+) in (\S+)", first).groups()  # type: ignore[union-attr]
            code = (copy / file).read_text(encoding="utf-8")
            start = code.index(f"\n{table}: ")
            end = code.index("\n}\n", start) + 1
            (copy / file).write_text(code[:end] + rest + code[end:], encoding="utf-8")
    return tests


def command_of(page: str) -> list[str]:
    (command,) = re.findall(
        r"^python (-m metaplay .+)$", (ROOT / "docs" / page).read_text(encoding="utf-8"), re.MULTILINE
    )
    return shlex.split(command)


def python(copy: Path, *arguments: str) -> str:
    environment = {**os.environ, "METAPLAY_RUNS": str(copy / "runs")}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    ("page", "label"), [("adding-an-algorithm.md", "BiasMAML"), ("adding-a-task-family.md", "Lines")]
)
def test_a_page_followed_to_the_letter_works(tmp_path: Path, page: str, label: str):
    copy = tmp_path / "metaplay"
    tests = follow(page, copy)
    assert len(tests) == 1
    python(copy, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tests[0]), "tests/unit/test_registry.py")
    trained = json.loads(python(copy, *command_of(page)).splitlines()[-1])
    assert (trained["status"], trained["steps"]) == ("finished", 20)
    assert label in python(copy, "-c", FORM)
    python(copy, "-m", "ruff", "check", "metaplay")
