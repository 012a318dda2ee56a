"""Bundles that are damaged or made up: refused and nothing kept, or a run that can be looked at and whose states can be read."""

import json
import struct
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaplay.engine import bundle, moments
from metaplay.engine.checkpoint import load_moment, save_checkpoint, save_moment
from metaplay.engine.store import RunStore
from metaplay.text import UserError
from metaplay.training import Snapshot, train
from tests.fuzz import hostile, profile
from tests.fuzz.guard import folder, guarded
from tests.fuzz.looking import look
from tests.unit.charts.kept import keep
from tests.unit.engine.test_bundle import contents, packed, zipped

_TENSORS = "checkpoint.safetensors"


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@pytest.fixture(scope="module")
def real(root: Path) -> bytes:
    """A bundle of a run that can be resumed."""
    store = RunStore(root / "real")
    run = keep(store, "maml", "sinusoid", steps=3)
    snapshot = train(store.config(run)).snapshot()
    save_checkpoint(store, run, Snapshot(3, snapshot.tensors, snapshot.meta))
    save_moment(store, run, Snapshot(1, snapshot.tensors, snapshot.meta))
    return packed(store, run)


def _opened(root: Path, data: bytes) -> None:
    with folder(root) as here, guarded(here):
        store = RunStore(here)
        run = hostile.attempt(lambda: bundle.unpack(store, BytesIO(data)), (UserError,))
        if run:
            look(store, run)
            for step in (None, *moments.kept(store, run)):
                hostile.attempt(lambda step=step: train(store.config(run), load_moment(store, run, step)), (UserError,))
        assert [item.name for item in here.iterdir()] == ([run] if run else [])


@settings(profile.HOSTILE)
@given(st.data())
def test_a_damaged_bundle_is_refused_or_whole(root: Path, real: bytes, data: st.DataObject):
    _opened(root, data.draw(hostile.changed_bytes(real)))


@settings(profile.HOSTILE)
@given(st.data())
def test_a_made_up_bundle_is_refused_or_whole(root: Path, real: bytes, data: st.DataObject):
    files = contents(real)
    name = data.draw(st.sampled_from(sorted(files)))
    if data.draw(st.booleans()):
        files[name] = data.draw(_content(name, files[name]))
        _opened(root, zipped(files))
    else:
        _opened(root, data.draw(hostile.archives(files)))


def _content(name: str, content: bytes) -> st.SearchStrategy[bytes]:
    """Something else in a file of a bundle; of tensors often only in what their header says."""
    if name.endswith(".safetensors"):
        return hostile.changed_bytes(content) | _header(content)
    if name.endswith(".json"):
        return hostile.changed_bytes(content) | _json(content)
    return hostile.changed_bytes(content)


def _json(content: bytes) -> st.SearchStrategy[bytes]:
    return hostile.changed_json(json.loads(content)).map(hostile.json_of)


@st.composite
def _header(draw: st.DrawFn, content: bytes) -> bytes:
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    if draw(st.booleans()):
        header["__metadata__"]["meta"] = hostile.json_of(
            draw(hostile.changed_json(json.loads(header["__metadata__"]["meta"])))
        ).decode("utf-8", "replace")
    else:
        header = draw(hostile.changed_json(header))
    text = hostile.json_of(header)
    return struct.pack("<Q", len(text)) + text + content[8 + length :]
