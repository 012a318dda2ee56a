"""Images that are damaged or made up: as many pixels as asked for, or told that they cannot be read."""

import io
import struct
import zlib

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from metaplay.owndata import pictures
from metaplay.text import UserError
from tests.fuzz import hostile, profile
from tests.fuzz.guard import guarded
from tests.unit.owndata.making import image


def _exif(orientation: object) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010E] = "<script>" * 20
    return exif.tobytes()


def _wide() -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(np.arange(1600, dtype=np.uint16).reshape(40, 40) * 40).save(buffer, "PNG")
    return buffer.getvalue()


def _chunked(*chunks: tuple[bytes, bytes]) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body)) for kind, body in chunks
    )


def _png(width: int, height: int, depth: int = 8, colour: int = 0, rows: bytes = b"") -> bytes:
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    text = (b"zTXt", b"a\0\0" + zlib.compress(b"\0" * 10**7))
    return _chunked(
        (b"IHDR", head),
        text,
        (b"iCCP", b"a\0\0" + zlib.compress(b"\0" * 10**6)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )


_REAL = [
    *(image(mode=mode) for mode in ("1", "L", "LA", "P", "RGB", "RGBA")),
    *(image(mode=mode, kind="JPEG", size=(64, 48)) for mode in ("L", "RGB", "CMYK")),
    image(mode="RGB", kind="JPEG", size=(64, 48), progressive=True),
    *(image(mode=mode, kind="WEBP") for mode in ("RGB", "RGBA")),
    *(image(mode="RGB", kind=kind, exif=_exif(turn)) for kind in ("JPEG", "PNG", "WEBP") for turn in (3, 6, 9, 65_535)),
    _wide(),
]
_MADE_UP = [
    b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\xff\xff\xff\xffWEBPVP8 ", b"GIF89a" + b"\0" * 20, b"%PDF-1.7", b"<svg onload=alert(1)>",
    _png(2**31 - 1, 1), _png(1, 2**31 - 1), _png(0, 0), _png(8000, 8000), _png(7000, 7000, rows=b"\0" * 7001), _png(7000, 7000, 16, 6), _png(8, 8, 3, 9),
    *(_chunked((kind, b"\0" * 13)) for kind in (b"IHDR", b"IDAT", b"acTL", b"fcTL", b"PLTE")),
]  # fmt: skip


@settings(profile.HOSTILE)
@given(
    st.sampled_from(_REAL).flatmap(hostile.changed_bytes) | st.sampled_from([*_REAL, *_MADE_UP]),
    st.sampled_from((16, 28, 128)),
    st.sampled_from((1, 3)),
)
def test_an_image_is_read_whole_or_not_at_all(content: bytes, side: int, channels: int):
    def read():
        return pictures.pixels("a/b.png", content, side, channels, limit=50)

    with guarded():
        found = hostile.attempt(read, (UserError, pictures.Unreadable))
    if found is not None:
        assert found.shape == (channels, side, side)
        assert found.dtype == np.uint8
