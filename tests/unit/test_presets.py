"""Presets: all there, all valid, each saying what it shows."""

import pytest

from metaplay.config import applicable
from metaplay.presets import PRESETS, preset
from metaplay.text import UserError

NAMES = {
    *(f"sinusoid-{name}" for name in ("maml", "fomaml", "mamlpp", "reptile")),
    *(f"strokes-5w1s-{name}" for name in ("maml", "mamlpp", "reptile")),
    *(f"omniglot-5w1s-{name}" for name in ("maml", "fomaml", "mamlpp", "reptile")),
    "mnist-joint",
}


def test_the_promised_presets_are_there():
    assert set(PRESETS) >= NAMES


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_what_its_name_says(name: str):
    config = preset(name).config
    assert name.split("-", maxsplit=1)[0] == config.family
    assert name.rsplit("-", maxsplit=1)[-1] == config.algorithm
    if "5w1s" in name:
        assert (config.way, config.shot) == (5, 1)
    assert set(preset(name).values) <= set(applicable(config))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_speaks_both_languages(name: str):
    assert preset(name).title.en
    assert preset(name).title.zh != preset(name).title.en


def test_an_unknown_preset_names_those_there_are():
    with pytest.raises(UserError, match=r"sinusoid-mmal: there is no such preset; the presets are sinusoid-maml, "):
        preset("sinusoid-mmal")
