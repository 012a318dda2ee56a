"""The charts fit what training really yields, not only what their own tests make up."""

from typing import Any

import pytest

from metaplay.charts import views
from metaplay.config import defaults, revise
from metaplay.history import History
from metaplay.training.train import train


@pytest.mark.parametrize(
    ("algorithm", "family", "values"),
    [
        ("maml", "sinusoid", {}),
        ("reptile", "sinusoid", {"inner_steps": 5, "test_inner_steps": 50}),
        ("joint", "sinusoid", {}),
        ("scratch", "sinusoid", {"steps": None}),
        ("maml", "strokes", {"width": 4}),
        ("mamlpp", "sinusoid", {}),
        ("metasgd", "sinusoid", {}),
    ],
)
def test_every_view_of_a_real_run_has_its_data(algorithm: str, family: str, values: dict[str, Any]):
    changes = {"steps": 4, "eval_tasks": 2, **values}
    config = revise(defaults(algorithm, family), {key: value for key, value in changes.items() if value is not None})
    history = History().add(train(config))
    for view in views(history, "en", "light"):
        traces: Any = view.figure.data
        assert traces, view.key
        assert str(history.probes[-1].step) in view.alt
        for trace in traces:
            assert trace.type == "heatmap" or len(trace.x) == len(trace.y) > 0, (view.key, trace.uid)
