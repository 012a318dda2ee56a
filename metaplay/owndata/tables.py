"""Sentences and their labels from a CSV or JSONL file, in whatever encoding it is. Everything in it stays text; JSONL may have
a vector of numbers with each sentence."""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from metaplay.text import Text, UserError

SUFFIXES = (".csv", ".tsv", ".jsonl")
LONGEST = 2000
"""Characters of a sentence, at most."""
LONGEST_LABEL = 100
LEAST_DIMS, MOST_DIMS = 2, 4096
"""Numbers of a sentence's vector, at least and at most."""
_LARGEST = float(np.finfo(np.float32).max)
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
NO_NUMBERS = Text(
    "its vector is no list of {least} to {most:,} finite numbers that are not all 0",
    "其 vector 不是由 {least} 到 {most:,} 个有限且不全为 0 的数组成的列表",
).fill(least=LEAST_DIMS, most=MOST_DIMS)
NO_VECTOR = Text("no vector, which other lines have", "没有 vector，而其他行有")
OTHER_LENGTH = Text(
    "its vector has {own:,} numbers, and the first one {first:,}", "其 vector 有 {own:,} 个数，而第一个有 {first:,} 个"
)

Vector = NDArray[np.float32]


class Row(NamedTuple):
    """A sentence, and its vector where the file has them."""

    line: int
    text: str
    label: str
    vector: Vector | None = None


Left = tuple[int, Text]
"""A line that is left out, and why."""


def rows(content: bytes, suffix: str) -> tuple[list[Row], list[Left], str]:
    """The rows of a table, those that are left out and why, and the encoding that it is in.

    Where a line has a vector, all must: of as many numbers as the first. Raises UserError if the file has no such columns, or
    its quotes are torn.
    """
    text, encoding = decoded(content)
    found: list[Row] = []
    left: list[Left] = []
    for line, sentence, label, numbers in _lines(text) if suffix == ".jsonl" else _cells(text):
        vector = None if numbers is None else _vector(numbers)
        if reason := _wrong(sentence, label) or (NO_NUMBERS if vector is None and numbers is not None else None):
            left.append((line, reason))
        else:
            found.append(Row(line, _tidy(sentence), _tidy(label), vector))
    return *_alike(found, left), encoding


def _vector(numbers: Any) -> Vector | None:
    """A vector as JSON has it; None where it is something else."""
    if not isinstance(numbers, list) or not LEAST_DIMS <= len(numbers) <= MOST_DIMS:
        return None
    if not all(type(number) in (int, float) and abs(number) <= _LARGEST for number in numbers):  # True is an int, too
        return None
    vector = np.array(numbers, np.float32)
    return vector if vector.any() else None


def _alike(found: list[Row], left: list[Left]) -> tuple[list[Row], list[Left]]:
    """Either all rows have vectors of one length, or none has."""
    first = next((row.vector for row in found if row.vector is not None), None)
    if first is None:
        return found, left
    reasons = {row.line: _unlike(row.vector, len(first)) for row in found}
    more = [(line, reason) for line, reason in reasons.items() if reason]
    return [row for row in found if not reasons[row.line]], sorted([*left, *more], key=lambda one: one[0])


def _unlike(vector: Vector | None, dims: int) -> Text | None:
    if vector is None:
        return NO_VECTOR
    return None if len(vector) == dims else OTHER_LENGTH.fill(own=len(vector), first=dims)


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


def _cells(text: str) -> Iterator[tuple[int, Any, Any, None]]:
    """Line, text and label of each row of a CSV below its first line, and no vector."""
    first = text.lstrip("\r\n").split("\n", 1)[0].strip("\r")
    for separator in (",", ";", "\t"):
        names = [name.strip().casefold() for name in _heads(first, separator)]
        columns = _column(names, _TEXT), _column(names, _LABEL)
        if None not in columns:
            yield from _below(text, separator, columns)
            return
    raise UserError(_NO_COLUMNS.fill(first=first[:200]))


def _heads(first: str, separator: str) -> list[str]:
    """The names in a first line; none where it is no line of a CSV."""
    try:
        return next(csv.reader([first], delimiter=separator), [])
    except csv.Error:
        return []


def _column(names: list[str], known: Iterable[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _below(text: str, separator: str, columns: tuple[int | None, ...]) -> Iterator[tuple[int, Any, Any, None]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        named = False
        for row in reader:
            if not any(row):
                continue
            if named:
                sentence, label = (row[place] if place is not None and place < len(row) else "" for place in columns)
                yield reader.line_num, sentence, label, None
            named = True
    except csv.Error as error:
        raise UserError(_NOT_CSV.fill(line=reader.line_num, reason=error)) from error


def _lines(text: str) -> Iterator[tuple[int, Any, Any, Any]]:
    """Line, text, label and vector of each object, a line each."""
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            found = None
        names = {str(name).casefold(): value for name, value in found.items()} if isinstance(found, dict) else {}
        sentence, label = (next((names[name] for name in known if name in names), None) for known in (_TEXT, _LABEL))
        yield number, sentence, label, names.get("vector")


def _wrong(sentence: Any, label: Any) -> Text | None:
    """Why a row cannot be taken."""
    if not isinstance(sentence, str) or not isinstance(label, str):
        return NO_OBJECT
    if not _tidy(sentence):
        return NO_TEXT
    if not _tidy(label):
        return NO_LABEL
    for value, limit in ((sentence, LONGEST), (label, LONGEST_LABEL)):
        if len(value) > limit:
            return TOO_LONG.fill(limit=limit)
    return None


def _tidy(text: str) -> str:
    """On one line, without what cannot be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
