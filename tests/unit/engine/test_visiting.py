"""Visitors: whose runs are whose, what each limit refuses, and what becomes of runs that nobody watches or has room for."""

import io
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from metaplay.config import defaults, revise
from metaplay.engine import bundle, labels, owners
from metaplay.engine.client import Engine
from metaplay.engine.control import Command
from metaplay.engine.limits import Rates
from metaplay.engine.visiting import House, Visit
from metaplay.events import RunEnded
from metaplay.owndata import about, storing
from metaplay.owndata.examining import examine
from metaplay.settings import settings
from metaplay.text import UserError

CONFIG = revise(defaults("maml", "sinusoid"), {"steps": 1000})
ANN, BOB = owners.known_by("ann"), owners.known_by("bob")
MB = 1_000_000


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """An engine that is still starting: what it is handed waits."""
    monkeypatch.setenv("METAPLAY_DATA", str(tmp_path / "data"))
    engine = Engine(replace(settings(), runs=tmp_path / "runs"))
    with engine._starting:
        yield engine
        engine._closed.set()


def opened(engine: Engine, clock: Clock, **limits: object) -> House:
    house = House(engine, replace(engine._settings, visitors="many", **limits), clock)
    house.close()  # it is tidied here only when a test says so
    return house


def ended(visit: Visit, megabytes: float = 0.0) -> str:
    """A run of theirs that has ended, and takes so much room."""
    run = visit.submit(CONFIG)
    visit.control(run, "stop")
    (visit.engine.store.path(run) / "checkpoint.safetensors").write_bytes(bytes(int(megabytes * MB)))
    visit.engine.store.append(run, RunEnded(status="stopped", step=1, seconds=1.0))  # the log tells that it has grown
    return run


def table(megabytes: float = 0.0) -> bytes:
    count = max(2, int(megabytes * MB / 6 / 1000))
    lines = [f"{label} number {n} {'x' * 985},{label}" for label in "abcdef" for n in range(count)]
    return "\n".join(["text,label", *lines]).encode()


def test_only_its_owner_may_do_anything_to_a_run(engine: Engine, clock: Clock):
    house = opened(engine, clock)
    ann, bob = house.visit(ANN), house.visit(BOB)
    run = ann.submit(CONFIG)
    assert ann.owns(run)
    assert not bob.owns(run)
    commands: tuple[Command, ...] = ("pause", "resume", "step", "stop")
    acts = [
        *(partial(bob.control, run, command) for command in commands),
        lambda: bob.change(run, {"outer_lr": 0.1}),
        lambda: bob.slow(run, 1.0),
        lambda: bob.name(run, "mine", ["now"]),
        lambda: bob.pin(run, True),
        lambda: bob.delete(run),
    ]
    before = {file: file.read_bytes() for file in engine.store.path(run).iterdir()}
    for act in acts:
        with pytest.raises(UserError, match=f"Run {run} belongs to another visitor: you can watch it"):
            act()
    assert {file: file.read_bytes() for file in engine.store.path(run).iterdir()} == before
    ann.name(run, "the first", ["tag"])
    ann.pin(run, True)
    ann.slow(run, 5.0)
    ann.name(run, "renamed", [])
    assert labels.read(engine.store, run) == labels.Label("renamed", pinned=True)
    ann.control(run, "stop")
    assert engine.store.state(run).state == "stopped"


def test_a_race_is_its_owners_too(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitor_runs=1)
    race = house.visit(ANN).submit_race([CONFIG, revise(CONFIG, {"algorithm": "fomaml"})])
    with pytest.raises(UserError, match="belongs to another visitor"):
        house.visit(BOB).control_race(race, "stop")
    with pytest.raises(UserError, match="You have 1 runs"):  # a race counts as one
        house.visit(ANN).submit(CONFIG)
    house.visit(ANN).control_race(race, "stop")
    house.visit(ANN).submit(CONFIG)


def test_runs_of_the_host_are_nobodys(engine: Engine, clock: Clock):
    house = opened(engine, clock)
    run = engine.submit(CONFIG)  # as a server does for which METAPLAY_VISITORS is one
    with pytest.raises(UserError, match="belongs to another visitor"):
        house.visit(ANN).control(run, "stop")
    with pytest.raises(ValueError, match="who is it"):
        house.visit(None)


def test_on_ones_own_machine_there_are_no_owners_and_no_limits(engine: Engine, clock: Clock):
    chosen = replace(engine._settings, visitor_runs=1, queue=1, most_steps=1, visitor_presses=1, visitors_mb=1)
    house = House(engine, chosen, clock)
    one, other = house.visit(None), house.visit(ANN)
    runs = [ended(one, 1.5) for _ in range(3)]
    assert not list(engine.store.root.rglob(owners.FILE))
    house.watching(runs)
    clock.now += 1e6
    house.tidy()
    assert set(engine.store.list()) == set(runs)
    for run in runs:
        other.name(run, "anybody may", [])
        other.delete(run)


