"""Images of every mode, size and turn come to the same small square; what is no image is told from what is too large."""

import io
import pickle
import struct
import zlib
from functools import partial

import numpy as np
import pytest
from PIL import Image

from metaplay.owndata import pictures
from metaplay.owndata.pictures import Unreadable
from metaplay.text import UserError
from tests.unit.owndata.making import image

pixels = partial(pictures.pixels, limit=50)


def saved(picture: Image.Image, kind: str = "PNG", **more) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **more)
    return buffer.getvalue()


def left_half_black(mode: str = "L", size: tuple[int, int] = (32, 32)) -> Image.Image:
    picture = Image.new("L", size, 255)
    picture.paste(0, (0, 0, size[0] // 2, size[1]))
    return picture.convert(mode)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_ink_is_255_on_0_in_every_format(kind: str, mode: str):
    found = pixels("a", saved(left_half_black(mode), kind), 28, 1)
    assert (found.shape, found.dtype) == ((1, 28, 28), np.uint8)
    assert found[0, :, :11].mean() > 240
    assert found[0, :, 17:].mean() < 15


@pytest.mark.parametrize("mode", ["1", "P", "LA", "RGBA", "I;16"])
def test_every_mode_is_read(mode: str):
    if mode == "I;16":
        content = saved(Image.fromarray(np.asarray(left_half_black()).astype(np.uint16) * 257))
    else:
        content = saved(left_half_black(mode))
    found = pixels("a", content, 16, 1)
    assert found[0, :, :6].mean() > 240
    assert found[0, :, 10:].mean() < 15


def test_cmyk_is_read():
    assert pixels("a", saved(left_half_black("CMYK"), "JPEG"), 16, 1)[0, :, :6].mean() > 200


def test_what_is_transparent_is_paper():
    clear = Image.new("RGBA", (20, 20), (0, 0, 0, 0))  # black, but nobody sees it
    assert pixels("a", saved(clear), 28, 1).max() == 0


def test_a_photograph_lying_on_its_side_is_put_upright():
    turned = Image.Exif()
    turned[0x0112] = 6  # to be shown turned by a quarter, clockwise
    upright = pixels("a", saved(left_half_black(), "JPEG", exif=turned, quality=95), 28, 1)[0]
    assert upright[:11].mean() > 240  # what was left is on top
    assert upright[17:].mean() < 15


def test_the_whole_image_fits_unbent_and_the_rest_is_paper():
    wide = Image.new("L", (80, 20), 0)
    found = pixels("a", saved(wide), 28, 1)[0]
    inked = np.flatnonzero((found > 128).all(1))
    assert inked.tolist() == list(range(10, 17))  # 7 of 28 rows
    assert found[:9].max() == 0


def test_colours_are_kept_where_they_are_wanted():
    red = saved(Image.new("RGB", (10, 10), (255, 0, 0)))
    assert pixels("a", red, 16, 3)[:, 8, 8].tolist() == [0, 255, 255]  # ink is what white lacks
    assert pixels("a", red, 16, 1).shape == (1, 16, 16)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        pickle.dumps({"a": 1}),
        image()[:-20],
        image(kind="JPEG", mode="RGB")[:300],
        b"GIF89a" + bytes(100),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        saved(left_half_black("P"), "GIF"),
        saved(left_half_black(), "TIFF"),
    ],
    ids=["empty", "words", "pickle", "torn PNG", "torn JPEG", "torn GIF", "SVG", "GIF", "TIFF"],
)
def test_what_is_no_whole_image_of_a_known_kind_is_unreadable(content: bytes):
    with pytest.raises(Unreadable):
        pixels("a.png", content, 28, 1)


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header speaks of so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(8000, 8000), (12_000, 12_000), (60_000, 60_000)])
def test_an_image_over_the_limit_is_refused_by_its_header(size: tuple[int, int]):
    with pytest.raises(UserError, match=r"^huge\.png has .*50 million"):
        pixels("huge.png", png_that_says(*size), 28, 1)


def test_the_limit_is_in_millions():
    content = saved(Image.new("L", (1500, 1000)))
    pixels("a", content, 28, 1)
    with pytest.raises(UserError, match="has 2 million pixels, and at most 1 million are read"):
        pixels("a", content, 28, 1, limit=1)
