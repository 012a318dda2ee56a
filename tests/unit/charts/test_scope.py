"""Out-of-scope queries: both kinds back to back, and the threshold where it is."""

import pytest

from metaplay.charts import views
from metaplay.config import defaults, revise
from metaplay.events import Evaluated, Rejection, RunEnded, RunStarted
from metaplay.history import History
from metaplay.text import Language
from metaplay.ui import status

OURS = Rejection(
    threshold=0.62, rejected=(0.9, 0.01), kept=(0.7, 0.02), auroc=(0.85, 0.003), inside=[0, 1, 1, 6], outside=[3, 1, 0, 0]
)  # fmt: skip
FLOOR = Rejection(
    threshold=0.12, rejected=(0.8, 0.01), kept=(0.6, 0.02), auroc=(0.75, 0.004), inside=[1, 1, 1, 1], outside=[4, 0, 0, 0]
)  # fmt: skip
CONFIG = revise(defaults("protonet", "everyday"), {"out_of_scope": True})


def asked(*, tested: bool = True) -> History:
    history = History().add([
        RunStarted(config=CONFIG.model_dump(), device="CPU", threads=1, versions={}, parameters=1)
    ])  # fmt: skip
    evaluated = Evaluated(
        step=3, split="test", metric="accuracy", tasks=600, transductive=False, mean=[0.2, 0.8], ci95=[0.01, 0.01],
        floor=(0.7, 0.01), rejection=(OURS, FLOOR),
    )  # fmt: skip
    return history.add([evaluated, RunEnded(status="finished", step=3, seconds=1)]) if tested else history


def test_the_histograms_are_shares_in_opposite_directions_and_the_line_is_the_threshold():
    view = {view.key: view for view in views(asked(), "en", "light")}["scope"]
    up, down = view.figure.to_dict()["data"]
    assert list(up["x"]) == [0.125, 0.375, 0.625, 0.875]
    assert list(up["y"]) == [0, 0.125, 0.125, 0.75]
    assert list(down["y"]) == [-0.75, -0.25, 0, 0]
    line = view.figure.to_dict()["layout"]["shapes"][0]
    assert (line["x0"], line["x1"]) == (0.62, 0.62)
    assert "below 0.62" in view.figure.to_dict()["layout"]["annotations"][0]["text"]
    assert "90% of the out-of-scope queries are rejected; 70% of the others" in view.alt


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_stands_where_it_is_asked_for_and_says_when_it_comes(language: Language):
    view = {view.key: view for view in views(asked(tested=False), language, "dark")}["scope"]
    assert not view.figure.data
    assert view.figure.layout.annotations[0].text == view.alt
    assert "scope" not in {view.key for view in views(History(), language, "light", defaults("maml", "everyday"))}


def test_the_sentence_below_the_run_has_both_and_the_threshold():
    said = status.result(asked(), "en")
    assert said is not None
    assert "below a probability of 0.62 (chosen on validation tasks) 90.0% of the out-of-scope queries" in said
    assert "70.0% of the others kept and right; AUROC 0.850 ± 0.003" in said
    assert "by a cosine of 0.12: 80.0%, 60.0%, 0.750 ± 0.004" in said
