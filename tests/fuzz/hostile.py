"""Inputs that somebody might send who means no good: words, values, and real files with something changed in them."""

import json
import random
import struct
import zlib
from collections.abc import Callable, Mapping
from typing import Any
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZIP_LZMA, ZIP_STORED

from hypothesis import strategies as st

from metaplay.text import UserError
from tests.fuzz.guard import is_clear

WORDS = (
    "", " ", "\0", "a\0b", "../../etc/passwd", "..\\..\\x", "/etc/passwd", "C:\\x", "file:///etc/passwd", "\ud800", "\udfff",
    "\u202eabc", "\u2066", "\ufeff", "\u202e", "é" * 40, "𝕏" * 60, "名" * 41, "a" * 100_000, "9" * 5000, "-1", "1e400", "nan", "inf",
    "-Infinity", "NaN", "0x10", "1_000", "٣", "１２", "²", "1e-400", "true", "None", "null", "[]", "{}", "{0}", "{name.__class__}",
    "{", "}", "%s%n", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[x](javascript:alert(1))", ":red[x]",
    ":material/home:", "$x$", "`x`", "![x](http://x.test/x.png)", "'; drop table runs; --", "\r\nSet-Cookie: a=b", "own:", "own:..",
    "own:../x", "own:a\0", "own:" + "a" * 300, "own:٣", "__class__", "constructor", "\n", "\x1b[31m", "=cmd|' /C calc'!A0",
    "20260101-000000-aaaaaa", "٢٠٢٦٠١٠١-000000-aaaaaa", "20260101-000000-aaaaaa\n", "20260101-000000-../../x",
)  # fmt: skip
NUMBERS = (
    0, -1, 1, 2, 60, 10**9, 2**31, 2**63, 2**64, -(2**63) - 1, 10**40, 10**400, 0.5, -0.0, 1e-320, 1e308, -1e308,
    float("nan"), float("inf"), float("-inf"),
)  # fmt: skip


def words() -> st.SearchStrategy[str]:
    """A hostile text, or any text at all."""
    return st.one_of(st.sampled_from(WORDS), st.text(st.characters(), max_size=60))


def plain_values() -> st.SearchStrategy[Any]:
    """Words and numbers, and what is neither."""
    return st.one_of(words(), st.sampled_from(NUMBERS), st.booleans(), st.none(), st.integers(), st.floats())


def values() -> st.SearchStrategy[Any]:
    """Whatever JSON can hold, and some of what it cannot."""
    plain = plain_values()
    return st.one_of(
        plain,
        st.recursive(plain, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(words(), inner, max_size=3)),
    )


def json_of(value: Any) -> bytes:
    """JSON in the wide sense of Python's: NaN and lone surrogates in it, numbers as long as they come."""
    return json.dumps(value).encode("utf-8", "surrogatepass")


