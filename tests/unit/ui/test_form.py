"""What stays in the form when another algorithm or task family is chosen."""

from metaplay.config import defaults, summary
from metaplay.presets import PRESETS
from metaplay.ui.form import switched


def test_another_algorithm_brings_its_own_defaults():
    after = switched(summary(defaults("maml", "sinusoid")), "algorithm", "reptile")
    assert after == summary(defaults("reptile", "sinusoid"))


def test_what_was_changed_and_still_applies_is_kept():
    before = {**summary(defaults("maml", "sinusoid")), "shot": 5, "seed": 3}
    after = switched(before, "algorithm", "reptile")
    assert (after["shot"], after["seed"]) == (5, 3)
    assert after["outer_lr"] == defaults("reptile", "sinusoid").outer_lr


def test_what_does_not_apply_any_more_is_dropped():
    before = {**summary(defaults("mamlpp", "sinusoid")), "lslr": False}
    assert switched(before, "algorithm", "maml") == summary(defaults("maml", "sinusoid"))


def test_another_family_keeps_length_and_seed_but_no_rates():
    before = {**summary(defaults("maml", "sinusoid")), "inner_lr": 0.02, "steps": 500, "seed": 9}
    after = switched(before, "family", "strokes")
    assert (after["steps"], after["seed"]) == (500, 9)
    assert after["inner_lr"] == defaults("maml", "strokes").inner_lr


def test_kept_values_that_do_not_fit_give_way_to_the_defaults():
    before = {**summary(PRESETS["mnist-joint"].config), "test_inner_steps": 1}
    after = switched(before, "algorithm", "mamlpp")
    fresh = defaults("mamlpp", "mnist")
    assert after == summary(fresh) or after["test_inner_steps"] >= after["inner_steps"]
