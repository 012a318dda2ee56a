"""Omniglot: the real set, and ZIPs, folders and networks as they may be."""

import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import Omniglot

from metaplay.tasks import omniglot
from metaplay.tasks.cache import prepare, prepared, status
from metaplay.text import UserError

from .conftest import drawing_png
from .nearest import accuracy


@pytest.mark.usefixtures("data_root")
def test_the_real_set_is_as_hard_as_published_for_nearest_neighbour():
    images = prepare("omniglot")
    assert images.names[0] == "Alphabet of the Magi 01"
    assert len({name.rsplit(" ", 1)[0] for name in images.names}) == 50
    evaluation = images.pixels[964:]
    assert accuracy(evaluation, 5, 1, 600) == pytest.approx(0.426, abs=0.02)
    assert accuracy(evaluation, 5, 5, 300) == pytest.approx(0.650, abs=0.02)


def test_zips_are_read_without_unpacking(tiny_omniglot: Path):
    told: list[float] = []
    images = prepare("omniglot", told.append)
    assert images.pixels.shape == (5, 20, 28, 28)
    assert images.names == [
        "Old Script 0 01",
        "Old Script 0 02",
        "Old Script 0 03",
        "Old Script 1 01",
        "Old Script 1 02",
    ]
    assert told == sorted(told)
    assert told[-1] == 1.0
    assert sorted(path.name for path in tiny_omniglot.iterdir()) == ["images_background.zip", "images_evaluation.zip"]
    square = images.pixels[1, 4] / 255  # 20 x 20 of 105 pixels, from (20, 10): ink 1, in order of its drawing number
    rows, columns = np.nonzero(square > 0.5)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (3, 7, 5, 10)
    assert square[5, 7] > 0.95
    assert square[20, 20] == 0


@pytest.mark.usefixtures("tiny_omniglot")
def test_unpacked_folders_give_the_same_as_zips(tiny_omniglot: Path, fresh: Path):
    zipped = prepare("omniglot")
    shutil.rmtree(fresh / "cache")
    for file in tiny_omniglot.glob("*.zip"):
        zipfile.ZipFile(file).extractall(tiny_omniglot)
        file.unlink()
    assert status("omniglot").state == "found"
    unpacked = prepare("omniglot")
    np.testing.assert_array_equal(zipped.pixels, unpacked.pixels)
    assert zipped.names == unpacked.names


def truncate(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-2000])


def damage(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[200:260] = bytes(60)
    file.write_bytes(content)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def lose_a_drawing(file: Path) -> None:
    rewrite(file, drop=1)


def wrong_size(file: Path) -> None:
    rewrite(file, replace=b"not a PNG")


def rewrite(file: Path, drop: int = 0, replace: bytes | None = None) -> None:
    with zipfile.ZipFile(file) as archive:
        content = {name: archive.read(name) for name in archive.namelist()[drop:]}
    if replace is not None:
        content[next(iter(content))] = replace
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in content.items():
            archive.writestr(name, data)


@pytest.mark.parametrize("spoil", [truncate, damage, empty, lose_a_drawing, wrong_size])
def test_a_broken_zip_is_named_and_nothing_half_written_stays(spoil, tiny_omniglot: Path, fresh: Path):
    file = tiny_omniglot / "images_evaluation.zip"
    spoil(file)
    with pytest.raises(UserError) as error:
        prepare("omniglot")
    message = str(error.value)
    assert message.startswith(f"omniglot: {file} is broken (")
    assert "python -m metaplay data prepare omniglot" in message
    assert "\n" not in message
    assert not prepared("omniglot")
    assert not list((fresh / "cache").iterdir())


def test_names_that_lead_out_of_the_zip_write_nothing(tiny_omniglot: Path, fresh: Path):
    file = tiny_omniglot / "images_evaluation.zip"
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr("../../../escaped.png", drawing_png(0, 0))
        archive.writestr("images_evaluation/Old_Script_1/character01/../../../escaped.png", drawing_png(0, 0))
    assert len(prepare("omniglot").names) == 5
    assert not list(fresh.rglob("escaped.png"))
    assert not list(fresh.parent.glob("escaped.png"))


def test_an_oversized_member_is_not_unpacked(tiny_omniglot: Path):
    file = tiny_omniglot / "images_evaluation.zip"
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images_evaluation/Old_Script_1/character03/0003_01.png", bytes(omniglot.LARGEST + 1))
    assert len(prepare("omniglot").names) == 5


def test_without_files_and_network_a_sentence_says_what_to_do(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(Omniglot, "download_url_prefix", "http://127.0.0.1:9")
    assert status("omniglot").state == "download"
    with pytest.raises(UserError) as error:
        prepare("omniglot")
    message = str(error.value)
    assert message.startswith(f"omniglot: images_background.zip not found in {fresh / 'data' / 'omniglot-py'}")
    assert "python -m metaplay data prepare omniglot" in message
    assert "METAPLAY_DATA" in message
    assert "\n" not in message
    assert not list((fresh / "cache").iterdir())
    assert not list((fresh / "data").iterdir())
