"""What the form says of memory before anything is trained."""

import pytest
from streamlit.testing.v1 import AppTest

from metaplay import host
from metaplay.config import training_memory
from metaplay.presets import CARDS


def _said(page: AppTest) -> str:
    return next(caption.value for caption in page.sidebar.caption if "Memory" in caption.value)


def test_the_form_tells_what_training_needs_and_what_is_free(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    page.query_params["family"] = "strokes"
    page.run()
    few = _said(page)
    assert few.startswith("Memory for training: about ")
    assert few.endswith(" are free on this machine.")
    page.number_input(key="field-test_inner_steps").set_value(20).run()
    page.number_input(key="field-inner_steps").set_value(20).run()
    assert _said(page).split(";")[0] != few.split(";")[0]
    assert not page.exception


def test_a_run_that_will_not_fit_is_warned_of_with_what_helps(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    monkeypatch.setattr("metaplay.ui.room.free_memory", lambda: 120_000_000)
    for name, value in {"family": "strokes", "inner_steps": "20", "test_inner_steps": "20"}.items():
        page.query_params[name] = value
    page.run()
    (warning,) = page.sidebar.warning
    assert "120 MB are free: switch on Recompute inner steps, or lower" in warning.value
    page.toggle(key="field-recompute").set_value(True).run()
    assert not page.sidebar.warning
    assert _said(page)


def test_memory_elsewhere_is_not_told_of(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    """Of a GPU the page knows no more than what a run will need."""
    monkeypatch.setattr("metaplay.ui.room.trains_here", lambda: False)
    page.run()
    assert _said(page).endswith(".")
    assert "free" not in _said(page)


def test_a_preset_that_this_host_has_not_the_memory_for_is_grey(page: AppTest, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("METAPLAY_DEVICE", "cpu")
    monkeypatch.setattr("metaplay.host.memory", lambda: host.IDLE + 90_000_000)
    page.query_params["family"] = "strokes"
    page.run()
    cards = {
        str(button.key).removeprefix("preset-"): button
        for button in page.button
        if (button.key or "").startswith("preset-")
    }
    grey = {name for name, button in cards.items() if button.disabled}
    assert grey == {name for name in cards if training_memory(CARDS[name].config) > 90_000_000}
    assert grey
    assert len(grey) < len(cards)
    assert all("a run may take 90 MB on this host" in cards[name].help for name in grey)
    assert not any(cards[name].help for name in cards.keys() - grey)
