"""Lists of runs: right, and fast because a log is read again only once it has grown."""

from pathlib import Path

import pytest

from metaplay.config import defaults
from metaplay.engine import labels
from metaplay.engine.listing import POINTS, Listing, thinned
from metaplay.engine.store import RunStore
from metaplay.events import Evaluated, Probe, RunEnded, RunStarted

CONFIG = defaults("maml", "sinusoid")


@pytest.fixture
def store(tmp_path: Path) -> RunStore:
    return RunStore(tmp_path / "runs")


def started(resumed_from: int | None = None) -> RunStarted:
    return RunStarted(
        config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=1, resumed_from=resumed_from
    )


def probe(step: int, loss: float) -> Probe:
    return Probe(step=step, tasks=1, inner_steps=[0, 1], loss=[9.0, loss], loss_ci95=[0.0, 0.0])


def test_a_row_tells_what_the_log_and_the_label_say(store: RunStore):
    run = store.create(CONFIG)
    tested = Evaluated(step=5, split="test", metric="mse", tasks=9, transductive=False, mean=[2, 1], ci95=[0, 0])
    for event in (started(), tested, probe(5, 0.5), RunEnded(status="finished", step=5, seconds=3)):
        store.append(run, event)
    labels.write(store, run, labels.label("mine", ["tag"]))
    [row] = Listing(store).rows()
    assert (row.run, row.config, row.tested, row.label.name) == (run, CONFIG, tested, "mine")
    assert (row.state.state, row.state.step, row.state.seconds) == ("finished", 5, 3)


def test_the_result_is_found_however_much_comes_after_it(store: RunStore):
    run = store.create(CONFIG)
    tested = Evaluated(step=5, split="test", metric="mse", tasks=9, transductive=False, mean=[1], ci95=[0])
    last = Probe(step=5, tasks=1, inner_steps=[0], loss=[0.0], loss_ci95=[0.0], curves=[[0.0] * 50_000])
    for event in (started(), tested, last, RunEnded(status="finished", step=5, seconds=3)):
        store.append(run, event)
    [row] = Listing(store).rows()
    assert row.tested == tested


def test_a_log_is_read_again_only_when_it_has_grown(store: RunStore, monkeypatch: pytest.MonkeyPatch):
    runs = [store.create(CONFIG) for _ in range(3)]
    for run in runs:
        store.append(run, started())
        store.append(run, probe(1, 0.5))
    listing = Listing(store)
    listing.rows()
    read: list[str] = []
    ending = store.ending
    monkeypatch.setattr(store, "ending", lambda run, enough: read.append(run) or ending(run, enough))
    listing.rows()
    assert read == []
    store.append(runs[1], RunEnded(status="stopped", step=1, seconds=1))
    states = {row.run: row.state.state for row in listing.rows()}
    assert states == {runs[0]: "interrupted", runs[1]: "stopped", runs[2]: "interrupted"}
    assert read == [runs[1]]
    store.delete(runs[0])
    assert {row.run for row in listing.rows()} == set(runs[1:])


def test_a_curve_grows_with_its_log_and_takes_back_what_is_run_again(store: RunStore):
    run, listing = store.create(CONFIG), Listing(store)
    assert listing.curve(run) == []
    store.append(run, started())
    for step in range(3):
        store.append(run, probe(step, float(step)))
    assert listing.curve(run) == [0.0, 1.0, 2.0]
    with (store.path(run) / "events.jsonl").open("ab") as log:
        log.write(b'{"at":1.0,"type":"probe","ste')
    assert listing.curve(run) == [0.0, 1.0, 2.0]
    store.append(run, started(resumed_from=1))
    store.append(run, probe(2, 7.0))
    assert listing.curve(run) == [0.0, 1.0, 7.0]


def test_a_long_curve_is_thinned_between_its_ends():
    values = [float(value) for value in range(1000)]
    assert len(thinned(values)) == POINTS
    assert (thinned(values)[0], thinned(values)[-1]) == (0.0, 999.0)
    assert thinned(values) == sorted(thinned(values))
    assert thinned(values[:POINTS]) == values[:POINTS]
