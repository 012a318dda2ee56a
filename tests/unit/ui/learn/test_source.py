"""The source that the chapters show is that which runs."""

import inspect
from importlib import import_module
from textwrap import dedent

import pytest

from metaplay.ui.learn.chapters import CHAPTERS
from metaplay.ui.learn.source import excerpt

SHOWN = sorted({source for chapter in CHAPTERS.values() for source in chapter.sources})


@pytest.mark.parametrize(("file", "name"), SHOWN, ids=[name for _, name in SHOWN])
def test_an_excerpt_is_what_python_itself_runs(file: str, name: str):
    found = import_module("metaplay." + file.removesuffix(".py").replace("/", "."))
    for part in name.split("."):
        found = getattr(found, part)
    lines, first = inspect.getsourcelines(found)
    shown = excerpt(file, name)
    assert shown.code == dedent("".join(lines)).rstrip("\n")
    assert (shown.first, shown.last) == (first, first + len(lines) - 1)


def test_a_name_that_is_gone_is_noticed():
    with pytest.raises(LookupError, match=r"Maml\.gone"):
        excerpt("algorithms/maml.py", "Maml.gone")
