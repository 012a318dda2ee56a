"""Each figure shows the history's own numbers, in the look that the whole project has agreed on."""

from typing import Any

import numpy as np
import pytest

from metaplay.charts import bars, classes, fitted, loss, plane, rates, regions, style, trajectory
from metaplay.config.pillars import PILLARS, RADIUS
from metaplay.history import History
from metaplay.registry import ALGORITHMS

from .synthetic import run, untyped

SINE, STROKES = run("maml", "sinusoid", 200), run("mamlpp", "strokes", 200)


def traces(figure: Any) -> dict[str, Any]:
    return {trace.uid: trace for trace in figure.data}


def test_loss_lines_are_the_history_and_before_is_dashed_grey():
    found = traces(loss.loss_curves(SINE, "en", "light"))
    for when in ("before", "after"):
        assert list(found[f"train-{when}"].x) == SINE.progress["step"]
        assert list(found[f"train-{when}"].y) == style.numbers(SINE.progress[f"loss_{when}"])
    assert list(found["probe-before"].y) == style.numbers([probe.loss[0] for probe in SINE.probes])
    assert list(found["probe-after"].y) == style.numbers([probe.loss[1] for probe in SINE.probes])
    assert found["probe-after"].name == "held-out, after 1 step"
    for kind in ("train", "probe"):
        before, after = found[f"{kind}-before"].line, found[f"{kind}-after"].line
        assert (before.color, before.dash) == (style.GREY, "dash")
        assert (after.color, after.dash) == (ALGORITHMS["maml"].colour, "solid")
    assert found["probe-after"].marker.symbol == ALGORITHMS["maml"].symbol


def test_classification_is_read_as_accuracy_unless_loss_is_asked_for():
    accuracy, entropy = loss.loss_curves(STROKES, "en", "light"), loss.loss_curves(STROKES, "en", "light", "loss")
    assert list(traces(accuracy)["train-after"].y) == style.numbers(STROKES.progress["metric_after"])
    assert list(traces(entropy)["train-after"].y) == style.numbers(STROKES.progress["loss_after"])
    assert untyped(accuracy).layout.yaxis.title.text == "accuracy"
    assert untyped(entropy).layout.yaxis.title.text == "cross-entropy (nats)"
    # Chance of five ways.
    assert untyped(accuracy).layout.shapes[0].y0 == 0.2


def test_the_band_of_a_long_run_holds_the_middle_80_percent_of_each_bin():
    history = run("maml", "sinusoid", 2048)
    shape = traces(loss.loss_curves(history, "en", "light"))["train-after-band"]
    count = len(shape.y) // 2
    raw = np.asarray(history.progress["loss_after"]).reshape(count, -1)
    assert list(shape.y[:count]) == style.numbers(np.quantile(raw, 0.9, axis=1))
    assert list(shape.y[count:]) == style.numbers(np.quantile(raw, 0.1, axis=1)[::-1])


def test_joint_training_has_one_line_for_it_does_not_adapt_and_scratch_has_none():
    joint, scratch = (
        loss.loss_curves(run(name, "sinusoid", n), "en", "light") for name, n in (("joint", 50), ("scratch", 0))
    )
    assert [uid for uid in traces(joint) if "train" in uid] == ["train-after-band", "train-after"]
    assert traces(joint)["train-after"].name == "train"
    assert list(traces(scratch)) == ["probe-before", "probe-after"]


def test_the_trajectory_now_is_the_last_probe_with_its_ci95():
    probe = STROKES.probes[-1]
    figure = trajectory.adaptation_trajectory(STROKES, "en", "light")
    now, band = traces(figure)["now"], traces(figure)["ci95"]
    assert list(now.x) == probe.inner_steps
    assert list(now.y) == style.numbers(probe.accuracy)
    count = len(probe.accuracy)
    mean, ci95 = np.asarray(probe.accuracy), np.asarray(probe.accuracy_ci95)
    assert list(band.x) == [*probe.inner_steps, *probe.inner_steps[::-1]]
    assert list(band.y[:count]) == style.numbers(np.minimum(mean + ci95, 1))
    assert list(band.y[count:]) == style.numbers((mean - ci95)[::-1])
    assert max(trace.line.width for trace in untyped(figure).data) == now.line.width


def test_a_long_trajectory_uses_the_steps_that_were_measured():
    history = run("reptile", "sinusoid", 100, inner_steps=5, test_inner_steps=50)
    figure = trajectory.adaptation_trajectory(history, "en", "light")
    assert list(traces(figure)["now"].x) == history.probes[-1].inner_steps
    assert untyped(figure).layout.xaxis.range[1] >= 50
    mark = next(shape for shape in untyped(figure).layout.shapes if shape.type == "line")
    assert mark.x0 == mark.x1 == 5
    assert untyped(figure).layout.annotations[0].text == "trained for 5 steps"


