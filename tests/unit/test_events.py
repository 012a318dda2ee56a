"""Events: what is written is what is read, line by line; what is no event is refused."""

import json
import math

import pytest
from pydantic import ValidationError

from metaplay.config import defaults
from metaplay.events import (
    Changed,
    Checkpointed,
    Evaluated,
    Event,
    Probe,
    ProbeTask,
    Progress,
    RunEnded,
    RunStarted,
    StateChanged,
    from_line,
    to_line,
)

EVENTS: list[Event] = [
    RunStarted(
        config=defaults("mamlpp", "strokes").model_dump(),
        device="CPU",
        threads=2,
        versions={"torch": "2.15.0"},
        parameters=1761,
        classes={"train": 800},
        split_digest="ab",
        resumed_from=40,
    ),
    ProbeTask(pictures=["data:image/png;base64,AA=="], names=["一"], grid_x=[-5.0, 5.0], regions=[-5.0, 0.0, 5.0]),
    Progress(
        step=[1, 2],
        meta_loss=[3.5, 3.25],
        loss_before=[4.0, 4.0],
        loss_after=[3.0, 2.0],
        outer_lr=[1e-3, 1e-3],
        grad_norm=[1.5, 0.5],
        seconds=0.125,
        tasks_per_second=400.0,
    ),
    Probe(
        step=2,
        tasks=64,
        inner_steps=[0, 1],
        loss=[4.0, 2.0],
        loss_ci95=[0.5, 0.25],
        class_accuracy=[[0.2, 0.4], [1.0, 0.6]],
        confusion=[[5, 0], [2, 3]],
        rates={"head.bias": [0.4, -0.25]},
        layer_change={"head": [0.0, 0.5]},
        order_cosine=0.9375,
        step_seconds=0.25,
        memory=2**33,
    ),
    Changed(step=2, values={"inner_lr": 0.5, "inner_steps": 3}),
    Evaluated(
        step=2,
        split="test",
        metric="accuracy",
        tasks=600,
        transductive=True,
        mean=[0.2, 0.9],
        ci95=[0.01, 0.02],
        per_class={"a": (0.75, 4), "b": (1.0, 3)},
        confused=[("a", "b", 1)],
    ),
    Checkpointed(step=2),
    StateChanged(state="preparing", reason="Omniglot", done=0.5),
    RunEnded(status="failed", reason="The loss is no longer a number.", step=2, seconds=0.125),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_event_comes_back_from_its_line(event: Event):
    line = to_line(event)
    assert line.count("\n") == 1
    assert line.endswith("\n")
    assert from_line(line) == from_line(line.encode()) == event


def test_every_type_of_event_is_tried_here():
    schema_types = {
        "started",
        "probe_task",
        "progress",
        "probe",
        "evaluated",
        "checkpointed",
        "changed",
        "state",
        "ended",
    }
    assert {event.type for event in EVENTS} == schema_types


def test_an_evaluation_of_before_there_were_classes_in_it_is_still_read():
    line = (
        '{"at": 1.0, "type": "evaluated", "step": 2, "split": "test", "metric": "mse", "tasks": 600, "transductive": false,'
        ' "mean": [4.0, 0.5], "ci95": [0.25, 0.125]}'
    )
    found = from_line(line)
    assert isinstance(found, Evaluated)
    assert (found.mean, found.per_class, found.confused) == ([4.0, 0.5], {}, [])


def test_a_probe_of_before_there_were_rates_in_it_is_still_read():
    line = '{"at": 1.0, "type": "probe", "step": 2, "tasks": 64, "inner_steps": [0, 1], "loss": [4.0, 2.0], "loss_ci95": [0.5, 0.25]}'
    found = from_line(line)
    assert isinstance(found, Probe)
    assert (found.loss, found.rates) == ([4.0, 2.0], {})


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: event.type)
def test_an_unknown_field_is_refused(event: Event):
    with pytest.raises(ValidationError, match="Extra inputs"):
        from_line(json.dumps({**json.loads(to_line(event)), "colour": "red"}))


@pytest.mark.parametrize("line", ["", "{", '{"type": "fanfare"}', '{"at": 1.0}', "[]", to_line(EVENTS[2])[:-20]])
def test_what_is_no_event_is_refused(line: str):
    with pytest.raises(ValidationError):
        from_line(line)


def test_numbers_that_are_none_survive_and_the_line_is_json_that_any_reader_takes():
    broken = Progress(
        step=[1], meta_loss=[math.nan], loss_before=[math.inf], loss_after=[-math.inf], outer_lr=[1.0], grad_norm=[1.0],
        seconds=1.0, tasks_per_second=1.0,
    )  # fmt: skip

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} is not JSON")

    json.loads(to_line(broken), parse_constant=refuse)
    read = from_line(to_line(broken))
    assert isinstance(read, Progress)
    assert math.isnan(read.meta_loss[0])
    assert (read.loss_before, read.loss_after) == ([math.inf], [-math.inf])
