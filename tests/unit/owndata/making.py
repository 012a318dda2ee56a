"""Files as people bring them, made by the tests."""

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from metaplay.tasks.sentences import sentences
from metaplay.tasks.strokes import alphabet


def image(place: int = 0, size: tuple[int, int] = (40, 40), mode: str = "L", kind: str = "PNG", **more) -> bytes:
    """An image file: a dark square on white, whose place is another for each number."""
    width, height = size
    ink = np.full((height, width), 255, np.uint8)
    x, y = place % (width - 8), place // (width - 8) * 3 % (height - 8)
    ink[y : y + 8, x : x + 8] = 0
    buffer = io.BytesIO()
    Image.fromarray(ink).convert(mode).save(buffer, kind, **more)
    return buffer.getvalue()


def by_class(classes: Iterable[str], each: int = 4) -> dict[str, bytes]:
    """Path -> content: so many different images in a folder of each class."""
    return {
        f"{name}/{number}.png": image(7 * number + 31 * place)
        for place, name in enumerate(classes)
        for number in range(each)
    }


def packed(path: Path, files: Mapping[str, bytes]) -> Path:
    """A ZIP of the files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def drawings(path: Path, classes: int = 60) -> Path:
    """A ZIP of 20 invented drawings of each class."""
    files = {}
    for number in range(classes):
        invented = alphabet(number // 20, seed=99)
        for drawing, ink in enumerate(invented.pixels[number % 20]):
            buffer = io.BytesIO()
            Image.fromarray(255 - ink).save(buffer, "PNG")
            files[f"signs/{invented.names[number % 20]}/{drawing:02}.png"] = buffer.getvalue()
    return packed(path, files)


def intents(path: Path, classes: int = 30, each: int = 6) -> Path:
    """A CSV of sentences that people wrote, each with its intent."""
    held = sentences("everyday")
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["text", "label"])
        for name, texts in zip(held.names[:classes], held.texts, strict=False):
            table.writerows([text, name] for text in texts[:each])
    return path


def sentences_with_vectors(path: Path, classes: int = 9, each: int = 6, dims: int = 6) -> Path:
    """A JSONL of sentences, each with a vector near one of its class."""
    rng = np.random.default_rng(4)
    lines = []
    for number in range(classes):
        centre = rng.normal(size=dims)
        for i in range(each):
            vector = (centre + 0.3 * rng.normal(size=dims)).round(4).tolist()
            lines.append(json.dumps({"text": f"sentence {number} {i}", "label": f"class {number}", "vector": vector}))
    path.write_text("\n".join(lines))
    return path
