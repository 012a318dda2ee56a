"""Bundles: what is packed comes out equal elsewhere, and a stranger's file leaves nothing behind unless it is a whole bundle."""

import io
import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save

from metaplay.config import defaults
from metaplay.engine import bundle, labels, moments
from metaplay.engine.checkpoint import load_checkpoint, save_checkpoint, save_moment
from metaplay.engine.store import RunStore
from metaplay.events import Evaluated, Probe, Progress, RunEnded, RunStarted, StateChanged
from metaplay.text import UserError
from metaplay.training import Snapshot

CONFIG = defaults("maml", "sinusoid")
SNAPSHOT = Snapshot(
    2, {"weight": torch.arange(6.0).reshape(2, 3), "rng": torch.zeros(4, dtype=torch.uint8)}, {"a": [1]}
)
Contents = dict[str, bytes]


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "here")


@pytest.fixture
def elsewhere(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "elsewhere")


@pytest.fixture
def run(store: RunStore) -> str:
    """A finished run with everything that a run may have."""
    run = store.create(CONFIG)
    store.append(run, RunStarted(config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=6))
    ones = [1.0, 1.0]
    store.append(
        run,
        Progress(
            step=[1, 2], meta_loss=ones, loss_before=ones, loss_after=ones, outer_lr=ones, grad_norm=ones,
            seconds=0.5, tasks_per_second=50.0,
        ),
    )  # fmt: skip
    store.append(run, Probe(step=2, tasks=5, inner_steps=[0, 1], loss=[4.0, float("nan")], loss_ci95=[0.1, 0.1]))
    store.append(
        run,
        Evaluated(step=2, split="test", metric="mse", tasks=600, transductive=False, mean=[4.0, 0.5], ci95=[0.2, 0.1]),
    )
    store.append(run, RunEnded(status="finished", step=2, seconds=0.5))
    save_checkpoint(store, run, SNAPSHOT)
    save_moment(store, run, Snapshot(1, SNAPSHOT.tensors, SNAPSHOT.meta))
    labels.write(store, run, labels.label("My first", ["lecture", "5-way"]))
    return run


def packed(store: RunStore, run: str) -> bytes:
    file = io.BytesIO()
    bundle.pack(store, run, file, "<html>figures</html>")
    return file.getvalue()


