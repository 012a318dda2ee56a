"""The Draw page in both languages and all modes; drawing itself is tested in the browser."""

import json

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


def _html(draw: AppTest) -> str:
    blocks, components = draw.get("html"), draw.get("bidi_component")
    words = [found for part in components if (found := json.loads(part.proto.json or "{}").get("html"))]  # type: ignore[attr-defined]
    return " ".join([*(block.body for block in blocks), *words])  # type: ignore[attr-defined]


def _type(draw: AppTest) -> AppTest:
    return draw.segmented_control(key="draw-mode").set_value("words").run(timeout=60)


def test_typed_intents_are_told_apart_and_what_is_wrong_with_them_is_said(draw: AppTest):
    _type(draw)
    assert not draw.exception
    assert not draw.info
    said = _html(draw)
    assert "<b>ProtoNet</b> says <b>A walk the dog</b>" in said
    assert ">puppy</mark>" in said
    draw.text_input(key="type-en-name-B").set_value("Walk the dog").run()
    assert "Intents A and B have the same name" in draw.info[0].value
    draw.text_input(key="type-en-name-B").set_value("修车 <b>").run()
    assert not draw.info
    draw.text_area(key="type-en-lines-C").set_value("").run()
    assert "Intent C has no example yet" in draw.info[0].value
    draw.segmented_control(key="type-en-way").set_value(2).run()
    assert not draw.info
    draw.text_input(key="type-en-query").set_value("Привет!").run()
    assert "read nothing in this sentence" in draw.info[0].value
    assert not draw.exception


def test_real_intents_fill_the_fields_in_the_language_of_the_page(draw: AppTest):
    _type(draw)
    draw.button(key="type-real").click().run()
    assert (draw.text_area(key="type-en-lines-A").value or "").count("\n") == 2
    assert draw.text_input(key="type-en-name-A").value != "walk the dog"
    draw.segmented_control(key="language").set_value("zh").run(timeout=60)
    assert draw.text_input(key="type-zh-name-A").value == "遛狗"
    assert not draw.exception
    assert "认为是 <b>A 遛狗</b>" in _html(draw)
