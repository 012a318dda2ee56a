"""What drag_points tells the browser and what it believes of the answer."""

import numpy as np

from metaplay.ui.drag_points import Axis, _taken, following

AXES = (Axis(-2, 2), Axis(-1, 1))
GIVEN = [(0.0, 0.0), (1.0, 0.5)]


def test_a_path_that_follows_stands_where_its_geometry_says_for_any_points():
    rng = np.random.default_rng(0)
    mix, shift = rng.normal(size=(5, 2, 3, 2)), rng.normal(size=(5, 2))

    def geometry(points: np.ndarray) -> np.ndarray:
        return np.einsum("vapb,pb->va", mix, points) + shift

    vertices, follow = following(geometry, 3)
    points = rng.normal(size=(3, 2))
    np.testing.assert_allclose(vertices + follow @ points.ravel(), geometry(points))


def test_moved_points_are_taken():
    assert _taken({"given": "a", "points": [[1, 1], [0.5, -0.5]]}, "a", GIVEN, None, AXES) == [(1.0, 1.0), (0.5, -0.5)]


def test_answers_about_other_points_or_that_make_no_sense_are_not_taken():
    good = [[1, 1], [0, 0]]
    assert _taken({"given": "other", "points": good}, "a", GIVEN, None, AXES) is None
    bad: list[object] = [
        None,
        [[1, 1]],
        [[1, 1], [0, "0"]],
        [[1, 1], [0, 1e9]],
        [[1, 1], [0, float("nan")]],
        [[1, 1], [0]],
    ]
    for points in bad:
        assert _taken({"given": "a", "points": points}, "a", GIVEN, None, AXES) is None
    assert _taken("points", "a", GIVEN, None, AXES) is None


def test_where_points_may_be_added_their_number_is_bounded():
    def answer(count: int) -> dict[str, object]:
        return {"given": "a", "points": [[0, 0]] * count}

    assert [_taken(answer(count), "a", GIVEN, 4, AXES) is not None for count in range(6)] == [
        False,
        True,
        True,
        True,
        True,
        False,
    ]
