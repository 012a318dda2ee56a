"""The sentences about a run say what its history holds."""

from metaplay.config import RunConfig, defaults, summary
from metaplay.engine.turns import Place
from metaplay.events import Evaluated, Event, Paced, Progress, RunEnded, RunStarted, StateChanged
from metaplay.history import History
from metaplay.ui import status


def _history(config: RunConfig, *events: Event) -> History:
    started = RunStarted(config=config.model_dump(), device="CPU", threads=2, versions={}, parameters=1)
    return History().add([started, *events])


def _progress(step: int, seconds: float) -> Progress:
    one = [1.0]
    return Progress(
        step=[step],
        meta_loss=one,
        loss_before=one,
        loss_after=one,
        outer_lr=one,
        grad_norm=one,
        seconds=seconds,
        tasks_per_second=2500,
    )


SINUSOID, STROKES = defaults("maml", "sinusoid"), defaults("maml", "strokes")


def test_the_status_line_says_step_speed_device_and_time_left():
    line = status.state(_history(SINUSOID, _progress(2500, 10.0)), "en")
    assert "step 2,500 of 10,000" in line
    assert "2,500 tasks/s" in line
    assert "CPU" in line
    assert "30 s left" in line


def test_a_paused_run_promises_no_time():
    history = _history(SINUSOID, _progress(2500, 10.0), StateChanged(state="paused"))
    assert "left" not in status.state(history, "en")


def test_slow_motion_is_said_until_it_ends():
    slow = _history(SINUSOID, Paced(pace=2), _progress(2500, 10.0))
    assert "at most 2 steps/s" in status.state(slow, "en")
    assert "slow" not in status.state(slow.add([Paced(pace=None)]), "en")


def test_a_waiting_run_says_its_place():
    history = History().add([StateChanged(state="queued")])
    assert status.state(history, "en", Place(2, None)).endswith("number 2 in the queue")
    assert "第 2 位" in status.state(history, "zh", Place(2, None))
    assert status.state(history, "en", Place(1, 34.2)).endswith("number 1 in the queue, begins in about 34 s")
    assert "约 3 分钟后开始" in status.state(history, "zh", Place(1, 180.0))


def test_a_run_that_was_stopped_for_a_reason_says_it():
    ended = RunEnded(status="stopped", step=5, seconds=1.0)
    assert status.trouble(History().add([ended]), "en") is None
    reason = "Nobody watched it for 30 minutes."
    assert status.trouble(History().add([ended.model_copy(update={"reason": reason})]), "en") == reason


def test_the_result_names_tasks_interval_and_first_and_last_step():
    found = Evaluated(
        step=9, split="test", metric="mse", tasks=600, transductive=True, mean=[4, 0.6, 0.2], ci95=[0.1, 0.02, 0.01]
    )
    said = status.result(_history(SINUSOID, found), "en")
    assert said is not None
    assert "600 new tasks" in said
    assert "0.6 ± 0.02 after one inner step" in said
    assert "0.2 ± 0.01 after 2 inner steps" in said
    assert "ransductive" not in said  # the sinusoid's network has no batch normalisation


def test_the_result_says_whether_it_is_transductive():
    for transductive, words in ((True, "all queries of a task together"), (False, "each query was judged alone")):
        found = Evaluated(
            step=9,
            split="test",
            metric="accuracy",
            tasks=600,
            transductive=transductive,
            mean=[0.2, 0.9],
            ci95=[0.01, 0.005],
        )
        said = status.result(_history(STROKES, found), "en")
        assert said is not None
        assert "90.0% ± 0.5% correct after one inner step" in said
        assert words in said


def test_there_is_no_result_before_the_test():
    assert status.result(_history(SINUSOID, _progress(1, 1.0)), "en") is None


def test_a_failure_gives_its_reason_and_a_healthy_run_no_trouble():
    failed = _history(SINUSOID, RunEnded(status="failed", reason="The loss is not a number.", step=3, seconds=1.0))
    assert status.trouble(failed, "en") == "The loss is not a number."
    assert status.trouble(_history(SINUSOID, _progress(1, 1.0)), "en") is None


def test_settings_that_differ_from_the_form_are_named():
    form = {**summary(SINUSOID), "shot": 3}
    said = status.differences(_history(SINUSOID), form, "en")
    assert said is not None
    assert "Shots 10" in said
    assert "Seed" not in said
    assert status.differences(_history(SINUSOID), summary(SINUSOID), "en") is None
