"""`python -m metaplay verify`: what it prints, and its exit codes."""

import json

import pytest

from metaplay.algorithms.maml import Maml
from metaplay.cli import main

SMALL = ["--set", "width=4", "--set", "inner_steps=2"]


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LC_ALL", "C")


def test_a_table_with_a_row_for_each_algorithm(capsys: pytest.CaptureFixture[str]):
    assert main(["verify", "sinusoid-maml", "--algorithm", "maml", "--algorithm", "reptile", *SMALL]) == 0
    title, header, maml, reptile, *rest = capsys.readouterr().out.splitlines()
    assert title.strip() == "Sinusoid, MLP"
    assert header.split() == ["algorithm", "compared", "naive", "slopes", "2nd", "order"]
    assert maml.split()[:2] == ["MAML", "meta-gradient"]
    assert maml.split()[-2].endswith("%")
    assert maml.split()[-1] == reptile.split()[-1] == "ok"
    assert reptile.split()[:4] == ["Reptile", "update,", "step", "2,500"]
    assert "at most 1e-09, or 1e-06 where Adam walks" in " ".join(rest)


def test_json_has_the_same(capsys: pytest.CaptureFixture[str]):
    assert main(["verify", "sinusoid-fomaml", "--json", *SMALL]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["passed"] is True
    assert answer["tolerances"] == {"naive": 1e-9, "adam": 1e-6, "differences": 1e-5}
    (row,) = answer["found"]
    assert (row["algorithm"], row["family"], row["network"], row["what"]) == (
        "fomaml",
        "sinusoid",
        "mlp",
        "meta-gradient",
    )
    assert row["passed"]
    assert row["naive"] < 1e-9
    assert row["differences"] < 1e-5
    assert row["second_order"] < 1e-12


def test_a_wrong_gradient_fails_with_exit_code_1(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Maml, "second_order", lambda self, step: False)
    assert main(["verify", "sinusoid-maml", "--json", *SMALL]) == 1
    (row,) = json.loads(capsys.readouterr().out)["found"]
    assert not row["passed"]
    assert row["second_order"] < 1e-12
    assert main(["verify", "sinusoid-maml", *SMALL]) == 1
    assert "FAILED" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sinusoid-mmal"], "sinusoid-mmal: there is no such preset; "),
        (["sinusoid-maml", "--set", "width"], "--set width: write it as key=value"),
        (["sinusoid-maml", "--set", "inner_lr=10", "--set", "inner_steps=10"], "The loss stopped being a number"),
    ],
)
def test_a_mistake_is_told_in_one_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]):
    assert main(["verify", *arguments]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith(sentence)
    assert said.err.count("\n") == 1
