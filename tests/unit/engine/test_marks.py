"""What is said of runs without a process."""

from pathlib import Path

import pytest

from metaplay.config import defaults
from metaplay.engine import marks
from metaplay.engine.store import RunStore
from metaplay.events import RunEnded, StateChanged


def test_a_run_that_ends_while_it_is_looked_at_is_not_called_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    store = RunStore(tmp_path)
    run = store.create(defaults("maml", "sinusoid"))
    store.append(run, StateChanged(state="running"))

    def ends(_root: Path, _run: str) -> bool:
        """Its process writes the end and lets go of the run."""
        store.append(run, RunEnded(status="finished", step=300, seconds=1.0))
        return False

    monkeypatch.setattr("metaplay.engine.going.alive", ends)
    marks.broken(store, run, "gone", marks.HELD)
    assert store.state(run).state == "finished"


def test_one_that_stands_in_the_middle_without_a_process_is(tmp_path: Path):
    store = RunStore(tmp_path)
    run = store.create(defaults("maml", "sinusoid"))
    store.append(run, StateChanged(state="running"))
    assert marks.broken(store, run, "gone", marks.HELD)
    assert store.state(run).state == "interrupted"
