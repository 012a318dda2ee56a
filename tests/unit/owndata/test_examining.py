"""Folders and ZIPs: classes by folder, every file accounted for, and what is dangerous refused in one sentence."""

import io
import os
import stat
import zipfile
from pathlib import Path

import pytest

from metaplay.owndata.examining import Found, examine
from metaplay.owndata.splits import deal
from metaplay.text import UserError
from tests.unit.owndata.making import by_class, image, packed

LETTERS = "abcdefgh"


def left(found: Found) -> dict[str, str]:
    return {item.name.en: item.reason.en for item in found.left}


def written(folder: Path, files: dict[str, bytes]) -> Path:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder


def test_a_zip_a_folder_and_an_open_file_give_the_same(tmp_path: Path):
    files = by_class(LETTERS)
    archive = packed(tmp_path / "set.zip", files)
    one = examine(archive, "set.zip")
    other = examine(written(tmp_path / "folder", files), "folder")
    third = examine(io.BytesIO(archive.read_bytes()), "set.zip")
    assert one.images is not None
    assert other.images is not None
    assert one.images.shape == (32, 1, 28, 28)
    assert one.about == other.about == third.about
    assert (one.images == other.images).all()
    assert [item.count for item in one.about.classes] == [4] * 8
    assert one.left == []


def test_names_may_be_of_any_script_and_nested_in_what_all_have_in_common(tmp_path: Path):
    names = ["猫", "狗", "ワニ", "Ёж", "été", "x y"]
    found = examine(packed(tmp_path / "a.zip", by_class(f"我的 图片/all/{name}" for name in names)), "a.zip")
    assert [item.name for item in found.about.classes] == sorted(names)


def test_a_zip_of_an_old_chinese_program_keeps_its_names(tmp_path: Path):
    names = ["猫", "狗", "马", "羊", "鸟", "鱼"]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        for name, content in by_class(names).items():
            archive.writestr(Cp437(name.encode("gb18030").decode("cp437")), content)
    found = examine(tmp_path / "b.zip", "b.zip")
    assert {item.name for item in found.about.classes} == set(names)


class Cp437(zipfile.ZipInfo):
    """An entry that is written with its name in the old code page."""

    def _encodeFilenameFlags(self):
        return self.filename.encode("cp437"), self.flag_bits & ~0x800


def test_the_splits_of_somebody_else_are_put_together(tmp_path: Path):
    files = by_class([f"train/{letter}" for letter in LETTERS]) | by_class(
        [f"test/{letter}" for letter in LETTERS[::-1]]
    )
    found = examine(packed(tmp_path / "a.zip", files), "a.zip")
    assert [item.name for item in found.about.classes] == list(LETTERS)
    assert found.about.examples + len(found.left) == 64


def test_every_file_that_is_not_taken_is_named_with_its_reason(tmp_path: Path):
    files = by_class(LETTERS) | {
        "a/torn.png": image(3)[:-30],
        "a/renamed.jpg": b"MZ this is a program",
        "a/model.pkl": b"\x80\x04cos\nsystem\n.",
        "a/notes.txt": b"hello",
        "loose.png": image(5),
        "b/again.png": image(31),
        "rare/1.png": image(1),
        "__MACOSX/a/._0.png": b"junk",
        "a/.DS_Store": b"junk",
    }
    found = examine(packed(tmp_path / "a.zip", files), "a.zip")
    assert left(found) == {
        "a/torn.png": "cannot be read, or breaks off",
        "a/renamed.jpg": "cannot be read, or breaks off",
        "a/model.pkl": "no PNG, JPEG or WebP image",
        "a/notes.txt": "no PNG, JPEG or WebP image",
        "loose.png": "not in a folder of a class",
        "b/again.png": "the same as b/0.png",
        "rare": "a class with fewer than 2 examples (1)",
    }
    assert found.about.examples == 32


def test_too_few_classes_are_refused_with_the_numbers(tmp_path: Path):
    with pytest.raises(UserError, match=r"^5 classes have 2 or more examples, and at least 6 are needed"):
        examine(packed(tmp_path / "a.zip", by_class("abcde")), "a.zip")
    with pytest.raises(UserError, match=r"^0 classes have"):
        examine(packed(tmp_path / "b.zip", {"readme.txt": b"x"}), "b.zip")


@pytest.mark.parametrize(
    "name", ["../evil.png", "a/../../evil.png", "/etc/evil.png", "C:/evil.png", "a\\..\\..\\e.png"]
)
def test_a_path_that_leads_out_is_refused(tmp_path: Path, name: str):
    with pytest.raises(UserError, match="leads out of the ZIP"):
        examine(packed(tmp_path / "a.zip", by_class(LETTERS) | {name: image()}), "a.zip")


@pytest.mark.parametrize("name", ["a/more.zip", "a/more.tar.gz", "b/x.7Z"])
def test_an_archive_in_an_archive_is_refused(tmp_path: Path, name: str):
    with pytest.raises(UserError, match="is an archive in an archive"):
        examine(packed(tmp_path / "a.zip", by_class(LETTERS) | {name: b"PK"}), "a.zip")


def test_a_symbolic_link_is_refused_in_a_zip_and_in_a_folder(tmp_path: Path):
    archive = packed(tmp_path / "a.zip", by_class(LETTERS))
    with zipfile.ZipFile(archive, "a") as opened:
        link = zipfile.ZipInfo("a/link.png")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(link, "/etc/passwd")
    folder = written(tmp_path / "folder", by_class(LETTERS))
    (folder / "a" / "link.png").symlink_to("/etc/passwd")
    other = written(tmp_path / "other", by_class(LETTERS))
    (other / "home").symlink_to("/")
    for source in (archive, folder, other):
        with pytest.raises(UserError, match="is a symbolic link, and none is followed"):
            examine(source, source.name)


