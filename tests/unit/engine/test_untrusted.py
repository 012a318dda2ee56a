"""Logs and checkpoints of strangers: what fuzzing and reading found stays mended."""

import io
import json
from typing import Any

import pytest

from metaplay.config import defaults
from metaplay.engine import bundle, untrusted
from metaplay.engine.store import RunStore
from metaplay.events import Probe, ProbeTask, RunStarted, to_line
from metaplay.text import UserError
from metaplay.training import Snapshot, train


@pytest.mark.parametrize("line", [b"5", b"[1]", b'"x"', b"null", b' {"type":"probe"}', b'{"type":"bogus"}'])
def test_a_log_with_json_that_is_no_event_is_refused(line: bytes):
    with pytest.raises(ValueError, match="validation error"):
        untrusted.check_log(line + b"\n")


def test_an_event_of_no_time_is_refused():
    """It would be of another time whenever it is read."""
    with pytest.raises(ValueError, match="not what metaplay writes"):
        untrusted.check_log(b'{"type":"paced","pace":2.0}\n')


def test_what_a_crash_tore_off_is_passed_over():
    assert untrusted.check_log(b'{"type":"pro\n\xff\0\n' + b"[" * 10_000 + b"\n") == []


def _told(names: list[str], truth: list[int], answers: list[list[int]]) -> bytes:
    task = ProbeTask(names=names, queries=["a"] * len(truth), truth=truth)
    probe = Probe(step=0, tasks=1, inner_steps=[0], loss=[1.0], loss_ci95=[0.1], answers=answers)
    return (to_line(task) + to_line(probe)).encode()


def test_answers_must_be_of_the_tasks_classes():
    assert len(untrusted.check_log(_told(["x", "y"], [0, 1], [[1, 1]]))) == 2
    for wrong in (
        _told(["x"], [1], [[0]]),
        _told(["x"], [0], [[1]]),
        _told(["x"], [0], [[0, 0]]),
        _told(["x"], [-1], [[0]]),
        _told([], [], [[]]),
    ):
        with pytest.raises(ValueError, match="not what metaplay writes"):
            untrusted.check_log(wrong)


def _acted(family: str, goal: list[float], **shown: Any) -> bytes:
    config = defaults("maml", family).model_dump()
    started = RunStarted(config=config, device="CPU", threads=1, versions={}, parameters=1)
    probe = Probe(step=0, tasks=1, inner_steps=[0, 1], loss=[1.0, 0.5], loss_ci95=[0.1, 0.1], **shown)
    return "".join(map(to_line, (started, ProbeTask(goal=goal), probe))).encode()


WENT = [[[0.0, 0.1], [0.0, 0.2]]] * 2
"""Two agents, before adaptation and after a step."""
SWUNG = [[[0.1], [0.2], [0.3]]] * 2


def test_what_agents_did_must_fit_the_task_and_the_body():
    plane, rod = {"path_x": WENT, "path_y": WENT}, {"poses": SWUNG}
    assert len(untrusted.check_log(_acted("nav2d", [0.3, 0.1], **plane))) == 3
    assert len(untrusted.check_log(_acted("pendulum", [0.3, 0.6], **rod))) == 3
    for wrong in (
        _acted("nav2d", [], **plane),
        _acted("nav2d", [0.3], **plane),
        _acted("nav2d", [0.3, 1e300], **plane),
        _acted("nav2d", [0.3, float("nan")], **plane),
        _acted("nav2d", [0.3, 0.1], path_x=WENT),
        _acted("nav2d", [0.3, 0.1], path_x=WENT[:1], path_y=WENT[:1]),
        _acted("nav2d", [0.3, 0.1], path_x=WENT, path_y=[WENT[0][:1], WENT[1]]),
        _acted("nav2d", [0.3, 0.1], path_x=[[[]], [[]]], path_y=[[[]], [[]]]),
        _acted("nav2d", [0.3, 0.1], path_x=[[], []], path_y=[[], []]),
        _acted("nav2d", [0.3, 0.1], path_x=WENT, path_y=[[[0.0, 1e9], [0.0, 0.2]]] * 2),
        _acted("pendulum", [0.3], **rod),
        _acted("pendulum", [0.3, 0.6], poses=SWUNG[:1]),
        _acted("pendulum", [0.3, 0.6], poses=[[[0.1]]] * 2),
        _acted("pendulum", [0.3, 0.6], poses=[[[], []]] * 2),
        _acted("pendulum", [0.3, 0.6], poses=[[], []]),
        _acted("pendulum", [0.3, 0.6], poses=[SWUNG[0], SWUNG[0][:2]]),
        _acted("cheetah-vel", [1.0], **rod),
        _acted("sinusoid", [], **plane),
        _acted("nav2d", [0.3, 0.1]) + _acted("pendulum", [0.3, 0.6]),
    ):
        with pytest.raises(ValueError, match="not what metaplay writes"):
            untrusted.check_log(wrong)


def test_a_checkpoint_of_an_impossible_step_is_refused():
    header = json.dumps({"__metadata__": {"step": "1" + "0" * 100, "meta": "{}"}}).encode()
    with pytest.raises(ValueError, match="not what metaplay writes"):
        untrusted.check_tensors(len(header).to_bytes(8, "little") + header)


def test_a_checkpoint_that_lacks_something_is_said_to_be_damaged():
    config = defaults("maml", "sinusoid")
    whole = train(config).snapshot()
    for tensors, meta in (
        ({}, whole.meta),
        (whole.tensors, {"config": whole.meta["config"]}),
        ({**whole.tensors, "rng": whole.tensors["rng"][:3]}, whole.meta),
    ):
        with pytest.raises(UserError, match="damaged"):
            train(config, Snapshot(0, tensors, meta))
    with pytest.raises(UserError, match="another configuration"):
        train(config, Snapshot(0, whole.tensors, {"config": [1]}))


def test_a_sentence_marks_what_cannot_be_seen_and_is_no_longer_than_can_be_read():
    error = UserError(bundle._TOO_NEW.__class__("a\0\u202e\ud800b" + "x" * 100_000 + "the end", "中"))
    assert error.text.en.startswith("a���b")
    assert error.text.en.endswith("the end")
    assert len(error.text.en) < 2000
    assert str(error) == error.text.en


def test_no_bundle_is_empty_bytes(tmp_path):
    with pytest.raises(UserError):
        bundle.unpack(RunStore(tmp_path), io.BytesIO(b""))
