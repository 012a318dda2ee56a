"""Texts and labels out of tables in every usual encoding and manner of quoting; what is wrong is told by its line."""

import json

import pytest

from metaplay.owndata.tables import decoded, rows
from metaplay.text import UserError

CHINESE = "text,label\n帮我订一张去北京的票,订票\n明天的天气怎么样,天气\n"
FRENCH = "text;label\nréserver une place à côté,réservation\ndéjà vu,été\n".replace(",", ";")


@pytest.mark.parametrize(
    ("text", "encoding", "name"),
    [
        (CHINESE, "utf-8", "UTF-8"),
        (CHINESE, "utf-8-sig", "UTF-8"),
        (CHINESE, "utf-16", "UTF-16"),
        (CHINESE, "gb18030", "GB 18030"),
        (FRENCH, "latin-1", "Latin-1"),
        (FRENCH, "utf-8", "UTF-8"),
    ],
)
def test_every_encoding_gives_the_same_rows(text: str, encoding: str, name: str):
    content = text.encode(encoding)
    assert decoded(content) == (text.removeprefix("\ufeff"), name)
    found, left, told = rows(content, ".csv")
    split = ";" if ";" in text else ","
    assert [[sentence, label] for _, sentence, label, _ in found] == [
        line.split(split) for line in text.splitlines()[1:]
    ]
    assert (left, told) == ([], name)


def test_quotes_separators_lines_and_formulas_stay_text():
    content = b'intent,query\r\nask,"one, ""two""\r\nthree"\r\nsum,"=HYPERLINK(""http://x"")"\r\nmath,=1+1\r\n'
    found, left, _ = rows(content, ".csv")
    assert [row[1:3] for row in found] == [
        ('one, "two" three', "ask"),
        ('=HYPERLINK("http://x")', "sum"),
        ("=1+1", "math"),
    ]
    assert left == []


def test_tabs_separate_too():
    assert rows("标签\t文本\n问候\t你好，朋友\n".encode(), ".tsv")[0] == [(2, "你好，朋友", "问候", None)]


def test_rows_that_cannot_be_taken_are_told_by_their_line():
    content = f"text,label\nhello,greet\n,greet\nlonely\n{'x' * 2001},greet\n\nbye,greet\n".encode()
    found, left, _ = rows(content, ".csv")
    assert [row[1] for row in found] == ["hello", "bye"]
    assert [(line, reason.en) for line, reason in left] == [
        (3, "no text"),
        (4, "no label"),
        (5, "longer than 2,000 characters"),
    ]


def test_json_lines_are_read_and_nothing_in_them_but_text():
    lines = [{"Text": "hi", "label": "a"}, {"text": 5, "label": "a"}, ["text"], {"text": "yo", "label": {"x": 1}}]
    content = "\n".join([*map(json.dumps, lines), "{torn", "[" * 5000]).encode()
    found, left, _ = rows(content, ".jsonl")
    assert found == [(1, "hi", "a", None)]
    assert [line for line, _ in left] == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("content", [b"", b"hello\nworld\n", b"text,other\na,b\n", b"\x80\x04pickle\x00"])
def test_a_table_without_the_columns_is_refused(content: bytes):
    with pytest.raises(UserError, match="the first line must name them, such as text,label"):
        rows(content, ".csv")


def test_a_torn_quote_is_refused_with_its_line():
    with pytest.raises(UserError, match=r"^Line \d+: "):
        rows(b'text,label\n"never closed,a\nb,c\n', ".csv")
