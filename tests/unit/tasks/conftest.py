"""Fresh folders, families to sample from, and a tiny Omniglot."""

import io
import zipfile
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from metaplay.tasks import omniglot

CHARACTERS = {"images_background": 3, "images_evaluation": 2}
"""A tiny Omniglot's numbers of characters."""


@pytest.fixture
def fresh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with an empty cache and an empty data root, which the settings point to."""
    for name in ("cache", "data"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(f"METAPLAY_{name.upper()}", str(tmp_path / name))
    return tmp_path


@pytest.fixture
def tiny_omniglot(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two ZIPs like Omniglot's, with few characters, in a fresh data root: its folder. There is no network."""
    monkeypatch.setattr(omniglot, "PARTS", CHARACTERS)
    folder = fresh / "data" / "omniglot-py"
    folder.mkdir()
    for number, (part, characters) in enumerate(CHARACTERS.items()):
        with zipfile.ZipFile(folder / f"{part}.zip", "w") as archive:
            for character in range(1, characters + 1):
                for drawing in range(1, 21):
                    name = f"{part}/Old_Script_{number}/character{character:02}/{character:04}_{drawing:02}.png"
                    archive.writestr(name, drawing_png(10 * character, 2 * drawing))
    return folder


def drawing_png(x: int, y: int) -> bytes:
    """A black square of 20 pixels with its corner at x, y, on white: 105x105 and 1 bit, as Omniglot's drawings are."""
    image = Image.new("1", (105, 105), 1)
    ImageDraw.Draw(image).rectangle((x, y, x + 19, y + 19), fill=0)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()