def contents(data: bytes) -> Contents:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def zipped(files: Contents, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def refused(elsewhere: RunStore, data: bytes) -> str:
    """The reason why a file is refused, with nothing kept of it."""
    with pytest.raises(UserError) as caught:
        bundle.unpack(elsewhere, io.BytesIO(data))
    assert not elsewhere.root.exists() or list(elsewhere.root.iterdir()) == []
    return str(caught.value)


def test_what_is_packed_comes_out_equal_under_a_new_name(store: RunStore, elsewhere: RunStore, run: str):
    opened = bundle.unpack(elsewhere, io.BytesIO(packed(store, run)))
    assert elsewhere.list() == [opened]
    assert elsewhere.config(opened) == CONFIG
    for name in ("events.jsonl", "checkpoint.safetensors", "moments/0000001.safetensors"):
        assert (elsewhere.path(opened) / name).read_bytes() == (store.path(run) / name).read_bytes()
    assert labels.read(elsewhere, opened) == labels.Label("My first", ("lecture", "5-way"), origin=run)
    snapshot = load_checkpoint(elsewhere, opened)
    assert snapshot is not None
    assert torch.equal(snapshot.tensors["weight"], SNAPSHOT.tensors["weight"])
    assert moments.kept(elsewhere, opened) == [1]


def test_figures_for_people_are_in_it_and_never_read(store: RunStore, elsewhere: RunStore, run: str):
    files = contents(packed(store, run))
    assert files["report.html"] == b"<html>figures</html>"
    assert files["results.csv"].decode().splitlines() == [
        "meta_step,split,metric,tasks,transductive,inner_step,mean,ci95",
        "2,test,mse,600,False,0,4.0,0.2",
        "2,test,mse,600,False,1,0.5,0.1",
    ]
    assert files["training.csv"].decode().splitlines()[1] == "1,1.0,1.0,1.0,1.0,1.0"
    assert files["probes.csv"].decode().splitlines()[2] == "2,1,5,nan,0.1,,"
    opened = bundle.unpack(elsewhere, io.BytesIO(packed(store, run)))
    kept = {file.relative_to(elsewhere.path(opened)).as_posix() for file in elsewhere.path(opened).rglob("*.*")}
    assert kept == {
        "config.json", "events.jsonl", "label.json", "checkpoint.safetensors", "moments/0000001.safetensors",
    }  # fmt: skip


def test_a_run_that_was_going_is_interrupted_where_it_is_opened(store: RunStore, elsewhere: RunStore):
    run = store.create(CONFIG)
    store.append(run, RunStarted(config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=6))
    store.append(run, StateChanged(state="paused"))
    opened = bundle.unpack(elsewhere, io.BytesIO(packed(store, run)))
    assert elsewhere.state(opened).state == "interrupted"


def test_of_many_moments_as_many_are_taken_as_fit(store: RunStore, run: str, monkeypatch: pytest.MonkeyPatch):
    for step in range(2, 9):
        save_moment(store, run, Snapshot(step, SNAPSHOT.tensors, SNAPSHOT.meta))
    size = moments.path(store, run, 1).stat().st_size
    monkeypatch.setattr(bundle, "MOMENTS", 5 * size)
    names = [name for name in contents(packed(store, run)) if name.startswith("moments/")]
    assert names == [f"moments/{step:07d}.safetensors" for step in (1, 3, 5, 7)]


@pytest.mark.parametrize(
    "name",
    ["../evil.txt", "/etc/evil", "moments/../../evil", "..\\evil", "C:\\evil", "config.json/x", "error.txt",
     "moments/1.safetensors", "moments/0000001.pkl", "orders.json", "label.json"],
)  # fmt: skip
def test_a_file_of_any_other_name_is_refused(store: RunStore, elsewhere: RunStore, run: str, name: str):
    assert "not a whole metaplay bundle" in refused(elsewhere, zipped({**contents(packed(store, run)), name: b"x"}))
    assert not list(elsewhere.root.parent.glob("evil*"))


def test_a_bomb_is_refused_unopened(store: RunStore, elsewhere: RunStore, run: str, monkeypatch: pytest.MonkeyPatch):
    bomb = zipped({**contents(packed(store, run)), "config.json": b" " * (100 * bundle.MB)})
    assert len(bomb) < bundle.MB
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was opened"))
    assert "larger than any bundle" in refused(elsewhere, bomb)


def test_a_bomb_that_lies_about_its_size_is_refused(store: RunStore, elsewhere: RunStore, run: str):
    """Its table of contents says 1000 bytes; what is there unpacks to 100 MB."""
    files = contents(packed(store, run))
    bomb = bytearray(zipped({**files, "events.jsonl": b"\n" * (100 * bundle.MB)}))
    for signature, place in ((b"PK\1\2", 24), (b"PK\3\4", 22)):
        at = -1
        while (at := bomb.find(signature, at + 1)) >= 0:
            if struct.unpack_from("<L", bomb, at + place)[0] == 100 * bundle.MB:
                struct.pack_into("<L", bomb, at + place, 1000)
    assert "not a whole metaplay bundle" in refused(elsewhere, bytes(bomb))


def test_too_large_a_file_is_refused_unread(elsewhere: RunStore, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bundle, "LARGEST", 1000)
    assert "larger than any bundle" in refused(elsewhere, b"x" * 1001)


def test_a_huge_table_of_contents_is_refused_unread(elsewhere: RunStore, monkeypatch: pytest.MonkeyPatch):
    many = zipped({f"{number:05d}": b"" for number in range(3000)})
    monkeypatch.setattr(bundle, "ZipFile", lambda *_: pytest.fail("it was read"))
    assert "not a whole metaplay bundle" in refused(elsewhere, many)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.9, 0.999])
def test_a_file_that_broke_off_is_refused(store: RunStore, elsewhere: RunStore, run: str, share: float):
    whole = packed(store, run)
    assert "not a whole metaplay bundle" in refused(elsewhere, whole[: int(len(whole) * share)])


def test_a_flipped_bit_is_refused(store: RunStore, elsewhere: RunStore, run: str):
    whole = bytearray(packed(store, run))
    whole[whole.index(b"events.jsonl") + 40] ^= 4
    assert "not a whole metaplay bundle" in refused(elsewhere, bytes(whole))


