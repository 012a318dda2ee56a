"""MNIST: from a data root that is not written to, from a network, and from neither."""

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pytest
from torchvision.datasets import MNIST

from metaplay.tasks.cache import prepare, status
from metaplay.text import UserError

FILES = [f"{part}-{kind}-ubyte.gz" for part in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def server(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The real files, served on loopback; torchvision's only mirror."""
    handler = functools.partial(Quiet, directory=str(data_root / "MNIST" / "raw"))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as serving:
        thread = threading.Thread(target=serving.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{serving.server_port}/"
        monkeypatch.setattr(MNIST, "mirrors", [address])
        yield address
        serving.shutdown()
        thread.join()


def contents(folder: Path) -> dict[str, tuple[int, int]]:
    return {str(path): (path.stat().st_size, path.stat().st_mtime_ns) for path in folder.rglob("*")}


def test_the_real_set_is_prepared_without_touching_the_data_root(data_root: Path, fresh: Path, monkeypatch):
    raw = fresh / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for file in FILES:
        shutil.copy(data_root / "MNIST" / "raw" / file, raw)
        (raw / file).chmod(0o444)
    raw.chmod(0o555)
    before = contents(fresh / "data")
    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    told: list[float] = []
    images = prepare("mnist", told.append)
    assert contents(fresh / "data") == before
    assert images.pixels.shape == (10, 6313, 28, 28)
    assert images.names == list("0123456789")
    assert told == sorted(told)
    assert [path.name for path in (fresh / "cache").iterdir()] == [status("mnist").where.name]
    means = images.pixels.reshape(10, 6313, -1).mean(1)
    assert means.sum(1).argmin() == 1  # a one has the least ink, a nought the most
    assert means.sum(1).argmax() == 0
    test = images.pixels[:, 5421:].reshape(10, 892, -1).astype(float)
    training = images.pixels[:, :5421].reshape(10, 5421, -1).mean(1)
    nearest = (np.square(training).sum(1) - 2 * test @ training.T).argmin(-1)
    assert (nearest == np.arange(10)[:, None]).mean() == pytest.approx(0.82, abs=0.02)  # as is known of class means


def test_what_is_downloaded_is_kept_in_the_data_root(server: str, fresh: Path):
    assert status("mnist").state == "download"
    prepare("mnist")
    assert status("mnist").state == "ready"
    assert sorted(path.name for path in (fresh / "data" / "MNIST" / "raw").iterdir()) == sorted(FILES)


def test_a_data_root_that_cannot_be_written_does_not_stop_a_download(server: str, fresh: Path, monkeypatch):
    (fresh / "file").write_text("a file, so nothing can be made below it")
    monkeypatch.setenv("METAPLAY_DATA", str(fresh / "file" / "data"))
    assert prepare("mnist").names == list("0123456789")


def test_without_files_and_network_a_sentence_says_what_to_do(fresh: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(MNIST, "mirrors", ["http://127.0.0.1:9/"])
    with pytest.raises(UserError) as error:
        prepare("mnist")
    message = str(error.value)
    assert message.startswith(f"mnist: {', '.join(FILES)} not found in {fresh / 'data' / 'MNIST' / 'raw'}")
    assert "python -m metaplay data prepare mnist" in message
    assert "\n" not in message
    assert not list((fresh / "cache").iterdir())


def test_a_broken_file_is_named(fresh: Path):
    raw = fresh / "data" / "MNIST" / "raw"
    raw.mkdir(parents=True)
    (raw / FILES[0]).write_bytes(b"broken")
    with pytest.raises(UserError, match=f"^mnist: {raw / FILES[0]} is broken"):
        prepare("mnist")
    assert (raw / FILES[0]).read_bytes() == b"broken"
    assert not list((fresh / "cache").iterdir())