def test_without_inner_steps_in_training_nothing_is_marked():
    assert not untyped(trajectory.adaptation_trajectory(run("joint", "sinusoid", 20), "en", "light")).layout.shapes


def test_moments_are_the_start_some_log_spaced_ones_and_now():
    probes = run("maml", "sinusoid", 10_000).probes
    shown = [probe.step for probe in trajectory.moments(probes)]
    assert shown[0] == 0
    assert shown[-1] == 10_000
    assert shown[1:-1] == [400, 1000, 3000]  # a probe every 200: the first at or after 300 is 400
    assert trajectory.moments(probes[:1]) == probes[:1]
    assert trajectory.moments([]) == []


def test_moments_stay_where_they_were_while_the_run_grows():
    probes = run("maml", "sinusoid", 10_000).probes
    sizes = [len(probes) - back for back in (20, 10, 0)]
    middles = [{probe.step for probe in trajectory.moments(probes[:size])[1:-1]} for size in sizes]
    assert middles[0] == middles[1] == middles[2]


def test_the_fit_shows_truth_support_and_a_curve_per_inner_step():
    figure = traces(fitted.fitted_curve(SINE, "en", "dark"))
    task, probe = SINE.task, SINE.probes[-1]
    assert task
    assert list(figure["truth"].y) == style.numbers(task.truth_y)
    assert list(figure["support"].x) == style.numbers(task.support_x)
    assert list(figure["support"].y) == style.numbers(task.support_y)
    assert figure["support"].marker.symbol is None  # Plotly's own default is the filled circle
    assert (figure["fit-0"].line.color, figure["fit-0"].line.dash) == (style.GREY, "dash")
    last = figure["fit-10"]
    assert list(last.y) == style.numbers(probe.curves[-1])
    assert (last.line.color, last.line.dash, last.opacity) == (ALGORITHMS["maml"].colour, "solid", 1)


@pytest.mark.parametrize("steps", [[0], [0, 1], list(range(11)), [0, 1, 2, 3, 8, 14, 50]])
def test_the_curves_shown_are_few_and_have_first_and_last(steps: list[int]):
    places = fitted.chosen(steps)
    assert places[0] == 0
    assert places[-1] == len(steps) - 1
    assert len(places) == min(len(steps), fitted.SHOWN)


@pytest.mark.parametrize("way", [2, 5, 20])
def test_class_bars_stand_over_their_own_pictures(way: int):
    history = run("maml", "strokes", 30, way=way)
    figure, probe = classes.class_accuracy(history, "en", "light"), history.probes[-1]
    assert history.task
    assert list(traces(figure)["before"].y) == style.numbers(probe.class_accuracy[0])
    assert list(traces(figure)["after"].y) == style.numbers(probe.class_accuracy[-1])
    assert [image.source for image in untyped(figure).layout.images] == history.task.pictures
    assert [image.x for image in untyped(figure).layout.images] == list(range(way)) == list(traces(figure)["after"].x)
    assert untyped(figure).layout.shapes[0].y0 == pytest.approx(1 / way)


def test_confusion_counts_are_the_probes_and_true_classes_are_rows():
    figure = classes.confusion(STROKES, "en", "light")
    assert [list(row) for row in untyped(figure).data[0].z] == STROKES.probes[-1].confusion
    assert untyped(figure).layout.yaxis.title.text == "true class"
    assert untyped(figure).layout.yaxis.autorange == "reversed"


def test_region_bars_stand_in_the_middle_of_their_regions():
    figure, probe = regions.region_error(SINE, "en", "light"), SINE.probes[-1]
    found = traces(figure)
    assert list(found["after"].x) == [-4.5 + place for place in range(10)]
    assert list(found["before"].y) == style.numbers(probe.region_error[0])
    assert list(found["after"].y) == style.numbers(probe.region_error[-1])
    assert found["after"].marker.color == ALGORITHMS["maml"].colour


def test_region_bars_on_a_logarithmic_axis_have_a_floor_below_the_least():
    history = run("maml", "sinusoid", 10_000)
    axis, probe = untyped(regions.region_error(history, "en", "light")).layout.yaxis, history.probes[-1]
    assert axis.type == "log"
    assert 10 ** axis.range[0] <= min(probe.region_error[-1])
    assert 10 ** axis.range[1] >= max(probe.region_error[0])


def test_bars_before_are_hollow_grey_and_after_filled():
    before, after = bars.pairs(SINE, [0.0], [[1.0], [0.5]], ["a"], ".2f", "en")
    assert before["marker"]["line"]["color"] == style.GREY
    assert after["marker"]["color"] == ALGORITHMS["maml"].colour


