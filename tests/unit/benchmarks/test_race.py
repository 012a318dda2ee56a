"""A race to an accuracy: whoever runs it comes the same way, and is judged alike."""

import pytest

from benchmarks.peers import race
from benchmarks.peers.race import Race
from benchmarks.peers.worker import relative_error
from benchmarks.peers.workloads import RACED
from metaplay.config import revise
from metaplay.presets import preset


def test_a_plain_loop_comes_the_way_that_metaplay_comes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(race, "TASKS", 20)
    config = revise(preset(RACED).config, {"width": 8, "meta_batch": 2}).model_dump()
    races = [Race(name, config, "cpu") for name in ("metaplay", "loop")]
    start = races[0].racer.parameters()
    start = {name: value.copy() for name, value in start.items()}
    (ours, theirs) = (one.train(3) for one in races)
    assert ours["steps"] == theirs["steps"] == 3
    assert ours["seconds"] > 0
    moved = [one.racer.parameters() for one in races]
    assert relative_error(moved[0], start) > 0.01
    assert relative_error(moved[1], moved[0]) < 1e-3
    assert abs(ours["accuracy"] - theirs["accuracy"]) < 0.02
