"""Stick figures: their points beside MuJoCo's own geometry, and a chart whose every frame is where the body was."""

import math
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from metaplay.charts.bodies import FRAMES, SECONDS, alt, bodies
from metaplay.charts.skeletons import cheetah, pendulum
from metaplay.charts.style import as_json
from metaplay.history import History

from .synthetic import run, untyped


@pytest.mark.usefixtures("mujoco")
def test_the_points_are_where_mujoco_has_the_joints_and_the_ends_of_the_limbs():
    from metaplay.tasks.bodies import Bodies
    from metaplay.tasks.cheetah import MODEL, SUBSTEPS

    mujoco: Any = import_module("mujoco")
    model = Bodies(MODEL, SUBSTEPS).model
    data, rng = mujoco.MjData(model), np.random.default_rng(0)
    for _ in range(5):
        pose = rng.standard_normal(9)
        data.qpos[:] = pose
        mujoco.mj_forward(model, data)
        points = cheetah(pose, [])
        joints = {"bthigh": 3, "bshin": 2, "bfoot": 1, "fthigh": 4, "fshin": 7, "ffoot": 8}
        for name, place in joints.items():
            np.testing.assert_allclose(points[place], data.body(name).xpos[[0, 2]], atol=1e-9)
        np.testing.assert_array_equal(points[4], points[6])  # the front hip, before and after the snout
        for name, place, side in (("head", 5, 1), ("bfoot", 0, -1), ("ffoot", 9, -1)):
            geom = data.geom(name)
            end = geom.xpos + side * model.geom(name).size[1] * geom.xmat.reshape(3, 3)[:, 2]
            np.testing.assert_allclose(points[place], end[[0, 2]], atol=1e-4)


def test_a_pendulum_stands_upright_at_0_and_turns_to_the_right():
    np.testing.assert_allclose(
        pendulum(np.array([[0.0], [math.pi / 2]]), [0.1, 0.6])[:, 1], [[0, 0.6], [0.6, 0]], atol=1e-12
    )


def test_every_frame_shows_the_bodies_of_its_time_each_in_its_own_window():
    history = run("maml", "cheetah-vel", 20)
    figure, probe = untyped(bodies(history, "en", "light")), history.probes[-1]
    assert len(figure.frames) == FRAMES
    assert [frame.name for frame in figure.frames[:3]] == ["0.0", "0.1", "0.2"]
    assert len(figure.layout.sliders[0].steps) == FRAMES
    assert [trace.uid for trace in figure.data] == ["body-0", "body-1", "body-2", "body-3", "floor", "pace"]
    low, high = figure.layout.xaxis.range
    for time in (0, 7, FRAMES - 1):
        traces = figure.frames[time].data
        assert len(traces) == len(figure.data)
        for place, poses in enumerate(probe.poses):
            points = cheetah(np.array(poses[time]), []) - (poses[time][0], 0.0)
            off = np.stack((traces[place].x, traces[place].y), -1).astype(float) - points
            np.testing.assert_allclose(off, np.broadcast_to(off[0], off.shape), atol=0.011)
            assert low <= off[0, 0] <= high
    middles = {(round(np.mean(trace.x)), round(np.mean(trace.y))) for trace in figure.frames[0].data[:4]}
    assert len(middles) == 4


def test_the_pace_is_that_of_the_goal_and_stays_at_the_windows_edge():
    history = run("maml", "cheetah-vel", 20)
    speed, probe = 0.3, history.probes[-1]
    figure = untyped(bodies(history, "en", "light"))
    half = -figure.layout.xaxis.range[0]
    for time in (0, 20):
        ahead = probe.poses[0][0][0] + speed * time * SECONDS - probe.poses[0][time][0]
        assert figure.frames[time].data[5].x[0] == pytest.approx(min(ahead, half), abs=0.006)


def test_a_chart_says_how_fast_they_run_and_what_they_are_to_do():
    history = run("maml", "cheetah-vel", 20)
    poses = history.probes[-1].poses
    speeds = [(run[-1][0] - run[0][0]) / 10 for run in poses]
    said = [note.text for note in untyped(bodies(history, "en", "light")).layout.annotations]
    assert said[0] == f"before: {speeds[0]:.2f} m/s"
    assert said[3] == f"after 3 steps: {speeds[3]:.2f} m/s"
    assert alt(history, "en") == (
        f"At meta-step 20, the body runs {speeds[0]:.2f} m/s before adaptation and {speeds[3]:.2f} m/s after 3 inner steps; goal: 0.30 m/s."
    )
    assert "backwards" in alt(_backwards(), "en")
    assert "0.30 kg, 0.60 m" in alt(run("maml", "pendulum", 20), "en")


def test_it_is_small_enough_to_be_sent():
    assert len(as_json(bodies(run("maml", "cheetah-vel", 20), "en", "light"))) < 80_000


def _backwards() -> History:
    history = run("maml", "cheetah-dir", 20)
    assert history.task
    history.task = history.task.model_copy(update={"goal": [-1.0]})
    return history
