"""An image file as a small square of pixels. Knows PNG, JPEG and WebP, and opens nothing else."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from metaplay.text import Text, UserError

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
_FORMATS = ("PNG", "JPEG", "WEBP")
_TOO_MANY_PIXELS = Text(
    "{name} has {size:,.0f} million pixels, and at most {limit:,} million are read: make it smaller, or raise METAPLAY_IMPORT_MEGAPIXELS.",
    "{name} 有 {size:,.0f} 百万像素，上限为 {limit:,} 百万：请缩小图像，或提高 METAPLAY_IMPORT_MEGAPIXELS。",
)
_BOMB = Text(
    "{name} has far more pixels than are read, {limit:,} million: make it smaller.",
    "{name} 的像素远超上限 {limit:,} 百万：请缩小图像。",
)

_SCAN, _MOST_SCANS = b"\xff\xda", 64
"""What each pass over a JPEG begins with, and how many there may be: programs write ten, and each takes as long as the first."""


class Unreadable(Exception):
    """It is no whole image of a kind that is read."""


def area(content: bytes) -> int:
    """The pixels of an image, of which none is read. Raises Unreadable."""
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            return image.width * image.height
    except Exception as error:  # as in `pixels`
        raise Unreadable(str(error)) from error


def pixels(name: str, content: bytes, side: int, channels: int, limit: int) -> NDArray[np.uint8]:
    """The whole image, upright, made to fit [channels, side, side] (antialiased; what is left is paper): ink 255 on 0.

    White is 0, as in the other sets, and so is what is transparent. Raises Unreadable, and UserError for one that has more
    than `limit` million pixels, which is known before any is read.
    """
    try:
        with Image.open(io.BytesIO(content), formats=_FORMATS) as image:
            if image.format == "JPEG" and content.count(_SCAN) > _MOST_SCANS:
                raise Unreadable("too many scans")
            if image.width * image.height > limit * 1_000_000:
                size = image.width * image.height / 1e6
                raise UserError(_TOO_MANY_PIXELS.fill(name=name, size=size, limit=limit))
            image.draft("L" if channels == 1 else "RGB", (2 * side, 2 * side))  # a large JPEG is read smaller at once
            small = _fitted(image, side, "L" if channels == 1 else "RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UserError(_BOMB.fill(name=name, limit=limit)) from error
    except (UserError, Unreadable):
        raise
    except Exception as error:  # Pillow raises much: OSError, ValueError, SyntaxError, struct.error, ...
        raise Unreadable(str(error)) from error
    ink = 255 - np.asarray(small)
    return ink[None] if channels == 1 else ink.transpose(2, 0, 1)


def _fitted(image: Image.Image, side: int, mode: str) -> Image.Image:
    """In this mode, on a square sheet of white paper, as large as it can be without being bent."""
    image.load()
    if image.mode.startswith(("I", "F")):  # 16 or 32 bits a pixel, which would be cut off at 255
        wide = np.asarray(image)  # of whole numbers, as no format that is read has others
        image = Image.fromarray((wide.clip(0, 65_535) // (257 if wide.max() > 255 else 1)).astype(np.uint8))
    upright = ImageOps.exif_transpose(image)
    if upright.has_transparency_data:
        clear = upright.convert("RGBA")
        upright = Image.new("RGBA", clear.size, "white")
        upright.alpha_composite(clear)
    scale = side / max(upright.size)
    width, height = (max(1, round(scale * length)) for length in upright.size)
    small = upright.convert(mode).resize((width, height), Image.Resampling.LANCZOS)
    sheet = Image.new(mode, (side, side), "white")
    sheet.paste(small, ((side - width) // 2, (side - height) // 2))
    return sheet
