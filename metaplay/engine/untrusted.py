"""Checks of what a stranger's file says, before anything here relies on it: tensors' headers and event logs. No torch.

All raise ValueError where it is not what metaplay writes.
"""

import json
import math
from itertools import pairwise
from typing import Any

from metaplay.config import parse
from metaplay.events import VERSION, Evaluated, Event, Probe, ProbeTask, Progress, RunStarted, from_lines

_LONGEST_HEADER = 1 << 20
_LONGEST_TEXT = 20_000
_BYTES = {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1}
"""Bytes a value, of the types that a checkpoint may hold."""
_MOST = 1 << 40
"""No count in a run is as great."""
_PICTURE = "data:image/png;base64,"
_ACTED = {"nav2d": (2, 0), "pendulum": (2, 1), "cheetah-vel": (1, 9), "cheetah-dir": (1, 9)}
"""Of families of tasks to act in: how many numbers tell a task, and how many a pose has at least."""
_FAR = 1e6
"""Nobody goes as far."""


class TooNew(ValueError):
    """It was written by a version of metaplay that is newer than this one."""


def check_tensors(data: bytes) -> int:
    """Check a checkpoint without reading its tensors, and return its meta-step.

    The format is that of safetensors: the header's length in 8 bytes (little end first), the header as JSON, the values.
    """
    length = int.from_bytes(data[:8], "little")
    _require(len(data) >= 8 and length <= min(len(data) - 8, _LONGEST_HEADER))
    header = json.loads(data[8 : 8 + length])
    about = header.pop("__metadata__")
    _require(isinstance(json.loads(about["meta"]), dict))
    spans = sorted(_span(tensor) for tensor in header.values())
    _require(all(before[1] == after[0] for before, after in pairwise([(0, 0), *spans])))
    _require((spans[-1][1] if spans else 0) == len(data) - 8 - length)
    step = int(about["step"])
    _require(0 <= step <= _MOST)
    return step


def _span(tensor: dict[str, Any]) -> tuple[int, int]:
    """First byte of a tensor, and the byte after its last."""
    start, end = tensor["data_offsets"]
    shape = tensor["shape"]
    _require(all(isinstance(size, int) and 0 <= size <= _MOST for size in (start, end, *shape)) and len(shape) <= 8)
    _require(end - start == math.prod(shape) * _BYTES[tensor["dtype"]])
    return start, end


def check_log(data: bytes) -> list[Event]:
    """The events of a whole log. A line that a crash tore off is passed over, as everywhere. Raises TooNew."""
    events: list[Event] = []
    family: str | None = None
    task: ProbeTask | None = None
    for event in from_lines(data):
        _check_event(event)
        match event:
            case RunStarted():
                found = parse(event.config).family
                _require(family in (None, found))
                family = found
            case ProbeTask():
                task = event
                _require(len(task.goal) == _ACTED.get(family or "", (0, 0))[0] and _near(task.goal))
            case Probe():
                if event.answers:
                    _check_answers(task, event)
                if event.path_x or event.path_y or event.poses:
                    _check_acted(family, task, event)
        events.append(event)
    return events


def _check_event(event: Event) -> None:
    """That an event's lists fit together and its counts are sane, so that whatever draws it can rely on that."""
    _require("at" in event.model_fields_set and math.isfinite(event.at))
    match event:
        case RunStarted():
            if event.version > VERSION:
                raise TooNew
            parse(event.config)
        case ProbeTask():
            _same(event.grid_x, event.truth_y)
            _same(event.support_x, event.support_y)
            _same(event.queries, event.truth)
            _require(all(0 <= label < len(event.names) for label in event.truth))
            _require(all(picture.startswith(_PICTURE) for picture in event.pictures))
        case Progress():
            _same(event.step, event.meta_loss, event.loss_before, event.loss_after, event.outer_lr, event.grad_norm)
            _require(len(event.step) > 0 and all(0 <= step <= _MOST for step in event.step))
            _same(event.metric_before, event.metric_after)
            _require(len(event.metric_after) in (0, len(event.step)))
        case Probe():
            _check_probe(event)
        case Evaluated():
            _same(event.mean, event.ci95)
            _require(len(event.mean) > 0)
        case _:
            _require(len(getattr(event, "reason", "")) <= _LONGEST_TEXT)


def _check_probe(probe: Probe) -> None:
    _same(probe.inner_steps, probe.loss, probe.loss_ci95)
    _require(len(probe.inner_steps) > 0)
    _require(all(0 <= step <= _MOST for step in (probe.step, *probe.inner_steps, *probe.curve_steps)))
    _same(probe.accuracy, probe.accuracy_ci95)
    for table in (probe.accuracy, probe.class_accuracy, probe.region_error, *probe.layer_change.values()):
        _require(len(table) in (0, len(probe.inner_steps)))
    _same(probe.curve_steps, probe.curves)
    for table in (probe.class_accuracy, probe.region_error, probe.curves, probe.confusion):
        _require(len({len(row) for row in table}) <= 1)
    _require(all(probe.rates.values()))


def _check_answers(task: ProbeTask | None, probe: Probe) -> None:
    """That what the queries of the watched task are taken for are classes of it."""
    _require(task is not None and len(task.names) > 0 and len(probe.answers) == len(probe.inner_steps))
    for row in probe.answers:
        _same(row, task.truth if task else [])
        _require(all(0 <= label < len(task.names if task else []) for label in row))


def _check_acted(family: str | None, task: ProbeTask | None, probe: Probe) -> None:
    """That every agent of the watched task went somewhere, and that every pose is one of the family's body."""
    _require(family in _ACTED and task is not None)
    for table in (probe.path_x, probe.path_y, probe.poses):
        _require(len(table) in (0, len(probe.inner_steps)))
    _same(probe.path_x, probe.path_y)
    for across, up in zip(probe.path_x, probe.path_y, strict=True):
        _same(across, up)
        _require(len(across) > 0)
        for x, y in zip(across, up, strict=True):
            _same(x, y)
            _require(len(x) > 0 and _near(x) and _near(y))
    poses = [pose for step in probe.poses for pose in step]
    _require(len({len(step) for step in probe.poses}) <= 1 and len({len(pose) for pose in poses}) <= 1)
    if probe.poses:
        _require(len(probe.poses[0]) > 1 and len(poses[0]) >= _ACTED[family or ""][1] > 0)
        _require(all(map(_near, poses)))


def _near(values: list[float]) -> bool:
    return all(abs(value) <= _FAR for value in values)


def _same(*lists: list[Any]) -> None:
    _require(len({len(one) for one in lists}) == 1)


def _require(so: bool) -> None:
    if not so:
        raise ValueError("not what metaplay writes")
