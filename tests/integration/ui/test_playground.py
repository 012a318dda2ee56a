"""What the Playground shows for an address and for what is clicked; the moving part is tested in the browser."""

from streamlit.testing.v1 import AppTest

from metaplay.config import RunConfig, applicable, control, defaults, summary
from metaplay.presets import PRESETS
from metaplay.registry import PROTOCOLS
from metaplay.ui.share import to_query


def _fields(page: AppTest) -> set[str]:
    return {
        name
        for name in RunConfig.model_fields
        for kind in (page.selectbox, page.number_input, page.toggle)
        if any(widget.key == f"field-{name}" for widget in kind)
    }


def _address(page: AppTest) -> dict[str, str]:
    found = {name: page.query_params[name] for name in page.query_params}
    return {name: value if isinstance(value, str) else value[-1] for name, value in found.items()}


def test_the_bare_page_opens_without_an_error_and_offers_train(page: AppTest):
    page.run()
    assert not page.exception
    assert not page.error
    assert not page.button(key="train").disabled
    assert page.button(key="stop").disabled


def test_the_form_shows_the_fields_that_apply_and_no_other(page: AppTest):
    page.query_params["algorithm"] = "mamlpp"
    page.run()
    assert _fields(page) == set(applicable(defaults("mamlpp", "sinusoid"))) - {"network"}
    page.selectbox(key="field-family").set_value("strokes").run()
    assert _fields(page) == set(applicable(defaults("mamlpp", "strokes")))
    page.selectbox(key="field-algorithm").set_value("scratch").run()
    assert _fields(page) == set(applicable(defaults("scratch", "strokes")))
    assert not page.exception


def test_a_protocol_takes_the_rotations_away_and_gives_them_back(page: AppTest):
    page.query_params["family"] = "omniglot"
    page.query_params["rotations"] = "true"
    page.run()
    assert page.toggle(key="field-rotations").value is True
    page.selectbox(key="field-protocol").set_value("finn").run()
    assert "rotations" not in _fields(page)
    assert not page.error
    assert PROTOCOLS["finn"].summary.en in page.selectbox(key="field-protocol").help
    page.selectbox(key="field-protocol").set_value("plain").run()
    assert page.toggle(key="field-rotations").value is False
    assert not page.exception


def test_every_control_explains_itself(page: AppTest):
    page.run()
    for widget in [*page.selectbox, *page.number_input, *page.toggle]:
        assert control(str(widget.key).removeprefix("field-")).help.en in widget.help


def test_an_address_fills_the_form_and_stays(page: AppTest):
    config = PRESETS["strokes-5w1s-mamlpp"].config
    query = to_query({**summary(config), "shot": 3, "inner_lr": 0.05, "msl": False}, None)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert page.number_input(key="field-shot").value == 3
    assert page.number_input(key="field-inner_lr").value == 0.05
    assert page.toggle(key="field-msl").value is False
    assert _address(page) == {**query, "lang": "en"}


def test_a_control_whose_message_was_lost_would_still_show_its_value(page: AppTest):
    """A browser that was never told of the value that was set shows the usual one, and sends it back."""
    page.query_params["family"] = "strokes"
    page.query_params["inner_steps"] = "4"
    page.run()
    for widget in [*page.number_input, *page.toggle]:
        assert widget.proto.default == widget.value, widget.key
    for widget in page.selectbox:
        assert widget.options[widget.proto.default] == widget.format_func(widget.value), widget.key


def test_an_address_that_is_not_allowed_is_refused_with_the_reason(page: AppTest):
    page.query_params["shot"] = "1000"
    page.run()
    assert "shot = 1000" in page.warning[0].value
    assert page.number_input(key="field-shot").value == defaults("maml", "sinusoid").shot
    page.number_input(key="field-shot").set_value(4).run()
    assert not page.warning
    assert _address(page)["shot"] == "4"


def test_a_run_that_is_not_here_is_said_to_be_gone(page: AppTest):
    page.query_params["run"] = "20200101-000000-abcdef"
    page.run()
    assert "20200101-000000-abcdef" in page.warning[0].value
    assert not page.exception


def test_an_address_that_names_no_run_opens_as_if_it_said_nothing_of_one(page: AppTest):
    page.query_params["run"] = ""
    page.run()
    assert not page.exception
    assert "run" not in page.query_params


def test_values_that_do_not_fit_together_are_explained_and_cannot_be_trained(page: AppTest):
    page.run()
    page.number_input(key="field-test_inner_steps").set_value(1).run()
    page.number_input(key="field-inner_steps").set_value(5).run()
    assert "test_inner_steps = 1" in page.error[0].value
    assert page.button(key="train").disabled
    page.number_input(key="field-test_inner_steps").set_value(5).run()
    assert not page.error
    assert not page.button(key="train").disabled


def test_a_preset_sets_the_form_and_the_address(page: AppTest):
    page.run()
    page.button(key="preset-sinusoid-reptile").click().run()
    assert page.selectbox(key="field-algorithm").value == "reptile"
    assert _address(page)["algorithm"] == "reptile"
    assert _address(page)["outer_lr"] == "1.0"


def test_the_language_is_the_browsers_until_one_is_chosen(page: AppTest):
    page.context = {"locale": "zh-CN"}
    page.run()
    assert page.number_input(key="field-seed").label == control("seed").label.zh
    page.segmented_control(key="language").set_value("en").run()
    assert page.number_input(key="field-seed").label == control("seed").label.en
    assert _address(page)["lang"] == "en"


def test_an_address_brings_its_language(page: AppTest):
    page.query_params["lang"] = "zh"
    page.run()
    assert page.number_input(key="field-seed").label == control("seed").label.zh


def test_reset_puts_the_form_back(page: AppTest):
    page.run()
    page.number_input(key="field-shot").set_value(4).run()
    page.button(key="reset").click().run()
    assert page.number_input(key="field-shot").value == defaults("maml", "sinusoid").shot
