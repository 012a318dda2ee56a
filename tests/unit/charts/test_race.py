"""The figures of a race, and what they say about its runs: costs, differences task by task, looks."""

import re
from typing import Any

import numpy as np
import pytest

from metaplay.charts import race, style
from metaplay.charts.runners import Runner, paired, runners, standings
from metaplay.config import RunConfig, defaults, gradient_evaluations, revise
from metaplay.events import Changed, Evaluated, Probe, Progress, RunStarted
from metaplay.history import History
from metaplay.registry import ALGORITHMS
from tests.unit.charts.synthetic import untyped

TASKS = 40


def config(algorithm: str, family: str = "sinusoid", **values: Any) -> RunConfig:
    return revise(defaults(algorithm, family), {"steps": 100, **values} if algorithm != "scratch" else values)


def history(of: RunConfig, results: dict[int, np.ndarray], seconds: float = 1.0) -> History:
    """A history with these values of each probe task at these meta-steps, `seconds` of training apart."""
    made = History().add(
        [RunStarted(at=1.0, config=of.model_dump(), device="CPU", threads=1, versions={}, parameters=1)]
    )
    for number, (step, values) in enumerate(results.items()):
        if step:
            made.add([_progress(step, number * seconds)])
        mean, ci95 = float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
        both: dict[str, Any] = {"loss": [4.0, mean], "loss_ci95": [0.1, ci95]}
        if of.family != "sinusoid":
            both |= {"accuracy": [0.2, mean], "accuracy_ci95": [0.1, ci95]}
        made.add([Probe(step=step, tasks=len(values), inner_steps=[0, 1], per_task=values.tolist(), **both)])
    return made


def _progress(step: int, seconds: float) -> Progress:
    one: Any = {name: [1.0] for name in ("meta_loss", "loss_before", "loss_after", "outer_lr", "grad_norm")}
    return Progress(step=[step], seconds=seconds, tasks_per_second=1.0, **one)


RNG = np.random.default_rng(0)
HARD = RNG.uniform(1, 9, TASKS)
"""What makes a task hard for all: it varies far more than the runs differ."""


def field(*pairs: tuple[RunConfig, History]) -> list[Runner]:
    return runners([of for of, _ in pairs], [made for _, made in pairs], "en")


def two() -> list[Runner]:
    maml, fomaml = config("maml"), config("fomaml")
    better = HARD - 0.2 + RNG.normal(0, 0.05, TASKS)
    return field(
        (maml, history(maml, {0: HARD + 3, 10: HARD, 20: HARD - 0.1}, 2.0)),
        (fomaml, history(fomaml, {0: HARD + 3, 10: better}, 1.0)),
    )


def traces(figure: Any) -> dict[str, Any]:
    return {trace.uid: trace for trace in untyped(figure).data}


@pytest.mark.parametrize(
    ("algorithm", "family", "values", "each"),
    [
        ("maml", "sinusoid", {"inner_steps": 5}, 11),
        ("anil", "strokes", {"inner_steps": 1}, 3),
        ("cavia", "sinusoid", {"inner_steps": 2}, 5),
        ("fomaml", "sinusoid", {"inner_steps": 5}, 6),
        ("reptile", "sinusoid", {"inner_steps": 10}, 10),
        ("protonet", "strokes", {}, 1),
        ("joint", "sinusoid", {}, 1),
        ("mamlpp", "sinusoid", {"inner_steps": 3, "msl": False}, 7),
        ("mamlpp", "sinusoid", {"inner_steps": 3, "msl": False, "da": True}, 7 - 3 / 2),
        ("mamlpp", "sinusoid", {"inner_steps": 3, "msl": True}, 7 + 2 / 10),
    ],
)
def test_gradients_of_a_run_of_100_steps(algorithm: str, family: str, values: dict[str, Any], each: float):
    run = config(algorithm, family, meta_batch=4, **values)
    assert gradient_evaluations(run, 100) == pytest.approx(4 * 100 * each)
    assert gradient_evaluations(run, 0) == 0


def test_training_from_scratch_costs_no_meta_gradients():
    assert gradient_evaluations(config("scratch"), 100) == 0


def test_a_change_in_mid_run_costs_from_then_on():
    run = config("fomaml", inner_steps=1, meta_batch=1)
    made = history(run, {0: HARD, 100: HARD}).add([Changed(step=40, values={"inner_steps": 5})])
    runner = field((run, made))[0]
    assert [runner.gradients(step) for step in (40, 100)] == [80, 80 + 60 * 6]


def test_a_difference_is_taken_task_by_task_at_the_latest_step_that_both_were_probed_at():
    first, second = standings(two())
    assert first is not None
    assert second is not None
    assert (second.step, second.final, second.tasks) == (10, False, TASKS)
    assert second.difference == pytest.approx(-0.2, abs=0.05)
    assert second.difference_ci95 < second.ci95 / 10, "what makes a task hard is the same for both"
    assert second.sure
    assert (first.difference, first.difference_ci95) == (0, 0)


def test_ci95_is_its_definition():
    ours, theirs = [1.0, 2.0, 4.0], [1.0, 1.0, 1.0]
    mean, ci95 = paired(ours, theirs)
    assert mean == pytest.approx(4 / 3)
    assert ci95 == pytest.approx(1.96 * np.std([0, 1, 3], ddof=1) / 3**0.5)


