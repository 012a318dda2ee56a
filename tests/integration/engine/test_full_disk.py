"""A run that the disk has no room for says so, as soon as there is room to say it."""

from pathlib import Path

import pytest

from benchmarks.ground import disk, fill
from metaplay.engine.client import Engine
from tests.integration.engine.helpers import endless, place, until


def test_a_run_that_a_full_disk_ended_says_so_once_there_is_room(tmp_path: Path):
    with disk(tmp_path, 8) as small:
        if not small:
            pytest.skip("a small disk can only be made by root on Linux")
        with Engine(place(tmp_path / "runs", workers=1)) as engine:
            run = engine.submit(endless())
            until(lambda: engine.store.state(run).step > 20)
            filler = tmp_path / "filler"
            fill(filler)
            fill(engine.store.path(run) / "events.jsonl")  # whose last page has room, too
            until(lambda: not engine.held()[0])
            filler.unlink()
            # It depends on whether a page became free meanwhile when it is told; what is told does not.
            until(lambda: engine.store.state(run).state in ("failed", "interrupted"))
            assert "is full: free some space, then resume the run." in engine.store.state(run).reason
            kept = engine.store.state(run).step
            engine.control(run, "resume")
            until(lambda: engine.store.state(run).step > kept + 20)
            engine.control(run, "stop")
            until(lambda: engine.store.state(run).state == "stopped")
