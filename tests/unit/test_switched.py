"""Another algorithm or family brings its own defaults, and keeps what a person had changed where it still applies."""

from metaplay.config import defaults, revise, summary, switched


def test_another_algorithm_keeps_what_was_changed_and_brings_its_own_rates():
    after = switched(revise(defaults("maml", "sinusoid"), {"shot": 5, "seed": 9}), "algorithm", "reptile")
    assert (after.algorithm, after.shot, after.seed) == ("reptile", 5, 9)
    assert after.inner_steps == defaults("reptile", "sinusoid").inner_steps
    assert after.outer_lr == defaults("reptile", "sinusoid").outer_lr


def test_there_and_back_is_where_it_was():
    start = defaults("maml", "sinusoid")
    assert switched(switched(start, "algorithm", "reptile"), "algorithm", "maml") == start


def test_another_family_keeps_length_and_seed_and_nothing_of_the_old_tasks():
    after = switched(revise(defaults("maml", "sinusoid"), {"shot": 5, "seed": 9, "steps": 77}), "family", "strokes")
    assert (after.seed, after.steps) == (9, 77)
    assert after.shot == defaults("maml", "strokes").shot


def test_switches_of_maml_plus_plus_stay_behind():
    after = revise(defaults("mamlpp", "strokes"), {"algorithm": "maml"})
    assert not after.msl
    assert "msl" not in summary(after)


def test_a_change_that_names_an_algorithm_switches_first_and_then_changes():
    after = revise(defaults("mamlpp", "sinusoid"), {"algorithm": "reptile", "inner_batch": "5"})
    assert (after.algorithm, after.inner_batch) == ("reptile", 5)
