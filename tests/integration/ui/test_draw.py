"""The Draw page in both languages and both modes; drawing itself is tested in the browser."""

import pytest
from streamlit.testing.v1 import AppTest


@pytest.fixture
def draw(page: AppTest) -> AppTest:
    page.run()
    page.switch_page("pages/draw.py").run()
    return page


def test_it_opens_and_says_what_to_draw(draw: AppTest):
    assert not draw.exception
    assert "Draw at least one example of A, B, C." in draw.info[0].value
    draw.segmented_control(key="draw-way").set_value(5).run()
    assert "A, B, C, D, E" in draw.info[0].value
    draw.segmented_control(key="language").set_value("zh").run()
    assert "请至少为 A, B, C, D, E 各画一个样本" in draw.info[0].value
    assert not draw.exception


def test_the_game_goes_through_ten_drawings_and_back(draw: AppTest):
    draw.segmented_control(key="draw-mode").set_value("game").run()
    assert draw.button(key="say-back").disabled
    for _ in range(4):
        draw.button(key="say-C").click().run()
    draw.button(key="say-back").click().run()
    assert "Drawing 4 of 10" in " ".join(item.value for item in draw.markdown)
    assert draw.session_state["draw-rounds"][-1].said == [2, 2, 2]
    assert not draw.exception