def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path):
    bomb = tmp_path / "a.zip"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a/0.png", "w") as file:
        for _ in range(1100):
            file.write(bytes(1_000_000))
    assert bomb.stat().st_size < 2_000_000
    with pytest.raises(UserError, match=r"Unpacked, it would have 1,100 MB, and at most 1,000 MB are taken"):
        examine(bomb, "a.zip")


def test_a_file_that_is_longer_than_it_says_is_left_out(tmp_path: Path):
    content = image(1) + bytes(100_000)
    archive = packed(tmp_path / "a.zip", by_class(LETTERS) | {"a/liar.png": content})
    raw = archive.read_bytes().replace(len(content).to_bytes(4, "little"), (2000).to_bytes(4, "little"))
    found = examine(io.BytesIO(raw), "a.zip")
    assert left(found) == {"a/liar.png": "cannot be read, or breaks off"}


def test_the_limits_are_those_of_the_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    archive = packed(tmp_path / "a.zip", by_class(LETTERS) | {"a/long.txt": os.urandom(1_100_000)})
    folder = written(tmp_path / "folder", by_class(LETTERS))
    monkeypatch.setenv("METAPLAY_IMPORT_MB", "1")
    with pytest.raises(UserError, match=r"^The file has 1 MB, and at most 1 MB are taken.*METAPLAY_IMPORT_MB"):
        examine(archive, "a.zip")
    monkeypatch.delenv("METAPLAY_IMPORT_MB")
    monkeypatch.setenv("METAPLAY_IMPORT_UNPACKED_MB", "1")
    with pytest.raises(UserError, match=r"Unpacked, it would have"):
        examine(archive, "a.zip")
    with pytest.raises(UserError, match=r"32 images of this size would take 2 MB, and at most 1 MB are kept"):
        examine(folder, "folder", 128, 3)
    monkeypatch.setenv("METAPLAY_IMPORT_MEGAPIXELS", "1")
    with pytest.raises(UserError, match=r"^a/x\.png has 2 million pixels"):
        examine(written(tmp_path / "huge", by_class(LETTERS) | {"a/x.png": image(size=(1500, 1000))}), "huge")
    monkeypatch.setenv("METAPLAY_IMPORT_FILES", "31")
    for source in (archive, folder):
        with pytest.raises(UserError, match=r"^It holds more than 31 files"):
            examine(source, source.name)


def test_a_locked_zip_is_refused(tmp_path: Path):
    raw = bytearray(packed(tmp_path / "a.zip", by_class(LETTERS)).read_bytes())
    for mark, place in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = raw.find(mark)
        while start >= 0:
            raw[start + place] |= 1
            start = raw.find(mark, start + 4)
    with pytest.raises(UserError, match="is locked with a password"):
        examine(io.BytesIO(bytes(raw)), "a.zip")


@pytest.mark.parametrize("cut", [0, 10, 500, -1, -30])
def test_what_is_no_whole_zip_is_refused(tmp_path: Path, cut: int):
    raw = packed(tmp_path / "a.zip", by_class(LETTERS)).read_bytes()
    with pytest.raises(UserError, match="This is not a whole ZIP"):
        examine(io.BytesIO(raw[:cut]), "a.zip")


@pytest.mark.parametrize("name", ["set.rar", "set.npy", "set", "nothing.zip"])
def test_what_is_no_data_is_refused(tmp_path: Path, name: str):
    if "." in name and not name.startswith("nothing"):
        (tmp_path / name).write_bytes(b"x")
    with pytest.raises(UserError, match=r"bring a folder or a ZIP|no such file or folder"):
        examine(tmp_path / name, name)


def test_progress_goes_from_nothing_to_all(tmp_path: Path):
    told: list[float] = []
    examine(packed(tmp_path / "a.zip", by_class(LETTERS)), "a.zip", progress=told.append)
    assert told == [(number + 1) / 32 for number in range(32)]


def test_sentences_are_sorted_by_label_each_once(tmp_path: Path):
    lines = [f"{word} {number},{word}" for word in "uvwxyz" for number in range(3)]
    (tmp_path / "t.csv").write_text("\n".join(["text,label", *lines, "u 1,u", "alone,rare"]))
    found = examine(tmp_path / "t.csv", "t.csv")
    assert [item.name for item in found.about.classes] == list("uvwxyz")
    assert found.texts[0] == ["u 0", "u 1", "u 2"]
    assert left(found) == {"line 20": "the same as line 3", "rare": "a class with fewer than 2 examples (1)"}
    assert (found.about.kind, found.images) == ("text", None)


@pytest.mark.parametrize(
    ("classes", "sizes"),
    [(6, (2, 2, 2)), (10, (4, 3, 3)), (15, (5, 5, 5)), (20, (10, 5, 5)), (60, (36, 12, 12)), (101, (61, 20, 20))],
)
def test_classes_are_dealt_by_name_for_ever(classes: int, sizes: tuple[int, ...]):
    names = [f"class {number}" for number in range(classes)]
    dealt = deal(names)
    assert dealt == deal(reversed(names))
    assert tuple(list(dealt.values()).count(split) for split in ("train", "val", "test")) == sizes


def test_the_first_deal_is_the_last():
    assert [name for name, split in deal(LETTERS).items() if split == "test"] == FIXED
    assert sorted(deal(LETTERS)) == list(LETTERS)


FIXED = ["g", "a"]