@st.composite
def changed_json(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value with a few of its leaves replaced, keys renamed, lists cut, grown or emptied."""
    value = json.loads(json.dumps(value))
    for _ in range(draw(st.integers(1, 3))):
        value = _changed_once(draw, value)
    return value


def _changed_once(draw: st.DrawFn, value: Any) -> Any:  # noqa: PLR0911
    """Go down to a random place and put something else there."""
    if isinstance(value, dict) and value and draw(st.integers(0, 9)):
        key = draw(st.sampled_from(sorted(value)))
        act = draw(st.integers(0, 11))
        if act == 0:
            return {**{k: v for k, v in value.items() if k != key}, draw(words()): value[key]}
        if act == 1:
            return {k: v for k, v in value.items() if k != key}
        return {**value, key: _changed_once(draw, value[key])}
    if isinstance(value, list) and value and draw(st.integers(0, 9)):
        place = draw(st.integers(0, len(value) - 1))
        act = draw(st.integers(0, 5))
        if act == 0:
            return value[:place]
        if act == 1:
            return [*value, *value[place : place + 1] * draw(st.sampled_from((1, 3, 200)))]
        return [*value[:place], _changed_once(draw, value[place]), *value[place + 1 :]]
    if isinstance(value, int | float) and not isinstance(value, bool) and draw(st.booleans()):
        return draw(st.sampled_from(NUMBERS[:-6]) | st.sampled_from(("NaN", "Infinity", "-Infinity", 1.5, 1e300)))
    return draw(values())


@st.composite
def changed_bytes(draw: st.DrawFn, data: bytes) -> bytes:
    """A real file with bytes flipped, cut out, doubled, or broken off."""
    changed = bytearray(data)
    rng = random.Random(draw(st.integers(0, 2**32)))
    for _ in range(draw(st.sampled_from((1, 1, 2, 5, 40)))):
        if not changed:
            break
        place, act = rng.randrange(len(changed)), draw(st.integers(0, 6))
        if act <= 2:
            changed[place] ^= 1 << rng.randrange(8)
        elif act == 3:
            changed[place : place + 4] = rng.choice(
                (b"\xff\xff\xff\xff", b"\0\0\0\0", b"\x7f\xff\xff\xff", b"PK\5\6", b"PK\6\7")
            )
        elif act == 4:
            del changed[place:]
        elif act == 5:
            del changed[place : place + rng.randrange(1, 64)]
        else:
            changed[place:place] = changed[place : place + rng.randrange(1, 64)]
    return bytes(changed)


NAMES = (
    "../../x.png", "/etc/x.png", "C:\\x.png", "a\\..\\..\\x.png", "a/../../x.png", "a//b.png", "a/./b.png", "a/b.png/", "a/\0.png",
    "a/b\0.png", "x" * 65_000 + ".png", "a/" * 20_000 + "x.png", "a/\u202e.png", "a/é.png", "名/字.png", "a/CON.png", "a/aux", ".hidden/x.png",
    "a/<img src=x onerror=alert(1)>.png", "a/b.zip", "a/b.tar.gz", "", "/", "..", ".", "a/\ud83d.png", "bundle.json", "moments/0000001.safetensors",
    "moments/٠٠٠٠٠٠1.safetensors", "moments/../x.safetensors", "__MACOSX/x.png", "events.jsonl ", "Events.jsonl",
)  # fmt: skip


@st.composite
def archives(draw: st.DrawFn, files: Mapping[str, bytes]) -> bytes:
    """A ZIP of the files, written by hand so that it may lie: names, sizes, flags, methods, kinds of file, extra fields, bombs."""
    entries = [(name.encode(), content) for name, content in files.items()]
    lies: dict[int, dict[str, Any]] = {}
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, len(entries) - 1))
        lie = lies.setdefault(place, {})
        act = draw(st.integers(0, 9))
        if act == 0:
            lie["name"] = draw(st.sampled_from(NAMES) | words()).encode("utf-8", "surrogatepass")[:65_535]
        elif act == 1:
            lie["name"] = entries[draw(st.integers(0, len(entries) - 1))][0]
        elif act == 2:
            lie["size"] = draw(st.sampled_from((0, 1, 2**20, 2**31, 2**32 - 1)))
        elif act == 3:
            lie["flags"] = draw(st.sampled_from((1, 0x800, 0x8, 0x40, 0x2000, 0xFFFF)))
        elif act == 4:
            lie["method"] = draw(st.sampled_from((ZIP_BZIP2, ZIP_LZMA, 1, 9, 99, 0xFFFF)))
        elif act == 5:
            lie["attributes"] = draw(
                st.sampled_from((0o120777 << 16, 0o060666 << 16, 0o010666 << 16, 0x10, 0xFFFFFFFF))
            )
        elif act == 6:
            lie["extra"] = draw(
                st.sampled_from((b"\x01\0\xff\xff", b"\x01\0\x10\0" + b"\xff" * 16, _path_field("名/字.png")))
                | st.binary(max_size=40)
            )
        elif act == 7:
            lie["content"] = b"\0" * draw(st.sampled_from((10**6, 6 * 10**7)))
        elif act == 8:
            lie["crc"] = 0
        else:
            lie["offset"] = draw(st.sampled_from((0, 30, 2**32 - 1)))
    comment = draw(st.sampled_from((b"", b"PK\5\6" * 5, b"x" * 65_535)))
    return zip_of(entries, lies, draw(st.sampled_from((ZIP_DEFLATED, ZIP_STORED))), comment)


def _path_field(name: str) -> bytes:
    """The extra field that says a ZIP entry's name in UTF-8; its check is of the name `a`."""
    body = b"\1" + struct.pack("<L", zlib.crc32(b"a")) + name.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def zip_of(
    entries: list[tuple[bytes, bytes]],
    lies: Mapping[int, Mapping[str, Any]],
    method: int = ZIP_DEFLATED,
    comment: bytes = b"",
) -> bytes:
    """A ZIP byte by byte, so that what its table of contents says of an entry may be a lie."""
    body, directory = bytearray(), bytearray()
    for place, (name, content) in enumerate(entries):
        lie = lies.get(place, {})
        name, content = lie.get("name", name), lie.get("content", content)  # noqa: PLW2901
        packer = zlib.compressobj(6, zlib.DEFLATED, -15)
        packed = packer.compress(content) + packer.flush() if method == ZIP_DEFLATED else content
        head = (
            20,
            lie.get("flags", 0x800),
            lie.get("method", method),
            0,
            0x21,
            lie.get("crc", zlib.crc32(content)),
            len(packed),
            lie.get("size", len(content)),
            len(name),
            len(extra := lie.get("extra", b"")),
        )
        offset = lie.get("offset", len(body))
        body += b"PK\3\4" + struct.pack("<5H3L2H", *head) + name + extra + packed
        directory += b"PK\1\2" + struct.pack("<6H3L2H", 0x0314, *head)
        directory += struct.pack("<3H2L", 0, 0, 0, lie.get("attributes", 0o100644 << 16), offset) + name + extra
    end = struct.pack("<4H2LH", 0, 0, len(entries), len(entries), len(directory), len(body), len(comment))
    return bytes(body + directory + b"PK\5\6" + end + comment)


def attempt(act: Callable[[], Any], refusals: tuple[type[Exception], ...]) -> Any:
    """What `act` gives, or None where it refuses in the way that it may."""
    try:
        return act()
    except refusals as error:
        if isinstance(error, UserError):
            is_clear(error)
        return None
