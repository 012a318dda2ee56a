"""Which runs the Runs page shows, in which order, and what their rows say."""

import pytest

from metaplay.config import defaults
from metaplay.engine.labels import Label
from metaplay.engine.listing import Listed
from metaplay.engine.store import RunState
from metaplay.events import Evaluated
from metaplay.ui.library.rows import Wanted, chosen, row


def _listed(number: int, algorithm: str, family: str, mean: float | None = None, state: str = "finished") -> Listed:
    metric = "mse" if family == "sinusoid" else "accuracy"
    tested = None if mean is None else Evaluated(
        step=1, split="test", metric=metric, tasks=9, transductive=False, mean=[0.1, mean], ci95=[0, 0.01]
    )  # fmt: skip
    label = Label("Monday", ("lecture",)) if number == 3 else Label()
    run = f"20260101-00000{number}-abcdef"
    return Listed(run, defaults(algorithm, family), RunState(state, step=1, seconds=60 - number), tested, label)


RUNS = [
    _listed(1, "maml", "sinusoid", 2.0),
    _listed(2, "reptile", "sinusoid", float("nan"), "failed"),
    _listed(3, "maml", "strokes", 0.7),
    _listed(4, "protonet", "strokes", 0.9),
    _listed(5, "anil", "sinusoid", 0.5),
    _listed(6, "anil", "sinusoid", None, "running"),
]


def _order(wanted: Wanted, sort: str) -> list[int]:
    return [int(listed.run[14]) for listed in chosen(RUNS, wanted, sort)]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("started", [1, 2, 3, 4, 5, 6]),
        ("-started", [6, 5, 4, 3, 2, 1]),
        ("result", [4, 3, 5, 1, 2, 6]),
        ("-duration", [1, 2, 3, 4, 5, 6]),
        ("algorithm", [1, 3, 5, 6, 4, 2]),
    ],
)
def test_runs_are_sorted_and_those_without_a_result_come_last(sort: str, order: list[int]):
    assert _order(Wanted(), sort) == order


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (Wanted("MONDAY strokes"), [3]),
        (Wanted("lect"), [3]),
        (Wanted("000002"), [2]),
        (Wanted("monday sinusoid"), []),
        (Wanted(states=["failed", "running"]), [2, 6]),
        (Wanted(families=["strokes"], algorithms=["protonet", "anil"]), [4]),
    ],
)
def test_what_is_wanted_is_found(wanted: Wanted, found: list[int]):
    assert _order(wanted, "started") == found


def test_a_row_says_what_is_so_in_both_languages():
    shown = row(RUNS[2], [0.2, 0.7], "en")
    assert (shown.name, shown.tags, shown.state, shown.tone) == ("Monday", ("lecture",), "Finished", "done")
    assert (shown.result, shown.curve, shown.curve_alt) == ("70.0 ± 1.0 %", [20, 70], "Accuracy from 20% to 70%")
    assert shown.about == "5-way 1-shot, 1,500 steps"
    assert row(RUNS[2], [], "zh").state == "已完成"


def test_an_errors_curve_is_drawn_between_its_ends_and_passes_over_what_diverged():
    assert row(RUNS[0], [100.0, 10.0, float("inf"), 1.0], "en").curve == [100, 50, 0]
    assert row(RUNS[0], [2.0, 2.0], "en").curve == [50, 50]
    assert row(RUNS[0], [], "en").curve == []
