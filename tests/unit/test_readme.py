"""The README says what is so: its settings table, its commands, its layout."""

import re
import shlex
from pathlib import Path

import pytest

from metaplay.cli import main
from metaplay.settings import TABLE

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^python -m metaplay (.+)$", README, re.MULTILINE)


def test_the_settings_table_is_that_of_the_code():
    rows = re.findall(r"^\| `(METAPLAY_\w+)` \| (.+?) \|", README, re.MULTILINE)
    assert rows == [(name, meaning) for name, (_, meaning) in TABLE.items()]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_is_one_that_there_is(command: str, capsys: pytest.CaptureFixture[str]):
    words = shlex.split(command)
    names = words[: 2 if words[0] in ("runs", "data") else 1]
    assert main([*names, "--help"]) == 0
    shown = capsys.readouterr().out
    assert all(word in shown for word in words if word.startswith("--"))


def test_every_command_is_shown(capsys: pytest.CaptureFixture[str]):
    assert main(["--help"]) == 0
    shown = capsys.readouterr().out
    assert {line.split()[0] for line in COMMANDS} == set(re.findall(r"^│ ([a-z]+)  ", shown, re.MULTILINE))


def test_every_part_of_the_layout_is_there():
    layout = README.split("## How it is laid out")[1].split("```")[1]
    names = [name for line in layout.strip().splitlines() for name in line.strip().split("  ")[0].split(", ")]
    assert len(names) > 15
    for name in names:
        assert (ROOT / name).exists() or (ROOT / "metaplay" / name).exists(), name
