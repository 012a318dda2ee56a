"""Archives of images that are damaged, lie or are bombs: refused in one sentence, or a set that can be kept and read."""

from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaplay.owndata import report, storing
from metaplay.owndata.about import about
from metaplay.owndata.examining import examine
from metaplay.text import UserError
from metaplay.ui.data import samples
from tests.fuzz import hostile, profile
from tests.fuzz.guard import folder, guarded
from tests.unit.owndata.making import by_class

_FILES = by_class(["a", "b", "c", "d", "e", "f"], each=2)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


def _taken(root: Path, data: bytes, name: str) -> None:
    with folder(root) as here, pytest.MonkeyPatch.context() as patch, guarded(here):
        patch.setenv("METAPLAY_DATA", str(here))
        found = hostile.attempt(lambda: examine(BytesIO(data), name), (UserError,))
        if not found:
            return
        for said in (*report.said(found), *report.left_out(found, 12)):
            assert said.en
        samples.html(found.about, samples.firsts(found.about, found.images, found.texts), 24, "en")
        assert storing.keep("fuzz", found) == "fuzz"
        assert about("fuzz") == found.about
        kept = storing.images("fuzz") if found.images is not None else storing.texts("fuzz")
        assert len(kept) == (found.about.examples if found.images is not None else len(found.about.classes))


@settings(profile.HOSTILE)
@given(hostile.archives(_FILES))
def test_a_lying_archive_is_refused_or_a_set(root: Path, data: bytes):
    _taken(root, data, "x.zip")


@settings(profile.HOSTILE)
@given(hostile.changed_bytes(hostile.zip_of([(name.encode(), content) for name, content in _FILES.items()], {})))
def test_a_damaged_archive_is_refused_or_a_set(root: Path, data: bytes):
    _taken(root, data, "x.zip")


_LABELS = ("greet", "leave", "order", "pay", "ask", "thank")
_CSV = "text,label\r\n" + "".join(f'"{label}, number {n}",{label}\r\n' for label in _LABELS for n in range(2))
_JSONL = "".join(
    f'{{"text": "{label} {n}", "label": "{label}", "vector": [{n}, 0.5]}}\n' for label in _LABELS for n in range(2)
)
_TABLES = {"x.csv": _CSV.encode(), "x.tsv": _CSV.replace(",", "\t").encode("utf-16"), "x.jsonl": _JSONL.encode()}
_PIECES = (
    b'"', b"\r", b"\0", b"\xff", b"\xff\xfe", b"\xef\xbb\xbf", b"\t", b";", b"\n\n", b"," * 200, b"a" * 140_000, b'"' + b"a\n" * 70_000,
    b'{"text": "\\ud800", "label": "\\ud800"}\n', b'{"text":' * 20_000, b"[" * 200_000 + b"\n", b'{"text": "a", "label": "b", "vector": [1e999, 2]}\n',
    b'{"text": "a", "label": "b", "vector": [' + b"9" * 5000 + b", 2]}\n", b'{"text": "a", "label": "b", "vector": [' + b"9" * 300 + b", 2]}\n",
    b'{"text": "\\u0000", "label": "\\u202e"}\n', b"=cmd|' /C calc'!A0,<img src=x onerror=alert(1)>\r\n", "é,é".encode("latin-1"),
)  # fmt: skip


@st.composite
def _tables(draw: st.DrawFn) -> tuple[str, bytes]:
    name = draw(st.sampled_from(sorted(_TABLES)))
    data = _TABLES[name]
    if draw(st.booleans()):
        data = draw(hostile.changed_bytes(data))
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(data)))
        piece = draw(st.sampled_from(_PIECES) | hostile.words().map(lambda word: word.encode("utf-8", "surrogatepass")))
        data = data[:place] + piece + data[place:]
    return name, data


@settings(profile.HOSTILE)
@given(_tables())
def test_a_damaged_table_is_refused_or_a_set(root: Path, table: tuple[str, bytes]):
    _taken(root, table[1], table[0])
