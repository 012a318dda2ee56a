"""The plane's closed forms against finite differences, and what the chapters say of them."""

import numpy as np
import pytest

from metaplay.charts.learn import quadratic as plane

CURVATURES = np.stack([plane.bowl(1.6, 0.2, 20), plane.bowl(1.2, 0.3, 80), plane.bowl(1.5, 0.1, -40)])
CENTRES = np.array([[-1.0, 0.8], [1.2, 0.9], [0.2, -1.1]])
THETA = np.array([0.3, -0.4])
WORLD = (CENTRES, CURVATURES, 0.3)


def _meta_loss(theta: np.ndarray, steps: int) -> float:
    fast = plane.inner_path(theta, *WORLD, steps)[-1]
    return float(plane.loss(fast, CENTRES, CURVATURES).mean())


@pytest.mark.parametrize("steps", [0, 1, 2, 5])
def test_the_exact_meta_gradient_is_that_of_the_loss_after_the_inner_steps(steps: int):
    h = 1e-5
    numeric = [
        (_meta_loss(THETA + h * unit, steps) - _meta_loss(THETA - h * unit, steps)) / (2 * h) for unit in np.eye(2)
    ]
    np.testing.assert_allclose(plane.exact(THETA, *WORLD, steps), numeric, atol=1e-9)


def test_first_order_is_the_gradient_at_the_fast_weights_and_differs_unless_nothing_adapts():
    fast = plane.inner_path(THETA, *WORLD, 2)[-1]
    np.testing.assert_allclose(plane.first_order(THETA, *WORLD, 2), plane.gradients(fast, CENTRES, CURVATURES).mean(0))
    assert plane.angle(plane.first_order(THETA, *WORLD, 2), plane.exact(THETA, *WORLD, 2)) > 5
    still = (CENTRES, CURVATURES, 0.0, 2)
    np.testing.assert_allclose(plane.first_order(THETA, *still), plane.exact(THETA, *still))
    np.testing.assert_allclose(plane.exact(THETA, *still), plane.joint(THETA, CENTRES, CURVATURES))


def test_descent_comes_to_rest_where_the_meta_loss_is_least():
    def gradient(theta: np.ndarray) -> np.ndarray:
        return plane.exact(theta, *WORLD, 2)

    best = plane.rest(gradient)
    np.testing.assert_allclose(plane.descent(THETA, gradient, 1.0, 400)[-1], best, atol=1e-6)
    assert all(_meta_loss(best, 2) < _meta_loss(best + 0.05 * unit, 2) for unit in (*np.eye(2), *-np.eye(2)))


def test_a_ring_has_the_same_loss_all_around():
    around = plane.ring(CURVATURES[0], 0.7, 12)
    bottom, curvature = np.zeros((1, 2)), CURVATURES[:1]
    assert [plane.loss(place, bottom, curvature)[0] for place in around] == pytest.approx([0.7] * 12)


def test_reptile_on_flat_valleys_ends_nearest_to_all_of_them():
    valleys = np.stack([plane.bowl(1, 0, degrees) for degrees in (0, 60, 120)])
    path = plane.reptile(THETA, CENTRES, valleys, 0.5, 20, 0.02, 600)
    nearest = plane.rest(lambda theta: plane.joint(theta, CENTRES, valleys))
    np.testing.assert_allclose(path[-1, -1], nearest, atol=0.03)
    np.testing.assert_allclose(path[1:, 0], path[:-1, 2])


def test_angles_are_in_degrees():
    assert plane.angle(np.array([1.0, 0.0]), np.array([0.0, 2.0])) == pytest.approx(90)
    assert plane.angle(np.array([1.0, 0.0]), np.zeros(2)) == 0
