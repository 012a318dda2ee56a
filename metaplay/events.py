"""The events of a run: what `train` yields, what the log holds, what every chart is drawn from. Version 1.

One JSON object a line. `type` tells them apart; `at` is the time in seconds since 1970. Losses are means over tasks;
accuracies are from 0 to 1; a list "per inner step" starts with step 0, before adaptation.
"""

import time
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from metaplay.registry import Metric

VERSION = 1


class _Event(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")
    at: float = Field(default_factory=time.time)


class RunStarted(_Event):
    """Training begins, or goes on from the checkpoint at step `resumed_from`. `config` is what it then goes by."""

    type: Literal["started"] = "started"
    version: int = VERSION
    config: dict[str, Any]
    device: str
    threads: int
    versions: dict[str, str]
    parameters: int
    classes: dict[str, int] = {}
    split_digest: str = ""
    resumed_from: int | None = None


class ProbeTask(_Event):
    """The watched probe task: one fixed held-out task that is drawn while training goes on. Comes once, after RunStarted.

    Classification: `pictures`, one PNG data URI a class, the class's first support example. Regression: the true curve
    `truth_y` over `grid_x`, the support points, and the `regions` (edges along x) in which the error is counted. Text: the
    sentences of the `support` set, and the `queries` with their true labels `truth`; `floor` is the accuracy of nearest
    centroid by TF-IDF, mean over all probe tasks. Of tasks to act in: the `goal` (and whatever else tells the task), and `oracle`,
    the return of one who is told it, mean over all probe tasks.
    """

    type: Literal["probe_task"] = "probe_task"
    pictures: list[str] = []
    names: list[str] = []
    grid_x: list[float] = []
    truth_y: list[float] = []
    support_x: list[float] = []
    support_y: list[float] = []
    regions: list[float] = []
    support: list[str] = []
    queries: list[str] = []
    truth: list[int] = []
    floor: float | None = None
    goal: list[float] = []
    oracle: float | None = None


class Progress(_Event):
    """Meta-steps since the last Progress, an entry each. `before` and `after` are before and after the inner steps.

    `loss_before` is the support loss at the starting point, which has the same expectation as the query loss there (neither
    set was seen yet) and costs no extra pass. Of tasks to act in, losses are minus the mean return. `metric_*` is accuracy, and
    empty for regression. `seconds` is training time
    so far, without pauses and probes, at the last of these steps.
    """

    type: Literal["progress"] = "progress"
    step: list[int]
    meta_loss: list[float]
    loss_before: list[float]
    loss_after: list[float]
    metric_before: list[float] = []
    metric_after: list[float] = []
    outer_lr: list[float]
    grad_norm: list[float]
    seconds: float
    tasks_per_second: float


class Probe(_Event):
    """The fixed held-out probe tasks, adapted from the starting point of this moment. Nothing is learned from them.

    Measured after the inner steps `inner_steps` (from 0, before adaptation, to the last; a long walk is not measured after
    every step): `loss`, `accuracy` and their CI95 over `tasks` tasks. Of the watched task: `class_accuracy` per measured step
    and class, `confusion` [true class][predicted class] counts after the last inner step, `curves` [i][grid point] after
    inner step `curve_steps[i]`. `region_error` per measured step and region is the mean squared error over all probe tasks.

    `rates`, of algorithms that learn them: the inner rate of each adapted parameter for each inner step of training, or one for
    all steps; means where a parameter has many. `layer_change`: how far each layer has moved, |fast - theta| / |theta|, per
    measured step, mean over the tasks (NaN for a layer that starts at zero); empty where nothing adapts by steps.
    `order_cosine`, of algorithms that differentiate through their inner steps: the cosine between the exact meta-gradient
    and the first-order one, over the tasks. `step_seconds` is what a meta-step takes, and `memory` bytes: the
    most that was in use on a GPU since the run began, else what the process holds.

    `path_x` and `path_y`, of tasks to act in: where a few agents of the watched task went, per measured step, agent and time step
    (some of the time steps, and the last). `poses`, of bodies: how one of them stood, per measured step and time step, its place and
    the angles of its joints (metaplay.charts.skeletons says which). `loss` is minus the return.

    `per_task`, in logs since races: accuracy (else the loss) of each task after the last inner step. The
    tasks are the same in all runs on these tasks, so that runs can be compared task by task. `answers`, of text: the class that
    each query of the watched task is taken for, per measured step.
    """

    type: Literal["probe"] = "probe"
    step: int
    tasks: int
    inner_steps: list[int]
    loss: list[float]
    loss_ci95: list[float]
    accuracy: list[float] = []
    accuracy_ci95: list[float] = []
    class_accuracy: list[list[float]] = []
    confusion: list[list[int]] = []
    curve_steps: list[int] = []
    curves: list[list[float]] = []
    region_error: list[list[float]] = []
    rates: dict[str, list[float]] = {}
    layer_change: dict[str, list[float]] = {}
    order_cosine: float | None = None
    step_seconds: float | None = None
    memory: int | None = None
    per_task: list[float] = []
    answers: list[list[int]] = []
    path_x: list[list[list[float]]] = []
    path_y: list[list[list[float]]] = []
    poses: list[list[list[float]]] = []


class Changed(_Event):
    """Settings were changed while the run was going: these `values` hold from the meta-step after `step` on."""

    type: Literal["changed"] = "changed"
    step: int
    values: dict[str, float]


class Paced(_Event):
    """From here on the run does at most `pace` meta-steps a second; None is full speed."""

    type: Literal["paced"] = "paced"
    pace: float | None


class Rejection(BaseModel):
    """How well a learner says "none of these" of queries that are out of scope: of none of their task's classes.

    A query is rejected where the score of its most likely class is below `threshold`, the one that did best on validation tasks
    (the greatest sum of the two shares below). Means and CI95 over tasks: of the out-of-scope queries the share `rejected`; of
    the others the share `kept` and told right; and `auroc`, how often one of the latter has a higher score than one of the former.
    `inside` and `outside` count the scores of both kinds in even bins from 0 to 1.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    threshold: float
    rejected: tuple[float, float]
    kept: tuple[float, float]
    auroc: tuple[float, float]
    inside: list[int]
    outside: list[int]


class Evaluated(_Event):
    """The figure to report: mean over `tasks` tasks of `split`, per inner step, with CI95 = 1.96 * std / sqrt(tasks).

    A return is the sum of a trajectory's rewards; `oracle`, of tasks to act in: mean and CI95 of the return of one who is told the
    task. Higher is better, but `per_task` is as in Probe.

    Classification, after the last inner step: `per_class` {class: (accuracy, its queries)} and `confused`, the most frequent
    mistakes (true class, predicted class, how often). A run's own log leaves both out where there are many classes.
    `per_task` is each task's value after the last inner step, as in Probe. `floor`, of text: mean and CI95 of nearest centroid
    by TF-IDF on the same tasks. `rejection`, of runs that are asked out-of-scope queries: the learner's by its largest
    probability, and by the largest cosine that of nearest centroid by TF-IDF.
    """

    type: Literal["evaluated"] = "evaluated"
    step: int
    split: Literal["train", "val", "test"]
    metric: Metric
    tasks: int
    transductive: bool
    mean: list[float]
    ci95: list[float]
    per_class: dict[str, tuple[float, int]] = {}
    confused: list[tuple[str, str, int]] = []
    per_task: list[float] = []
    floor: tuple[float, float] | None = None
    rejection: tuple[Rejection, Rejection] | None = None
    oracle: tuple[float, float] | None = None


class Checkpointed(_Event):
    """A checkpoint of this step is on disk; the run can be resumed from it."""

    type: Literal["checkpointed"] = "checkpointed"
    step: int


class StateChanged(_Event):
    """The run waits in the queue, prepares its data, was paused, goes on, or lost its worker (`reason` says how)."""

    type: Literal["state"] = "state"
    state: Literal["queued", "preparing", "paused", "running", "interrupted"]
    reason: str = ""
    done: float = 0.0


class RunEnded(_Event):
    """Nothing more comes, unless the run is resumed (then a RunStarted follows)."""

    type: Literal["ended"] = "ended"
    status: Literal["finished", "stopped", "failed"]
    reason: str = ""
    step: int
    seconds: float


Event = Annotated[
    RunStarted | ProbeTask | Progress | Probe | Changed | Paced | Evaluated | Checkpointed | StateChanged | RunEnded,
    Field(discriminator="type"),
]
_ADAPTER: TypeAdapter[Event] = TypeAdapter(Event)


def to_line(event: Event) -> str:
    """One line of the log, newline included. What is no finite number is written as the text "NaN", "Infinity" or "-Infinity"."""
    return event.model_dump_json() + "\n"


def from_line(line: str | bytes) -> Event:
    """The event of one line. Raises pydantic.ValidationError where the line is not one."""
    return _ADAPTER.validate_json(line)


def from_lines(data: bytes) -> Iterator[Event]:
    """The events of whole lines. What a crash tore off in mid-line is no JSON and is passed over.

    Raises pydantic.ValidationError where there is JSON that is no event.
    """
    for line in data.splitlines():
        try:
            yield from_line(line)
        except ValidationError as error:
            if error.errors()[0]["type"] != "json_invalid":
                raise