def test_at_the_end_the_test_tasks_decide():
    runs = two()
    for place, runner in enumerate(runs):
        values = (HARD - place).tolist()
        runner.history.add(
            [Evaluated(step=100, split="test", metric="mse", tasks=TASKS, transductive=False, mean=[1], ci95=[1], per_task=values)]
        )  # fmt: skip
        assert all(standing and standing.final for standing in standings(runs)) == bool(place)
    second = standings(runs)[1]
    assert second is not None
    assert second.difference == pytest.approx(-1)


def test_what_does_not_train_is_compared_at_any_step_and_is_a_level_line():
    maml, scratch = config("maml"), config("scratch")
    runs = field((maml, history(maml, {0: HARD, 50: HARD - 1})), (scratch, history(scratch, {0: HARD})))
    second = standings(runs)[1]
    assert second is not None
    assert second.difference == pytest.approx(1)
    level = next(
        trace for trace in traces(race.curves(runs, "step", "en", "light")).values() if trace.name == "From scratch"
    )
    assert list(level.x) == [0, 50]
    assert level.y[0] == level.y[1]


def test_logs_from_before_races_have_no_differences_but_curves():
    runs = two()
    for runner in runs:
        runner.history.probes = [probe.model_copy(update={"per_task": []}) for probe in runner.history.probes]
    assert standings(runs) == [None, None]
    assert not untyped(race.differences(runs, "en", "light")).data
    assert len(untyped(race.curves(runs, "step", "en", "light")).data) == 4


@pytest.mark.parametrize(
    ("along", "expected"),
    [("step", [0, 10, 20]), ("seconds", [0, 2, 4]), ("gradients", [0, 25 * 3 * 10, 25 * 3 * 20])],
)
def test_the_same_results_stand_along_steps_seconds_and_gradients(along: Any, expected: list[float]):
    runs = two()
    line = traces(race.curves(runs, along, "en", "light"))["line-MAML"]
    assert list(line.x) == expected
    assert list(line.y) == style.numbers([probe.loss[-1] for probe in runs[0].history.probes])
    assert (line.line.color, line.line.dash, line.marker.symbol) == (
        ALGORITHMS["maml"].colour,
        ALGORITHMS["maml"].dash,
        ALGORITHMS["maml"].symbol,
    )


def test_runs_of_one_algorithm_are_told_apart_by_name_dash_and_symbol():
    configs = [config("maml", inner_steps=steps) for steps in (1, 5)] + [config("fomaml")]
    runs = runners(configs, [History()] * 3, "en")
    assert [runner.name for runner in runs] == ["MAML · Inner steps 1", "MAML · Inner steps 5", "FOMAML"]
    assert len({(runner.dash, runner.symbol) for runner in runs}) == 3


def test_bars_are_filled_where_the_difference_is_sure_and_hatched_where_not():
    runs = two()
    bar = traces(race.differences(runs, "en", "light"))["bar-FOMAML"]
    assert bar.marker.pattern.shape is None
    assert bar.error_x.array[0] > 0
    unsure = field(
        (runs[0].config, runs[0].history),
        (config("anil"), history(config("anil"), {0: HARD, 10: HARD + RNG.normal(0, 1, TASKS) * 3})),
    )
    assert traces(race.differences(unsure, "en", "light"))["bar-ANIL"].marker.pattern.shape == "/"
    assert "± " in race.differences_alt(runs, "en")


def test_panels_of_a_sweep_share_a_frame_and_its_figure_has_a_line_an_algorithm():
    panels = []
    for shot in (5, 10):
        both = [config("maml", shot=shot), config("fomaml", shot=shot)]
        panels.append((shot, runners(both, [history(one, {0: HARD, 10: HARD / shot}) for one in both], "en")))
    everyone = [runner for _, runs in panels for runner in runs]
    ranges = [
        untyped(race.curves(runs, "step", "en", "light", "", race.frame(everyone))).layout.yaxis.range
        for _, runs in panels
    ]
    assert ranges[0] == ranges[1]
    lines = traces(race.sweep(panels, "shot", "en", "light"))
    assert [list(line.x) for line in lines.values()] == [[5, 10], [5, 10]]
    assert lines["swept-0"].y[1] == pytest.approx(HARD.mean() / 10, rel=1e-3)
    assert "Shots 10, MAML" in race.sweep_alt(panels, "shot", "en")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_empty_race_waits(language: Any):
    runs = runners([config("maml"), config("fomaml")], [History(), History()], language)
    for figure in (race.curves(runs, "step", language, "dark"), race.differences(runs, language, "dark")):
        assert untyped(figure).layout.annotations[0].text == style.WAITING(language)
    assert race.alt(runs, "step", language) == style.WAITING(language)


def test_a_log_whose_seconds_are_no_number_is_told_as_it_is():
    both = [config("maml"), config("fomaml")]
    seconds = (float("inf"), 5123.4)
    runs = runners(
        both, [history(one, {0: HARD, 10: HARD}, each) for one, each in zip(both, seconds, strict=True)], "en"
    )
    assert re.search(r"MAML [\d.]+ \(inf\), FOMAML [\d.]+ \(5123\)", race.alt(runs, "seconds", "en"))
