"""Both languages stay together, also across a process boundary."""

import pickle

from metaplay.text import Text, UserError


def test_a_text_speaks_the_language_asked_for_and_fills_both():
    text = Text("{n} tasks", "{n} 个任务").fill(n=3)
    assert (text("en"), text("zh")) == ("3 tasks", "3 个任务")


def test_an_error_keeps_its_type_and_both_languages_through_pickle():
    class_and_text = pickle.loads(pickle.dumps(UserError(Text("no", "否"))))
    assert type(class_and_text) is UserError
    assert class_and_text.text == Text("no", "否")
    assert str(class_and_text) == "no"
