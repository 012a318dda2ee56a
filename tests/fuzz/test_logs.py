"""Event logs that are damaged or made up: refused, or everything that is made of a run can be made of it."""

import json
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from metaplay.engine import bundle
from metaplay.engine.store import RunStore
from metaplay.events import Changed, Checkpointed, Paced, StateChanged, to_line
from metaplay.text import UserError
from tests.fuzz import hostile, profile
from tests.fuzz.guard import folder, guarded
from tests.fuzz.looking import look
from tests.unit.charts.kept import keep
from tests.unit.engine.test_bundle import contents as unzipped
from tests.unit.engine.test_bundle import packed, zipped

_KINDS = (
    ("maml", "sinusoid"),
    ("mamlpp", "strokes"),
    ("protonet", "everyday"),
    ("maml", "nav2d"),
    ("maml", "pendulum"),
)
_MORE = [
    to_line(event).encode().strip()
    for event in (
        Changed(step=1, values={"inner_lr": 0.02}),
        Paced(pace=2.0),
        Checkpointed(step=1),
        StateChanged(state="preparing", done=0.5, reason="x"),
    )
]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("stores")


@cache
def real(folder: Path, kind: tuple[str, str]) -> dict[str, bytes]:
    """What a bundle of a run of this kind holds."""
    store = RunStore(folder / "real")
    return unzipped(packed(store, keep(store, *kind, steps=6)))


@st.composite
def _changed(draw: st.DrawFn, data: bytes) -> bytes:
    lines = data.splitlines()
    for _ in range(draw(st.integers(1, 2))):
        place = draw(st.integers(0, len(lines) - 1))
        act = draw(st.integers(0, 9))
        if act <= 5:
            lines[place] = hostile.json_of(draw(hostile.changed_json(json.loads(lines[place]))))
        elif act == 6:
            lines[place] = draw(hostile.changed_bytes(lines[place]))
        elif act == 7:
            lines.insert(place, draw(st.sampled_from([*lines, *_MORE])))
        elif act == 8:
            lines[place : place + draw(st.integers(1, 4))] = []
        else:
            lines.insert(
                place,
                draw(
                    st.sampled_from(
                        (
                            b"5",
                            b"[1]",
                            b'"x"',
                            b"null",
                            b' {"type":"probe"}',
                            b"{" * 10_000 + b"}",
                            b"[" * 100_000,
                            b"\0",
                            b"\xff",
                        )
                    )
                ),
            )
        if not lines:
            break
        try:  # what was changed is changed no further
            json.loads(lines[min(place, len(lines) - 1)])
        except (ValueError, RecursionError):
            break
    return draw(st.sampled_from((b"\n", b"\n", b"\r\n"))).join([*lines, b""])


@settings(profile.HOSTILE)
@given(st.data())
def test_a_log_is_refused_or_can_be_looked_at(root: Path, data: st.DataObject):
    files = real(root, data.draw(st.sampled_from(_KINDS)))
    files = {**files, "events.jsonl": data.draw(_changed(files["events.jsonl"]))}
    language = data.draw(st.sampled_from(("en", "zh")))
    with folder(root) as here, guarded(here):
        store = RunStore(here)
        run = hostile.attempt(lambda: bundle.unpack(store, BytesIO(zipped(files))), (UserError,))
        if run:
            look(store, run, language)


def test_a_log_that_nothing_is_wrong_with_can_be_looked_at(root: Path):
    for kind in _KINDS:
        store = RunStore(root / "whole")
        look(store, bundle.unpack(store, BytesIO(zipped(real(root, kind)))))
