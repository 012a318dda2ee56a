"""The chapters for an address and for what is clicked; dragging is tested in the browser."""

import pytest
from streamlit.testing.v1 import AppTest

from metaplay.text import Language
from metaplay.ui.learn.chapters import CHAPTERS


@pytest.fixture
def learn(page: AppTest) -> AppTest:
    """The page Learn, not yet opened."""
    page.switch_page("pages/learn.py")
    return page


def _chapter(learn: AppTest) -> str:
    found = learn.query_params["chapter"]
    return found if isinstance(found, str) else found[-1]


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", CHAPTERS)
def test_a_chapter_opens_by_its_address(learn: AppTest, name: str, language: Language):
    learn.query_params["chapter"], learn.query_params["lang"] = name, language
    learn.run()
    assert not learn.exception
    assert not learn.warning
    assert CHAPTERS[name].title(language) in learn.subheader[0].value
    assert len(learn.code) == len(CHAPTERS[name].sources)


def test_next_and_previous_turn_the_chapters_and_the_address(learn: AppTest):
    learn.run()
    names = list(CHAPTERS)
    for name in names[1:]:
        learn.button(key="learn-next").click().run()
        assert _chapter(learn) == name
    assert not [button for button in learn.button if button.key == "learn-next"]
    learn.button(key="learn-previous").click().run()
    assert _chapter(learn) == names[-2]
    assert not learn.exception


def test_an_unknown_chapter_is_said_to_be_unknown(learn: AppTest):
    learn.query_params["chapter"] = "nine"
    learn.run()
    assert "nine" in learn.warning[0].value
    assert _chapter(learn) == next(iter(CHAPTERS))


def test_every_repair_and_field_has_its_picture(learn: AppTest):
    for name, key, choices in (
        ("mamlpp", "learn-repair", ("msl", "lslr", "da", "bnrs", "bnwb", "ca")),
        ("applications", "learn-field", ("vision", "language", "control", "ordinary")),
    ):
        learn.query_params["chapter"] = name
        learn.run()
        for choice in choices:
            learn.segmented_control(key=key).set_value(choice).run()
            assert not learn.exception


def test_a_meta_step_lowers_the_loss_after_adapting(learn: AppTest):
    learn.query_params["chapter"] = "maml"
    learn.run()
    before = float(learn.metric[1].value)
    learn.button(key="learn-meta-step").click().run()
    assert float(learn.metric[1].value) < before
    learn.button(key="learn-maml-reset").click().run()
    assert float(learn.metric[1].value) == before
