"""Prepared once, whole or not at all: whatever else happens to the cache."""

import errno
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from metaplay.registry.vision import VISION
from metaplay.tasks.cache import NAMES, prepare, prepared, status
from metaplay.tasks.problems import unwritable
from metaplay.text import UserError

PREPARE = """
import hashlib, sys
from metaplay.registry.vision import VISION
from metaplay.tasks.cache import NAMES, prepare, status
states = [status(name).state for name in NAMES]
print(hashlib.sha256(prepare("strokes").pixels.tobytes()).hexdigest())
assert not {"torch", "torchvision", "PIL"} & set(sys.modules)
"""


def test_two_processes_at_once_prepare_the_same_whole_file(fresh: Path):
    both = [subprocess.Popen([sys.executable, "-c", PREPARE], stdout=subprocess.PIPE, text=True) for _ in range(2)]
    outputs = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len(outputs[0]) == 65
    assert outputs[0] == outputs[1]
    assert list((fresh / "cache").iterdir()) == [status("strokes").where]
    subprocess.run([sys.executable, "-c", PREPARE], check=True, timeout=60)


def test_what_is_prepared_loads_well_under_a_second():
    prepare("strokes")
    began = time.perf_counter()
    prepare("strokes")
    assert time.perf_counter() - began < 1


def test_status_goes_from_found_to_ready(tiny_omniglot: Path):
    before = status("omniglot")
    assert (before.state, before.where) == ("found", tiny_omniglot)
    assert not prepared("omniglot")
    prepare("omniglot")
    after = status("omniglot")
    assert after.state == "ready"
    assert after.where.is_file()
    assert after.size == after.where.stat().st_size
    assert prepared("omniglot")
    assert after.text.en != before.text.en


@pytest.mark.usefixtures("fresh")
def test_status_of_nothing():
    assert {name: status(name).state for name in NAMES} == {
        "strokes": "made",
        "omniglot": "download",
        **dict.fromkeys(VISION, "download"),
    }
    assert status("strokes").classes == 1200


@pytest.mark.usefixtures("tiny_omniglot")
def test_a_damaged_file_in_the_cache_is_made_again():
    pixels = prepare("omniglot").pixels
    file = status("omniglot").where
    for content in (b"", file.read_bytes()[:5000], bytes(1000)):
        file.write_bytes(content)
        assert (prepare("omniglot").pixels == pixels).all()
    assert file.stat().st_size > 5000


@pytest.mark.usefixtures("tiny_omniglot")
def test_what_a_killed_process_left_is_removed_after_a_day(fresh: Path):
    old, new = fresh / "cache" / ".mnist-old", fresh / "cache" / ".mnist-new"
    for folder in (old, new):
        folder.mkdir()
        (folder / "part").write_text("half")
    os.utime(old, (0, 0))
    prepare("omniglot")
    assert not old.exists()
    assert new.exists()


def test_a_write_that_fails_half_way_leaves_nothing(fresh: Path):
    """A limit on the size of files makes a real write fail in the middle, as a full disk does."""
    limited = (
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "from metaplay.tasks.cache import prepare\n"
        "from metaplay.text import UserError\n"
        "try: prepare('strokes')\n"
        "except UserError as error: print(error)"
    )
    done = subprocess.run([sys.executable, "-c", limited], capture_output=True, text=True, check=True, timeout=120)
    assert done.stdout.startswith(
        f"strokes: cannot be prepared in {fresh / 'cache'} (File too large): set METAPLAY_CACHE"
    )
    assert not list((fresh / "cache").iterdir())


def test_a_cache_that_cannot_be_made_is_said_in_a_sentence(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    (fresh / "file").write_text("a file, so nothing can be made below it")
    monkeypatch.setenv("METAPLAY_CACHE", str(fresh / "file" / "cache"))
    with pytest.raises(
        UserError, match=r"^strokes: cannot be prepared in .*: set METAPLAY_CACHE to a folder that can be"
    ):
        prepare("strokes")


def test_a_full_disk_is_called_a_full_disk(tmp_path: Path):
    message = str(unwritable("mnist", tmp_path, OSError(errno.ENOSPC, "No space left on device")))
    assert message.startswith(f"mnist: the disk of {tmp_path} is full: free some space there")
