"""What fuzzing found in files that people bring, and what was found by thinking of it: each stays mended."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from metaplay.owndata import examining, files, pictures, tables
from metaplay.owndata.examining import examine
from metaplay.text import UserError
from tests.fuzz.hostile import zip_of
from tests.unit.owndata.making import by_class, image, packed

SIX = ["a", "b", "c", "d", "e", "f"]


def test_an_entry_without_a_name_is_refused():
    with pytest.raises(UserError, match="leads out"):
        examine(io.BytesIO(zip_of([(b"a/0.png", image()), (b"", b"x")], {})), "x.zip")


@pytest.mark.parametrize("first", ["text\rlabel", "a" * 140_000 + ",label", 'text,"' + "x" * 140_000])
def test_a_first_line_that_is_none_of_a_csv_is_said_to_have_no_columns(first: str):
    with pytest.raises(UserError, match="No columns"):
        tables.rows(f"{first}\nhi,greet\n".encode(), ".csv")


def test_text_of_which_nothing_can_be_seen_is_no_text():
    lines = b'{"text": "\\u202e\\ud800", "label": "greet"}\n{"text": "hi", "label": "\\u0000"}\n'
    found, left, _ = tables.rows(lines, ".jsonl")
    assert not found
    assert left == [(1, tables.NO_TEXT), (2, tables.NO_LABEL)]


def test_folders_that_all_have_in_common_are_left_out_however_many():
    deep = ("a",) * 30_000
    assert examining._bare([(*deep, f"class {n}") for n in range(400)]) == [(f"class {n}",) for n in range(400)]
    assert examining._bare([("top", "a"), ("top", "a", "b")]) == [("a",), ("a", "b")]
    assert examining._bare([("top",), ("top", "b")]) == [("top",), ("top", "b")]
    assert examining._bare([]) == []


def test_a_jpeg_of_endless_scans_is_not_read():
    buffer = io.BytesIO()
    Image.new("L", (64, 64), 200).convert("RGB").save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    last = whole[whole.rfind(b"\xff\xda") : -2]
    assert pictures.pixels("a.jpg", whole, 28, 1, 50).shape == (1, 28, 28)
    with pytest.raises(pictures.Unreadable, match="scans"):
        pictures.pixels("a.jpg", whole[:-2] + 100 * last + whole[-2:], 28, 1, 50)


def test_images_may_have_only_so_many_pixels_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = packed(
        tmp_path / "x.zip", {**by_class(SIX), **{f"a/large{n}.png": image(n, (2000, 1000)) for n in range(3)}}
    )
    assert examine(archive, "x.zip").about.examples == 25  # the large ones are alike
    monkeypatch.setenv("METAPLAY_IMPORT_UNPACKED_MB", "1")
    with pytest.raises(UserError, match="more than 4 million pixels"):
        examine(archive, "x.zip")


@pytest.mark.parametrize("top", [200, 65_535])
def test_wide_images_keep_their_shades(top: int):
    shades = np.linspace(0, top, 28 * 28).astype(np.uint16).reshape(28, 28)
    buffer = io.BytesIO()
    Image.fromarray(shades).save(buffer, "PNG")
    found = pictures.pixels("a.png", buffer.getvalue(), 28, 1, 50)
    assert (255 - found[0] == np.minimum(shades // (257 if top > 255 else 1), 255)).all()


def test_names_that_newer_zipfiles_take_from_an_extra_field_are_taken_as_they_are():
    class Entry:
        filename, flag_bits = "名/字.png", 0

    assert files._name(Entry(), files._encoding([Entry()])) == "名/字.png"  # type: ignore[arg-type]
