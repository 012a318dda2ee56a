"""Replays: what is shown at a moment is what the log held then, at any speed; long silence is cut short."""

import pytest

from metaplay.events import Progress, RunEnded, RunStarted
from metaplay.ui.player import FRAMES, LONGEST_GAP, Film, Playhead, shipped
from tests.unit.charts.synthetic import run


def _progress(at: float, step: int) -> Progress:
    return Progress(
        at=at, step=[step], meta_loss=[1.0], loss_before=[1.0], loss_after=[1.0], outer_lr=[1.0], grad_norm=[1.0],
        seconds=1.0, tasks_per_second=1.0,
    )  # fmt: skip


def _film() -> Film:
    started = run("maml", "sinusoid", 0).started
    assert started
    steps = [_progress(100 + second, second) for second in range(1, 6)]
    later = [_progress(90_000 + second, 5 + second) for second in range(1, 6)]
    first: RunStarted = started.model_copy(update={"at": 100.0})
    return Film([first, *steps, *later, RunEnded(at=90_005.0, status="finished", step=10, seconds=9)])


def test_a_picture_holds_what_had_happened_by_then():
    film = _film()
    assert film.seconds == 5 + LONGEST_GAP + 4
    shown = [film.history(number).step for number in range(FRAMES + 1)]
    assert shown == sorted(shown)
    assert set(shown) == set(range(11))
    assert shown[int(FRAMES * 3.5 / film.seconds)] == 3
    assert film.history(0).state == "running"
    assert film.history(FRAMES).state == "finished"


def test_a_playhead_goes_at_its_pace_and_stops_at_the_end():
    head = Playhead(0.2, since=10, pace=0.1)
    assert head.at(12) == pytest.approx(0.4)
    assert head.picture(12) == int(0.4 * FRAMES)
    assert head.playing(17.9)
    assert not head.playing(18.1)
    assert head.picture(99) == FRAMES
    still = Playhead(0.2, since=10)
    assert still.at(99) == 0.2
    assert not still.playing(99)


def test_views_are_drawn_once_for_all_who_watch():
    film = shipped()
    first, again = film.drawn(FRAMES, "en", "light"), film.drawn(FRAMES, "en", "light")
    assert all(one is other for one, other in zip(first, again, strict=True))
    assert film.history(FRAMES).state == "finished"
