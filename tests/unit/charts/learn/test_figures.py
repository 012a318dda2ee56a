"""The chapters' charts show what their data say."""

from typing import Any

import numpy as np
import pytest

from metaplay.charts.learn import order, prototypes, published, repairs, tasks
from metaplay.charts.learn import quadratic as plane
from metaplay.config import RunConfig


@pytest.mark.parametrize("name", repairs.REPAIRS)
def test_a_repair_has_two_panels_that_differ_and_a_switch_in_the_configuration(name: str):
    figure = repairs.figure(name, "en", "light")
    before, after = ([trace for trace in _traces(figure) if trace.xaxis == panel] for panel in ("x", "x2"))
    assert name in RunConfig.model_fields
    assert len({trace.uid for trace in _traces(figure)}) == len(_traces(figure))
    assert [(trace.x, trace.y) for trace in before] != [(trace.x, trace.y) for trace in after]
    shown = [trace.name for trace in _traces(figure) if trace.showlegend]
    assert len(shown) == len(set(shown)) > 0


def test_multi_step_weights_add_up_and_end_with_the_last_step():
    earlier, last = (
        np.array(trace.y) for trace in _traces(repairs.figure("msl", "en", "light")) if trace.xaxis == "x2"
    )
    np.testing.assert_allclose((repairs.STEPS - 1) * earlier + last, 1)
    assert (earlier[0], last[0]) == pytest.approx((1 / repairs.STEPS, 1 / repairs.STEPS))
    assert (earlier[-1], last[-1]) == (0, 1)


def test_points_of_a_wave_lie_on_it_and_support_grows_with_the_shots():
    figure = tasks.wave(3, 4, "en", "light")
    by_name = {trace.name: trace for trace in _traces(figure)}
    support, query, truth = (by_name[name] for name in ("support set", "query set", "true wave"))
    assert (len(support.x), len(query.x)) == (4, 10)
    for points in (support, query):
        np.testing.assert_allclose(np.interp(points.x, truth.x, truth.y), points.y, atol=0.02)


def test_the_same_seed_deals_the_same_characters_and_answers_name_them():
    asked, told, other = (
        tasks.characters(*these, "en", "light") for these in ((5, 2, False), (5, 2, True), (6, 2, True))
    )
    assert _traces(asked)[0].x == _traces(told)[0].x != _traces(other)[0].x
    labels = [[note.text for note in _layout(figure).annotations][5:10] for figure in (asked, told)]
    assert labels[0] == ["?"] * 5
    assert sorted(labels[1]) == ["1", "2", "3", "4", "5"]


def test_the_ring_stands_on_the_angle_of_its_sliders():
    world = (np.array([1.0, -1.0]), np.zeros((1, 2)), plane.bowl(1.5, 0.2, 30)[None], 0.3, 3)
    figure = order.angles(*world, 0.6, "en", "light")
    here = next(trace for trace in _traces(figure) if trace.uid == "here")
    assert here.y[0] == pytest.approx(plane.angle(plane.exact(*world), plane.first_order(*world)), rel=1e-3)
    assert all(trace.y[0] == 0 for trace in _traces(figure) if trace.uid != "here")


@pytest.mark.parametrize("setting", published.SETTINGS)
def test_published_figures_are_drawn_as_they_were_read(setting: str):
    figure = published.omniglot(setting, "en", "light")
    for trace in _traces(figure):
        assert trace.text[0].strip().startswith(f"{trace.x[0]:g}"[:4])
    assert str(_traces(figure)[0].x[0])[:2] in published.omniglot_alt(setting, "en")


def test_a_region_holds_the_places_nearest_to_its_centre():
    rng = np.random.default_rng(0)
    centres = rng.normal(size=(3, 2))
    areas = [_area(region) for region in prototypes.regions(centres, 3)]
    places = rng.uniform(-3, 3, (20_000, 2))
    nearest = ((places[:, None] - centres) ** 2).sum(-1).argmin(1)
    np.testing.assert_allclose(np.array(areas) / 36, np.bincount(nearest, minlength=3) / len(places), atol=0.015)
    assert sum(areas) == pytest.approx(36)


def test_the_nearest_class_has_the_greatest_share():
    centres = prototypes.means(np.array([[0.0, 0], [2, 0], [0, 3], [0, 5]]), 2)
    assert centres.tolist() == [[1, 0], [0, 4]]
    shares = prototypes.shares(np.array([1.0, 1.0]), centres)
    assert shares.tolist() == pytest.approx([1 / (1 + np.exp(-9)), 1 / (1 + np.exp(9))])


def _traces(figure: Any) -> list[Any]:
    return list(figure.data)


def _layout(figure: Any) -> Any:
    return figure.layout


def _area(corners: np.ndarray) -> float:
    x, y = corners[:-1].T
    return float(abs(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2)