def test_the_disk_does_not_tell_how_to_pass_for_a_visitor(engine: Engine, clock: Clock):
    run = opened(engine, clock).visit(ANN).submit(CONFIG)
    [file] = [file for file in engine.store.path(run).iterdir() if file.name == owners.FILE]
    assert file.read_text() == ANN
    assert "ann" not in ANN
    file = io.BytesIO()
    bundle.pack(engine.store, run, file, "")
    assert ANN.encode() not in file.getvalue()


def test_too_many_runs_of_one_visitor_are_refused_and_others_not_kept_from_theirs(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitor_runs=2, queue=3)
    ann, bob = house.visit(ANN), house.visit(BOB)
    first, _ = ann.submit(CONFIG), ann.submit(CONFIG)
    with pytest.raises(UserError, match=r"You have 2 runs that train, are paused or wait, .* stop one, or wait"):
        ann.submit(CONFIG)
    bob.submit(CONFIG)
    with pytest.raises(UserError, match="3 runs wait already, and more are not taken: try again in a few minutes"):
        bob.submit(CONFIG)
    ann.control(first, "stop")
    bob.submit(CONFIG)
    with pytest.raises(UserError, match="3 runs wait already"):
        ann.control(first, "resume")
    assert len(engine.store.list()) == 4, "what is refused leaves nothing"


def test_a_run_that_is_too_long_is_refused_also_where_it_was_opened(engine: Engine, clock: Clock):
    long = revise(CONFIG, {"steps": 5001})
    house = opened(engine, clock, most_steps=5000)
    ann = house.visit(ANN)
    with pytest.raises(UserError, match="Runs have at most 5,000 meta-steps on this server, not 5,001"):
        ann.submit(long)
    with pytest.raises(UserError, match="at most 5,000"):
        ann.submit_race([CONFIG, revise(long, {"algorithm": "fomaml"})])
    file = io.BytesIO()
    bundle.pack(engine.store, engine.store.create(long), file, "")
    run = ann.open(file)
    assert ann.owns(run)
    assert not house.visit(BOB).owns(run)
    with pytest.raises(UserError, match="at most 5,000"):
        ann.control(run, "resume")


def test_more_bytes_than_a_visitor_has_are_refused_until_some_are_deleted(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitor_mb=2)
    ann = house.visit(ANN)
    runs = [ended(ann, 1.2) for _ in range(2)]
    file = io.BytesIO()
    bundle.pack(engine.store, engine.store.create(CONFIG), file, "")
    for act in (lambda: ann.submit(CONFIG), lambda: ann.open(file), lambda: ann.control(runs[0], "resume")):
        with pytest.raises(UserError, match="Your runs and data take 2 MB, and each visitor has 2 MB on this server"):
            act()
    house.visit(BOB).submit(CONFIG)
    ann.delete(runs[0])
    ann.submit(CONFIG)


def test_data_of_ones_own_are_counted_and_belong_to_who_brought_them(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitor_mb=1)
    ann, bob = house.visit(ANN), house.visit(BOB)
    assert ann.keep_data("anns", examine(io.BytesIO(table(1.1)), "t.csv")) == "anns"
    assert about.about("anns") is not None
    with pytest.raises(UserError, match="Your runs and data take 1 MB"):
        ann.keep_data("more", examine(io.BytesIO(table()), "t.csv"))
    with pytest.raises(UserError, match="anns belongs to another visitor, who alone can remove it"):
        bob.remove_data("anns")
    assert not bob.owns_data("anns")
    ann.remove_data("anns")
    assert about.names() == []
    storing.keep("hosts", examine(io.BytesIO(table()), "t.csv"))
    with pytest.raises(UserError, match="belongs to another visitor"):
        ann.remove_data("hosts")


def test_presses_are_counted_for_each_and_for_all(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitor_presses=3, presses=5)
    ann, bob = house.visit(ANN), house.visit(BOB)
    run, other = ann.submit(CONFIG), bob.submit(CONFIG)
    ann.slow(run, 1.0)
    ann.slow(run, 2.0)
    with pytest.raises(UserError, match="You have asked for something 3 times within a minute"):
        ann.slow(run, 3.0)
    bob.slow(other, 1.0)
    with pytest.raises(UserError, match="This server is asked for more than it can do"):
        bob.slow(other, 2.0)
    ann.control(run, "stop")  # nobody is kept from that
    clock.now += 61
    ann.slow(other := ann.submit(CONFIG), 1.0)
    assert ann.owns(other)


