"""Every chapter is whole: in both languages, with presets and papers that exist."""

import re

import pytest

from metaplay.presets import PRESETS
from metaplay.registry import ALGORITHMS
from metaplay.text import Text
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.chapters import CHAPTERS
from metaplay.ui.learn.glossary import GLOSSARY
from metaplay.ui.learn.references import REFERENCES

_CHINESE = re.compile("[\u4e00-\u9fff]")
_NAMES = {algorithm.label for algorithm in ALGORITHMS.values()}


def _translated(text: Text) -> bool:
    return text.en in _NAMES or (bool(_CHINESE.search(text.zh)) and not _CHINESE.search(text.en))


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=list(CHAPTERS))
def test_a_chapter_is_whole_in_both_languages(chapter: Chapter):
    for text in (chapter.short, chapter.title, chapter.body, chapter.point, chapter.recipe):
        assert _translated(text)
    assert re.findall(r"\$[^$]+\$", chapter.body.en).__len__() == re.findall(r"\$[^$]+\$", chapter.body.zh).__len__()
    assert set(chapter.presets) <= set(PRESETS)
    assert set(chapter.papers) <= set(REFERENCES)
    assert chapter.sources


@pytest.mark.parametrize("chapter", CHAPTERS.values(), ids=list(CHAPTERS))
def test_a_chapter_is_read_in_a_minute_or_two(chapter: Chapter):
    assert len(f"{chapter.body.en} {chapter.point.en}".split()) < 230


def test_words_and_papers_are_told_once_and_in_both_languages():
    assert len({word.en for word, _ in GLOSSARY}) == len(GLOSSARY)
    assert all(_translated(word) and _translated(meaning) for word, meaning in GLOSSARY)
    assert all(item.url.startswith("https://") and _translated(item.about) for item in REFERENCES.values())
    assert {key for chapter in CHAPTERS.values() for key in chapter.papers} == set(REFERENCES)
