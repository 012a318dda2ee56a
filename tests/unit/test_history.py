"""History: the fold of a run's events, also where the run was resumed."""

from metaplay.config import defaults
from metaplay.events import Changed, Checkpointed, Evaluated, Probe, Progress, RunEnded, RunStarted, StateChanged
from metaplay.history import PROGRESS, History

CONFIG = defaults("maml", "sinusoid")


def _started(resumed_from: int | None = None) -> RunStarted:
    return RunStarted(
        config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=1, resumed_from=resumed_from
    )


def _progress(*steps: int) -> Progress:
    values = [float(step) for step in steps]
    return Progress(
        step=list(steps), meta_loss=values, loss_before=values, loss_after=values, outer_lr=values, grad_norm=values,
        seconds=steps[-1] / 10, tasks_per_second=250.0,
    )  # fmt: skip


def _probe(step: int) -> Probe:
    return Probe(step=step, tasks=64, inner_steps=[0], loss=[1.0], loss_ci95=[0.1])


def _evaluated(step: int) -> Evaluated:
    return Evaluated(step=step, split="test", metric="mse", tasks=600, transductive=True, mean=[1.0], ci95=[0.1])


def test_before_anything_happened():
    history = History()
    assert (history.config, history.step, history.state, history.ended) == (None, 0, "queued", False)


def test_a_whole_run():
    history = History().add(
        [StateChanged(state="preparing", done=0.5), _started(), _probe(0), _progress(1, 2), _progress(3), _probe(3)]
    )
    assert (history.config, history.state, history.prepared) == (CONFIG, "running", 0.5)
    assert (history.step, history.seconds, history.tasks_per_second) == (3, 0.3, 250.0)
    assert history.progress["step"] == [1, 2, 3]
    history.add([Checkpointed(step=3), _evaluated(3), RunEnded(status="finished", step=3, seconds=0.3)])
    assert (history.state, history.ended, history.checkpoint_step) == ("finished", True, 3)
    assert [probe.step for probe in history.probes] == [0, 3]
    assert [item.step for item in history.evaluated] == [3]


def test_folding_piece_by_piece_is_folding_at_once():
    events = [_started(), _probe(0), _progress(1), _progress(2, 3), Checkpointed(step=3), _started(2), _progress(3, 4)]
    pieces = History()
    for event in events:
        pieces.add([event])
    assert pieces == History().add(events)


def test_a_resumed_run_takes_back_the_steps_after_its_checkpoint():
    history = History().add(
        [_started(), _probe(0), _progress(1, 2, 3, 4), _probe(2), _probe(4), Checkpointed(step=2), _evaluated(4),
         RunEnded(status="failed", reason="killed", step=4, seconds=0.4), _started(2)]
    )  # fmt: skip
    assert (history.step, history.state, history.reason, history.ended) == (2, "running", "", False)
    assert all(len(history.progress[name]) in (0, 2) for name in PROGRESS)
    assert [probe.step for probe in history.probes] == [0, 2]
    assert history.evaluated == []
    assert history.checkpoint_step == 2
    assert history.add([_progress(3, 4, 5)]).progress["step"] == [1, 2, 3, 4, 5]


def test_a_pause_and_its_reason_show():
    history = History().add([_started(), StateChanged(state="interrupted", reason="The worker died.")])
    assert (history.state, history.reason, history.ended) == ("interrupted", "The worker died.", False)


def test_changes_are_in_force_from_then_on_and_taken_back_with_their_steps():
    history = History().add([_started(), _progress(1, 2), Changed(step=2, values={"inner_lr": 0.02, "inner_steps": 3})])
    assert history.config
    assert (history.config.inner_lr, history.config.inner_steps) == (0.02, 3)
    history.add([_progress(3, 4), Changed(step=4, values={"inner_lr": 0.03})])
    again = RunStarted(
        config={**CONFIG.model_dump(), "inner_lr": 0.02, "inner_steps": 3}, device="CPU", threads=1, versions={},
        parameters=1, resumed_from=3,
    )  # fmt: skip
    history.add([again])
    assert history.config.inner_lr == 0.02
    assert [change.step for change in history.changes] == [2]


def test_a_change_that_a_resumed_run_makes_again_is_told_once():
    change = Changed(step=2, values={"inner_lr": 0.02})
    history = History().add([_started(), _progress(1, 2), change, _started(2), change.model_copy(update={"at": 9.0})])
    assert len(history.changes) == 1
    assert history.config
    assert history.config.inner_lr == 0.02
