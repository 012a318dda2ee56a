"""Sentences and their labels from a CSV or JSONL file, in whatever encoding it is. Everything in it stays text."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from metaplay.text import Text, UserError

SUFFIXES = (".csv", ".tsv", ".jsonl")
LONGEST = 2000
"""Characters of a sentence, at most."""
LONGEST_LABEL = 100
_TEXT = ("text", "sentence", "utterance", "query", "文本", "句子")
_LABEL = ("label", "intent", "category", "class", "标签", "意图", "类别")
_HIGH = re.compile(rb"[\x80-\xff]+")

_NO_COLUMNS = Text(
    "No columns of texts and labels: the first line must name them, such as text,label; here it is: {first}",
    "找不到文本列和标签列：首行须为列名，例如 text,label；此文件首行是：{first}",
)
_NOT_CSV = Text("Line {line}: {reason}; mend it and add the file again.", "第 {line} 行：{reason}；请修正后重新添加。")
NO_TEXT = Text("no text", "没有文本")
NO_LABEL = Text("no label", "没有标签")
TOO_LONG = Text("longer than {limit:,} characters", "超过 {limit:,} 个字符")
NO_OBJECT = Text("no JSON object with text and label", "不是含有 text 和 label 的 JSON 对象")

Row = tuple[int, str, str]
"""Line, text, label."""
Left = tuple[int, Text]
"""A line that is left out, and why."""


def rows(content: bytes, suffix: str) -> tuple[list[Row], list[Left], str]:
    """The rows of a table, those that are left out and why, and the encoding that it is in.

    Raises UserError if the file has no such columns, or its quotes are torn.
    """
    text, encoding = decoded(content)
    found: list[Row] = []
    left: list[Left] = []
    for line, sentence, label in _lines(text) if suffix == ".jsonl" else _cells(text):
        if reason := _wrong(sentence, label):
            left.append((line, reason))
        else:
            found.append((line, _tidy(sentence), _tidy(label)))
    return found, left, encoding


def decoded(content: bytes) -> tuple[str, str]:
    """The text of a file, and the encoding that it is in: UTF-8 or UTF-16 with their marks, else GB 18030 or Latin-1.

    Bytes above ASCII stand in pairs in Chinese, but mostly alone in European languages.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeError:
        pass
    runs = [len(run) for run in _HIGH.findall(content)]
    if sum(length % 2 == 0 for length in runs) * 2 > len(runs):
        try:
            return content.decode("gb18030"), "GB 18030"
        except UnicodeError:
            pass
    return content.decode("latin-1"), "Latin-1"


def _cells(text: str) -> Iterator[tuple[int, Any, Any]]:
    """Line, text and label of each row of a CSV below its first line."""
    first = text.lstrip("\r\n").split("\n", 1)[0].strip("\r")
    for separator in (",", ";", "\t"):
        names = [name.strip().casefold() for name in next(csv.reader([first], delimiter=separator), [])]
        columns = _column(names, _TEXT), _column(names, _LABEL)
        if None not in columns:
            yield from _below(text, separator, columns)
            return
    raise UserError(_NO_COLUMNS.fill(first=first[:200]))


def _column(names: list[str], known: Iterable[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _below(text: str, separator: str, columns: tuple[int | None, ...]) -> Iterator[tuple[int, Any, Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        named = False
        for row in reader:
            if not any(row):
                continue
            if named:
                sentence, label = (row[place] if place is not None and place < len(row) else "" for place in columns)
                yield reader.line_num, sentence, label
            named = True
    except csv.Error as error:
        raise UserError(_NOT_CSV.fill(line=reader.line_num, reason=error)) from error


def _lines(text: str) -> Iterator[tuple[int, Any, Any]]:
    """Line, text and label of each object, a line each."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        names = {str(name).casefold(): value for name, value in found.items()} if isinstance(found, dict) else {}
        sentence, label = (next((names[name] for name in known if name in names), None) for known in (_TEXT, _LABEL))
        yield number, sentence, label


def _wrong(sentence: Any, label: Any) -> Text | None:
    """Why a row cannot be taken."""
    if not isinstance(sentence, str) or not isinstance(label, str):
        return NO_OBJECT
    if not sentence.strip():
        return NO_TEXT
    if not label.strip():
        return NO_LABEL
    for value, limit in ((sentence, LONGEST), (label, LONGEST_LABEL)):
        if len(value) > limit:
            return TOO_LONG.fill(limit=limit)
    return None


def _tidy(text: str) -> str:
    """On one line, without what cannot be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