def _tensors(change: Callable[[dict], object]) -> bytes:
    good = save({"a": torch.zeros(2, 3)}, {"step": "2", "meta": "{}"})
    length = int.from_bytes(good[:8], "little")
    header = json.loads(good[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + good[8 + length :]


WRONG = {
    "a pickle as a checkpoint": {"checkpoint.safetensors": b"\x80\x04cposix\nsystem\n"},
    "an empty checkpoint": {"checkpoint.safetensors": b""},
    "a header longer than the file": {"checkpoint.safetensors": (1 << 40).to_bytes(8, "little") + b"{}"},
    "no step": {"checkpoint.safetensors": _tensors(lambda header: header.pop("__metadata__"))},
    "a tensor past the end": {"checkpoint.safetensors": _tensors(lambda header: header["a"].update(data_offsets=[0, 240]))},
    "a shape that does not fit": {"checkpoint.safetensors": _tensors(lambda header: header["a"].update(shape=[9, 9]))},
    "a negative shape": {"checkpoint.safetensors": _tensors(lambda header: header["a"].update(shape=[-2, -3]))},
    "a type of nothing": {"checkpoint.safetensors": _tensors(lambda header: header["a"].update(dtype="object"))},
    "a moment at another step": {"moments/0000007.safetensors": save({"a": torch.zeros(1)}, {"step": "2", "meta": "{}"})},
    "an event of no kind": {"events.jsonl": b'{"at":1,"type":"evil"}\n'},
    "an event with more": {"events.jsonl": b'{"at":1,"type":"checkpointed","step":1,"more":1}\n'},
    "a probe whose lists differ": {
        "events.jsonl": b'{"at":1,"type":"probe","step":1,"tasks":1,"inner_steps":[0,1],"loss":[1.0],"loss_ci95":[1.0]}\n'
    },
    "a picture from elsewhere": {"events.jsonl": b'{"at":1,"type":"probe_task","pictures":["https://example.org/x.png"]}\n'},
    "an endless time": {"events.jsonl": b'{"at":"Infinity","type":"checkpointed","step":1}\n'},
    "another configuration in the log": {
        "config.json": defaults("reptile", "sinusoid").model_dump_json().encode(),
    },
    "no JSON": {"config.json": b"\xff"},
    "deep JSON": {"bundle.json": b"[" * 50_000},
    "a list": {"bundle.json": b"[]"},
    "another format": {"bundle.json": b'{"format": "other", "version": 1, "run": "", "name": "", "tags": []}'},
    "a name that leads away": {
        "bundle.json": b'{"format": "metaplay run", "version": 1, "run": "../x", "name": "", "tags": []}'
    },
}  # fmt: skip


@pytest.mark.parametrize("files", WRONG.values(), ids=WRONG.keys())
def test_wrong_content_is_refused(store: RunStore, elsewhere: RunStore, run: str, files: Contents):
    assert "not a whole metaplay bundle" in refused(elsewhere, zipped({**contents(packed(store, run)), **files}))


def test_a_missing_part_is_refused(store: RunStore, elsewhere: RunStore, run: str):
    for name in ("bundle.json", "config.json", "events.jsonl"):
        files = contents(packed(store, run))
        del files[name]
        assert "not a whole metaplay bundle" in refused(elsewhere, zipped(files))


def test_other_ways_of_packing_are_refused(store: RunStore, elsewhere: RunStore, run: str):
    files = contents(packed(store, run))
    assert "not a whole" in refused(elsewhere, zipped(files, zipfile.ZIP_BZIP2))


def test_a_newer_version_asks_for_an_update(store: RunStore, elsewhere: RunStore, run: str):
    files = contents(packed(store, run))
    about = {**json.loads(files["bundle.json"]), "version": 2}
    assert "update this one" in refused(elsewhere, zipped({**files, "bundle.json": json.dumps(about).encode()}))
    later = files["events.jsonl"].replace(b'"version":1', b'"version":2')
    assert "update this one" in refused(elsewhere, zipped({**files, "events.jsonl": later}))


def test_too_large_a_run_is_not_packed(store: RunStore, run: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(bundle._LIMITS, "events.jsonl", 10)
    with pytest.raises(UserError, match=r"too large for a bundle: its events\.jsonl"):
        packed(store, run)


def test_a_label_is_one_short_line(store: RunStore, run: str):
    label = labels.label("  two\nlines\t" + "x" * 100, ["A", "a ", "", "b\0c", *"defghi"])
    assert label.name == ("two lines " + "x" * 100)[:60]
    assert label.tags == ("A", "b c", "d", "e", "f", "g")
    labels.write(store, run, label)
    assert labels.read(store, run) == label