@pytest.mark.parametrize(
    ("alt", "history", "expected"),
    [
        (loss.alt, SINE, lambda p: [f"{p.step}", f"{p.loss[0]:.3g}", f"{p.loss[1]:.3g}", "after 1 step"]),
        (
            trajectory.alt,
            STROKES,
            lambda p: [f"{p.accuracy[0]:.3g}", f"{p.accuracy[-1]:.3g}", f"{p.accuracy_ci95[-1]:.2g}"],
        ),
        (classes.alt, STROKES, lambda p: [f"{value:.0%}" for value in p.class_accuracy[-1]]),
        (classes.confusion_alt, STROKES, lambda p: [f"{np.trace(p.confusion)} of {np.sum(p.confusion)}"]),
        (regions.alt, SINE, lambda p: [f"{max(p.region_error[-1]):.3g}"]),
        (fitted.alt, SINE, lambda p: [f"{p.step}", "after 10 inner steps"]),
    ],
)
def test_the_sentence_for_screen_readers_has_the_numbers_of_now(alt: Any, history: History, expected: Any):
    sentence = alt(history, "en")
    for part in expected(history.probes[-1]):
        assert part in sentence


def test_the_map_of_rates_is_the_latest_probes_and_centred_on_the_rate_that_all_began_at():
    figure = untyped(rates.learned_rates(STROKES, "en", "light"))
    trace, probe = figure.data[0], STROKES.probes[-1]
    assert STROKES.config
    assert list(trace.y) == list(probe.rates)
    assert list(trace.x) == ["1", "2", "3"]
    assert [list(row) for row in trace.z] == [style.numbers(row) for row in probe.rates.values()]
    assert (trace.zmin + trace.zmax) / 2 == pytest.approx(STROKES.config.inner_lr)
    everything = [rate for row in probe.rates.values() for rate in row]
    assert trace.zmin <= min(everything)
    assert trace.zmax >= max(everything)
    assert trace.text[0][0] == f"{trace.z[0][0]:.2f}"
    assert figure.layout.yaxis.autorange == "reversed"
    earlier = History().add([STROKES.started, *STROKES.probes[:2]])  # type: ignore[list-item]
    assert untyped(rates.learned_rates(earlier, "en", "light")).data[0].z != trace.z


def test_rates_below_zero_are_framed_and_have_a_real_minus_sign():
    probe = STROKES.probes[-1].model_copy(update={"rates": {"a": [0.4, -0.1], "b": [0.5, 0.3]}})
    history = History().add([STROKES.started, probe])  # type: ignore[list-item]
    figure = untyped(rates.learned_rates(history, "en", "light"))
    (frame,) = figure.layout.shapes
    assert ((frame.x0 + frame.x1) / 2, (frame.y0 + frame.y1) / 2) == pytest.approx((1, 0))
    assert figure.data[0].text[0][1].startswith("−0.1")
    assert "from -0.1 (a at step 2) to 0.5 (b at step 1)" in rates.alt(history, "en")
    assert "1 of 4 are below zero" in rates.alt(history, "en")


def test_one_set_of_rates_for_all_steps_is_one_column():
    probe = STROKES.probes[-1].model_copy(update={"rates": {"a": [0.41], "b": [0.39]}})
    history = History().add([STROKES.started, probe])  # type: ignore[list-item]
    assert list(untyped(rates.learned_rates(history, "en", "light")).data[0].x) == ["all"]
    assert "(b at every step)" in rates.alt(history, "en")


def test_the_scale_of_rates_keeps_its_ends_while_they_drift_a_little():
    ends = set()
    for rate in (0.45, 0.46, 0.47):
        probe = STROKES.probes[-1].model_copy(update={"rates": {"a": [0.4, rate]}})
        history = History().add([STROKES.started, probe])  # type: ignore[list-item]
        trace = untyped(rates.learned_rates(history, "en", "light")).data[0]
        ends.add((trace.zmin, trace.zmax))
    assert [*ends.pop()] == pytest.approx([0.32, 0.48])
    assert not ends


def test_pillars_stand_in_the_plane_where_a_run_has_them():
    drawn = {
        obstacles: plane.plane(run("maml", "nav2d", 10, obstacles=obstacles), "en", "light").layout["shapes"]
        for obstacles in (False, True)
    }
    assert not drawn[False]
    middles = [((shape["x0"] + shape["x1"]) / 2, (shape["y0"] + shape["y1"]) / 2) for shape in drawn[True]]
    np.testing.assert_allclose(sorted(middles), sorted(PILLARS))
    assert {round(shape["x1"] - shape["x0"], 6) for shape in drawn[True]} == {2 * RADIUS}
