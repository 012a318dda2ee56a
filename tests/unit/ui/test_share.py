"""The address: what goes in comes out, and what is not allowed is refused with a sentence."""

import pytest

from metaplay.config import ConfigError, defaults, revise, summary
from metaplay.presets import PRESETS
from metaplay.ui.share import from_query, to_query


@pytest.mark.parametrize("name", PRESETS)
def test_every_preset_survives_the_address(name: str):
    config = PRESETS[name].config
    assert from_query(to_query(summary(config), "20260101-000000-abcdef")) == config


def test_a_rate_keeps_every_digit():
    config = revise(defaults("maml", "sinusoid"), {"inner_lr": 0.012345678901234567})
    assert from_query(to_query(summary(config), None)) == config


def test_the_address_has_the_fields_that_apply_and_the_run():
    query = to_query(summary(defaults("maml", "sinusoid")), "the-run")
    assert query["run"] == "the-run"
    assert query["inner_steps"] == "1"
    assert "way" not in query


def test_what_an_address_leaves_out_is_as_its_tasks_want_it():
    assert from_query({"family": "strokes", "shot": "2"}) == revise(defaults("maml", "strokes"), {"shot": 2})


def test_an_address_without_settings_says_nothing_about_the_form():
    assert from_query({"lang": "zh", "run": "any"}) is None


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"shot": "many"}, "shot = many"),
        ({"shot": "0"}, "shot = 0"),
        ({"algorithm": "magic"}, "algorithm = magic"),
        ({"inner_lr": "nan"}, "inner_lr = nan"),
        ({"colour": "red"}, "colour"),
        ({"family": "strokes", "network": "mlp"}, "network = mlp"),
    ],
)
def test_what_is_not_allowed_is_refused(query: dict[str, str], sentence: str):
    with pytest.raises(ConfigError, match=sentence):
        from_query(query)
