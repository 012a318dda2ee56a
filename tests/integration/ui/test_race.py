"""What the race page offers, refuses and remembers; what moves on it is tested in the browser."""

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.engine import racing
from metaplay.ui.engine import engine


@pytest.fixture
def race(page: AppTest) -> AppTest:
    """The race page, opened bare."""
    page.run()
    page.switch_page("pages/race.py").run()
    return page


def test_it_opens_with_three_algorithms_that_could_start(race: AppTest):
    assert not race.exception
    chosen = [race.selectbox(key=f"race-algorithm-{place}").value for place in range(3)]
    assert chosen == ["maml", "fomaml", "reptile"]
    assert not race.button(key="race-start").disabled


def test_runners_are_added_changed_and_removed(race: AppTest):
    race.button(key="race-add").click().run()
    race.selectbox(key="race-algorithm-3").set_value("maml").run()
    race.number_input(key="race-inner_steps-3").set_value(3).run()
    race.button(key="race-remove-1").click().run()
    assert [race.selectbox(key=f"race-algorithm-{place}").value for place in range(3)] == ["maml", "reptile", "maml"]
    assert race.number_input(key="race-inner_steps-2").value == 3
    assert not race.exception
    assert not race.error


def test_what_does_not_fit_is_told_and_cannot_start(race: AppTest):
    race.number_input(key="race-test_inner_steps-0").set_value(1).run()
    race.number_input(key="race-inner_steps-0").set_value(5).run()
    assert "test_inner_steps = 1" in race.error[0].value
    assert race.button(key="race-start").disabled
    race.number_input(key="race-test_inner_steps-0").set_value(5).run()
    assert not race.error


def test_another_family_brings_its_own_race(race: AppTest):
    race.segmented_control(key="race-family").set_value("strokes").run()
    assert race.number_input(key="race-way").value == 5
    assert not race.exception
    assert not race.error


def test_a_sweep_takes_two_to_four_values(race: AppTest):
    race.segmented_control(key="race-kind").set_value("shot").run()
    assert not race.error
    race.pills(key="race-values").set_value([5]).run()
    assert "two to four values" in race.error[0].value
    assert race.button(key="race-start").disabled
    race.pills(key="race-values").set_value([5, 10]).run()
    assert not race.error
    race.segmented_control(key="race-kind").set_value("").run()
    assert not race.error
    assert not race.exception


def test_a_race_starts_is_in_the_address_and_is_found_again(race: AppTest, page: AppTest):
    race.number_input(key="race-steps").set_value(3).run()
    race.number_input(key="race-eval_tasks").set_value(2).run()
    race.button(key="race-start").click().run()
    assert not race.exception
    name = race.query_params["race"]
    name = name if isinstance(name, str) else name[-1]
    members = racing.read(engine().store, name).members
    assert [engine().store.config(run).algorithm for run in members] == ["maml", "fomaml", "reptile"]
    engine().control_race(name, "stop")


def test_an_address_of_a_race_that_is_not_here_is_told(page: AppTest):
    page.run()
    page.switch_page("pages/race.py")
    page.query_params["race"] = "20200101-000000-abcdef"
    page.run()
    assert "20200101-000000-abcdef" in page.warning[0].value
    assert not page.exception
