"""What charts share: ids that Plotly can look for, and arrays made small without changing what they say."""

import re
from pathlib import Path

import numpy as np
import pytest

from metaplay.charts import style
from metaplay.config import defaults, revise
from metaplay.registry import ALGORITHMS

from .synthetic import run


def test_ids_of_traces_are_names_that_a_selector_can_end_in():
    """Plotly raises a SyntaxError for `.cb1 · MAML · Length 60` when it takes a chart apart, as it does to save it."""
    names = ["train-after", "1 · MAML · Length 60", "2 · MAML · Length 60", "a.b", "中文"]
    figure = style.made({"data": [{"type": "scatter", "uid": name} for name in names], "layout": {}})
    ids = [trace["uid"] for trace in figure.to_dict()["data"]]
    assert (ids[0], ids[-1]) == ("train-after", "中文")
    assert all(re.fullmatch(r"[\w-]+", uid) for uid in ids)
    assert len(set(ids)) == len(ids)


def test_decimation_keeps_every_point_of_a_short_run():
    x, y = style.decimate([1, 2, 3], [5.0, 1.0, 3.0])
    assert x.tolist() == [1, 2, 3]
    assert y.tolist() == [5, 1, 3]


@pytest.mark.parametrize("count", [256, 257, 1000, 4096, 10_000, 99_999])
def test_decimation_stays_small_ends_at_the_latest_step_and_keeps_the_mean(count: int):
    steps = np.arange(1, count + 1)
    values = np.random.default_rng(count).normal(3, 1, count)
    x, y = style.decimate(steps.tolist(), values.tolist())
    width = 2 ** int(np.ceil(np.log2(count / style.LIMIT))) if count > style.LIMIT else 1
    full = count // width
    assert len(x) == len(y) <= style.LIMIT
    assert x[-1] == count
    assert y[:full].mean() == pytest.approx(values[: full * width].mean())
    assert y[-1] == pytest.approx(values[-width:].mean())
    assert np.all(np.diff(x) > 0)


def test_points_already_drawn_stay_while_the_run_grows():
    values = np.random.default_rng(0).normal(size=1000)
    steps = np.arange(1, 1001)
    earlier, later = (style.decimate(steps[:n].tolist(), values[:n].tolist()) for n in (900, 1000))
    for before, after in zip(earlier, later, strict=True):
        assert before[:-1].tolist() == after[: len(before) - 1].tolist()


def test_numbers_are_short_and_what_is_not_finite_is_a_gap():
    assert style.numbers([1 / 3, 123456.0, float("nan"), float("inf")]) == [0.3333, 123500.0, None, None]


def test_only_errors_of_wide_span_get_a_logarithmic_axis():
    layout = {"uirevision": "r"}
    near, far = (
        style.error_axis("e", layout, [1.0, 19.0, 0.0]),
        style.error_axis("e", layout, [0.1], [float("nan"), 2.0]),
    )
    assert near["type"] == "linear"
    assert far["type"] == "log"
    assert near["uirevision"] != far["uirevision"]
    returns = style.error_axis("e", layout, [float("nan"), 50.0, 0.5], [-315.0])
    assert returns["type"] == "linear"


def test_fading_goes_from_grey_to_the_colour():
    assert style.faded("#0072B2", 0) == style.GREY
    assert style.faded("#0072B2", 1) == "#0072B2"
    assert style.clear("#0072B2", 0.2) == "rgba(0,114,178,0.2)"


def test_adaptation_is_read_after_the_steps_of_training_else_after_the_last():
    history = run("maml", "sinusoid", 10, inner_steps=3)
    reptile = run("reptile", "sinusoid", 10, inner_steps=5, test_inner_steps=50)
    joint = run("joint", "sinusoid", 10)
    assert style.adapted(history.config or defaults("maml", "sinusoid"), history.probes[0]) == 3
    # Step 5 of 50 is not measured: 3 is the nearest that is.
    assert reptile.config
    assert reptile.probes[0].inner_steps[style.adapted(reptile.config, reptile.probes[0])] == 3
    assert style.adapted(revise(defaults("joint", "sinusoid"), {}), joint.probes[0]) == 10


def test_algorithm_colours_come_from_the_registry():
    for name, algorithm in ALGORITHMS.items():
        assert style.colour(run(name, "strokes", 0)) == algorithm.colour


def test_every_chart_is_made_in_the_one_place_that_decides_whether_plotly_checks_it():
    folder = Path(style.__file__).parent
    assert [path.name for path in folder.rglob("*.py") if "go.Figure(" in path.read_text("utf-8")] == ["style.py"]
