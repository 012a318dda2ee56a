"""Visitors over a real worker: turns while one trains, and a run that nobody watches stops with a checkpoint and says why."""

from dataclasses import replace
from pathlib import Path

from metaplay.engine import owners
from metaplay.engine.client import Engine
from metaplay.engine.visiting import House
from tests.integration.engine.helpers import endless, place, places, until, warm

ANN, BOB = owners.known_by("ann"), owners.known_by("bob")


def test_turns_and_idleness(tmp_path: Path):
    chosen = replace(place(tmp_path, workers=1), visitors="many", most_steps=10_000_000, idle_minutes=5)
    now = [0.0]
    with Engine(chosen) as engine:
        warm(engine)
        house = House(engine, chosen, lambda: now[0])
        house.close()  # it is tidied here only when the test says so
        ann, bob, store = house.visit(ANN), house.visit(BOB), engine.store
        first = ann.submit(endless())
        until(lambda: store.state(first).step > 2)
        second, third = ann.submit(endless(seed=1)), ann.submit(endless(seed=2))
        bobs = bob.submit(endless(seed=3))
        assert places(engine) == {bobs: 1, second: 2, third: 3}, "Ann has had her turn"
        house.watching([bobs])
        house.tidy()
        now[0] += 301
        house.watching([bobs])
        house.tidy()
        until(lambda: store.state(first).ended)
        state = store.state(first)
        assert (state.state, state.reason[:31]) == ("stopped", "Nobody watched it for 5 minutes")
        assert store.history(first).checkpoint_step == state.step > 0
        assert {store.state(run).state for run in (second, third)} == {"stopped"}
        until(lambda: store.state(bobs).step > 2)
        ann.control(first, "resume")
        bob.control(bobs, "stop")
        until(lambda: store.state(first).step > state.step)
        ann.control(first, "stop")
        until(lambda: store.state(first).ended)
        assert store.state(first).reason == "", "this time somebody asked for it"
