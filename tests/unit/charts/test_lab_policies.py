"""Figures of the lab of a run that learns to act: returns as they were, arrows as the policy would go, strict JSON."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from metaplay.charts.lab import field, returns
from metaplay.charts.lab.shown import Shown
from metaplay.walks import PlaneWalk

from .synthetic import untyped

STEPS, TRIES, SIDE = 5, 8, 4
GOAL = (0.3, -0.2)


def plane_walk(algorithm: str = "maml", oracle: float | None = -0.5) -> PlaneWalk:
    """Before adaptation everybody stays; then everybody goes straight to the goal, the return better with every step."""
    rng = np.random.default_rng(3)
    got = -40.0 / np.arange(1, STEPS + 2)[:, None] + rng.normal(size=(STEPS + 1, TRIES))
    side = np.linspace(-0.85, 0.85, SIDE)
    places = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    moves = np.stack([0.05 * (step > 0) * (np.array(GOAL) - places) for step in range(STEPS + 1)])
    time = np.linspace(0, 1, 7)[:, None]
    paths = np.stack([(step > 0) * time * np.array(GOAL) for step in range(STEPS + 1)])[:, None].repeat(3, 1)
    cost = -got.mean(1)
    measured = (algorithm, 1, 3, cost, cost, got, oracle)
    return PlaneWalk(*measured, GOAL, (0.0, 0.0), paths, places, moves, 0.5, 0.85, False, False)


FOUND = [Shown("mine", plane_walk()), Shown("other", plane_walk("scratch"), second=True)]
FIGURES = [(returns, returns.returns), (field, field.field)]


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("module", "draw"), FIGURES)
def test_figures_are_small_strict_and_stay_the_same_chart(module: Any, draw: Any, count: int):
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in JSON")

    texts = [str(draw(FOUND[:count], step, "en", "dark").to_json(remove_uids=False)) for step in (0, 4)]
    drawn = [json.loads(text, parse_constant=refuse) for text in texts]
    uids = [[trace["uid"] for trace in figure["data"]] for figure in drawn]
    assert max(map(len, texts)) < 80_000
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == len(uids[0])
    assert drawn[0]["layout"]["uirevision"] == drawn[1]["layout"]["uirevision"]
    assert all(shown.name in module.alt(FOUND[:count], 2, "en") for shown in FOUND[:count])
    chinese = module.alt(FOUND, 2, "zh") + draw(FOUND, 2, "zh", "light").layout.title.text
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese)


def test_the_line_is_the_mean_return_and_the_band_its_interval_over_the_trajectories():
    walk = FOUND[0].walk
    traces = {trace.uid: trace for trace in untyped(returns.returns(FOUND[:1], 2, "en", "light")).data}
    assert list(traces["first-return"].y) == pytest.approx(walk.returns.mean(1).tolist(), rel=1e-3)
    half = [1.96 * np.std(row, ddof=1) / np.sqrt(TRIES) for row in walk.returns]
    high, low = np.split(np.array(traces["first-ci95"].y, float), 2)
    assert ((high - low[::-1]) / 2).tolist() == pytest.approx(half, rel=0.01)
    assert list(traces["first-now"].x) == [2]
    assert list(traces["oracle"].y) == [-0.5, -0.5]
    assert "-40" in returns.alt(FOUND[:1], 2, "en")


def test_where_nobody_knows_the_best_there_is_no_line_of_it():
    found = [Shown("mine", replace(plane_walk(), oracle=None))]
    assert "oracle" not in {trace.uid for trace in untyped(returns.returns(found, 1, "en", "light")).data}
    assert "Told" not in returns.alt(found, 1, "en")


def test_an_arrow_points_where_the_policy_goes():
    traces = {trace.uid: trace for trace in untyped(field.field(FOUND[:1], 3, "en", "light")).data}
    after, walk = traces["after-x"], FOUND[0].walk
    for place in range(SIDE**2):
        x, y = (np.array(side[3 * place : 3 * place + 2], float) for side in (after.x, after.y))
        assert (x[0], y[0]) == pytest.approx(walk.places[place], abs=1e-3)
        arrow, aim = np.array([x[1] - x[0], y[1] - y[0]]), np.array(GOAL) - walk.places[place]
        assert arrow @ aim == pytest.approx(np.linalg.norm(arrow) * np.linalg.norm(aim), rel=1e-3)
        turned = np.radians(after.marker.angle[3 * place])  # clockwise from upwards
        assert np.array([np.sin(turned), np.cos(turned)]) @ aim == pytest.approx(np.linalg.norm(aim), rel=1e-3)
    assert field.aimed(walk, 3) == 1
    assert list(traces["goal-x"].x) == [0.3]


def test_distances_are_from_where_the_agents_end():
    assert FOUND[0].walk.distance(0) == pytest.approx(np.hypot(*GOAL))
    assert FOUND[0].walk.distance(2) == pytest.approx(0, abs=1e-12)