def test_who_asks_no_more_is_forgotten():
    clock = Clock()
    rates = Rates(2, None, clock)
    for number in range(100):
        rates.count(str(number))
    clock.now += 59
    rates.count("late")
    rates.forget()
    assert len(rates._asked) == 101
    clock.now += 2
    rates.forget()
    assert list(rates._asked) == ["late"]


def test_questions_have_a_limit_of_their_own(engine: Engine, clock: Clock):
    ann = opened(engine, clock, visitor_questions=1).visit(ANN)
    ann.house.questions.count(ANN)
    with pytest.raises(UserError, match="1 times within a minute"):
        ann.ask("walked")
    ann.submit(CONFIG)


def test_a_run_that_nobody_watches_is_stopped_and_says_so(engine: Engine, clock: Clock):
    house = opened(engine, clock, idle_minutes=30, visitor_runs=5)
    ann = house.visit(ANN)
    watched, left, hosts = ann.submit(CONFIG), ann.submit(CONFIG), engine.submit(CONFIG)
    house.tidy()
    clock.now += 29 * 60
    house.watching([watched])
    house.tidy()
    assert engine.store.state(left).state == "queued"
    clock.now += 61
    house.tidy()
    state = engine.store.state(left)
    assert (state.state, state.reason) == (
        "stopped",
        "Nobody watched it for 30 minutes; resume it to go on from its checkpoint.",
    )
    assert [engine.store.state(run).state for run in (watched, hosts)] == ["queued", "queued"]
    ann.control(left, "resume")
    house.tidy()
    assert engine.store.state(left).state == "queued", "it is not stopped at once again"


def test_where_there_is_no_room_the_oldest_go_first_but_none_that_is_pinned_or_goes_on(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitors_mb=4, visitor_mb=100)
    ann, bob = house.visit(ANN), house.visit(BOB)
    hosts = engine.store.create(CONFIG)
    (engine.store.path(hosts) / "checkpoint.safetensors").write_bytes(bytes(9 * MB))
    runs = sorted(
        [ended(ann, 0.9), ended(bob, 0.9), ended(ann, 0.9), ended(bob, 0.9)]
    )  # within a second, by their names
    owner = {run: ann if ann.owns(run) else bob for run in runs}
    owner[runs[0]].pin(runs[0], True)
    going = bob.submit(CONFIG)
    house.tidy()
    assert set(engine.store.list()) == {hosts, going, *runs}
    (engine.store.path(going) / "checkpoint.safetensors").write_bytes(bytes(int(1.5 * MB)))
    engine.store.append(going, RunEnded(status="stopped", step=1, seconds=1.0))
    ann.control(going, "stop") if ann.owns(going) else bob.control(going, "stop")
    bob.pin(going, True)
    house.tidy()
    assert set(engine.store.list()) == {hosts, going, runs[0], runs[3]}


def test_a_house_that_is_full_of_what_is_pinned_takes_nothing_more(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitors_mb=1)
    ann = house.visit(ANN)
    run = ended(ann, 1.1)
    ann.pin(run, True)
    with pytest.raises(UserError, match="There is no room for more on this server"):
        house.visit(BOB).submit(CONFIG)
    ann.pin(run, False)
    house.visit(BOB).submit(CONFIG)
    assert run not in engine.store.list()


def test_a_house_that_is_all_but_full_makes_room_before_it_takes_more(engine: Engine, clock: Clock):
    """What trains grows meanwhile: room that was just enough is none when it is looked at."""
    house = opened(engine, clock, visitors_mb=2)
    ann = house.visit(ANN)
    oldest, newer = sorted([ended(ann, 0.9), ended(ann, 1.05)])
    house.tidy()
    assert set(engine.store.list()) == {oldest, newer}
    house.visit(BOB).submit(CONFIG)
    assert oldest not in engine.store.list()
    assert newer in engine.store.list()


def test_data_sets_go_after_the_runs(engine: Engine, clock: Clock):
    house = opened(engine, clock, visitors_mb=1)
    ann = house.visit(ANN)
    storing.keep("hosts", examine(io.BytesIO(table(2)), "t.csv"))
    ann.keep_data("anns", examine(io.BytesIO(table(0.8)), "t.csv"))
    run = ended(ann, 0.5)
    house.tidy()
    assert (about.names(), engine.store.list()) == (["anns", "hosts"], [])
    assert run not in engine.store.list()
    house.visit(BOB).keep_data("bobs", examine(io.BytesIO(table(0.8)), "t.csv"))
    house.tidy()
    assert about.names() == ["bobs", "hosts"]
