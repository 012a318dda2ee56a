"""All views together: small, fast, strict JSON, stable identities, both languages, and nothing to draw is no failure."""

import json
import subprocess
import sys
from itertools import product
from typing import Any

import pytest

from metaplay.charts import views
from metaplay.config import defaults
from metaplay.events import RunEnded
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES, able

from .synthetic import run, untyped

LONG = {"sinusoid": run("maml", "sinusoid", 10_000), "strokes": run("mamlpp", "strokes", 10_000)}
KEYS = {
    "regression": ["loss", "trajectory", "fitted", "regions"],
    "classification": ["loss", "trajectory", "classes", "confusion"],
}


def strict(text: str) -> Any:
    """JSON as a browser reads it: NaN and Infinity are errors."""

    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in JSON")

    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("family", LONG)
def test_the_views_suit_the_family_and_fill_the_three_places(family: str):
    drawn = views(run("maml", family, 20), "en", "light")
    assert [view.key for view in drawn] == KEYS[FAMILIES[family].kind]
    assert list(dict.fromkeys(view.slot for view in drawn)) == ["loss", "trajectory", "classes"]


@pytest.mark.parametrize("family", LONG)
def test_learned_rates_are_a_fifth_view_of_the_runs_that_have_them(family: str):
    with_rates, without = (run("mamlpp", family, 20, lslr=lslr) for lslr in (True, False))
    keys = KEYS[FAMILIES[family].kind]
    assert [view.key for view in views(with_rates, "en", "light")] == [*keys, "rates"]
    assert [view.key for view in views(without, "en", "light")] == keys
    waiting = views(History(), "en", "light", defaults("mamlpp", family))
    assert [view.key for view in waiting] == [*keys, "rates"]
    assert waiting[-1].alt == "Waiting for the first point"


def test_rates_in_the_log_are_shown_whatever_the_algorithm_is_called():
    history = run("metasgd", "sinusoid", 20)
    history.probes[-1] = history.probes[-1].model_copy(update={"rates": {"head.bias": [0.02]}})
    assert views(history, "en", "light")[-1].key == "rates"


@pytest.mark.parametrize("family", LONG)
def test_figures_of_ten_thousand_steps_are_small_and_strict_json(family: str):
    for view in views(LONG[family], "en", "dark"):
        text = view.to_json()
        assert len(text) < 60_000
        assert [trace["uid"] for trace in strict(text)["data"]] == [trace.uid for trace in untyped(view.figure).data]


@pytest.mark.parametrize(("algorithm", "family"), [pair for pair in product(ALGORITHMS, FAMILIES) if able(*pair)])
def test_every_algorithm_and_family_is_drawn_from_its_first_probe_on(algorithm: str, family: str):
    for steps in (0, 1, 5) if ALGORITHMS[algorithm].meta_trains else (0,):
        for view in views(run(algorithm, family, steps), "en", "light"):
            assert len(untyped(view.figure).data) > 0, (view.key, steps)


@pytest.mark.parametrize("family", LONG)
def test_traces_keep_their_identity_and_the_zoom_its_revision_while_a_run_grows(family: str):
    algorithm = LONG[family].config.algorithm  # type: ignore[union-attr]
    earlier, later = (views(run(algorithm, family, steps), "en", "light") for steps in (200, 260))
    for before, after in zip(earlier, later, strict=True):
        uids = [trace.uid for trace in untyped(after.figure).data]
        assert None not in uids
        assert len(set(uids)) == len(uids)
        assert untyped(before.figure).layout.uirevision == untyped(after.figure).layout.uirevision
        if before.key not in ("trajectory",):
            assert [trace.uid for trace in untyped(before.figure).data] == uids


def test_the_zoom_is_given_up_for_another_run_but_not_the_choice_of_lines():
    one, two = run("maml", "sinusoid", 10), run("maml", "sinusoid", 10)
    assert two.started
    two.started = two.started.model_copy(update={"at": 2.0})
    a, b = (untyped(views(history, "en", "light")[0].figure).layout for history in (one, two))
    assert a.uirevision != b.uirevision
    assert a.legend.uirevision == b.legend.uirevision


@pytest.mark.parametrize("family", LONG)
def test_both_languages_say_everything_in_their_own_words(family: str):
    for en, zh in zip(views(LONG[family], "en", "light"), views(LONG[family], "zh", "light"), strict=True):
        for name in ("title", "alt", "explain"):
            ours, theirs = getattr(en, name), getattr(zh, name)
            assert ours.isascii() or "±" in ours or "…" in ours, (en.key, name)
            assert any("\u4e00" <= letter <= "\u9fff" for letter in theirs), (en.key, name)
            assert "{" not in ours + theirs
        for ours, theirs in zip(untyped(en.figure).data, untyped(zh.figure).data, strict=True):
            assert ours.name is None or ours.name != theirs.name
        assert untyped(en.figure).layout.title.text != untyped(zh.figure).layout.title.text


@pytest.mark.parametrize("family", LONG)
def test_before_the_first_point_every_view_waits(family: str):
    config = defaults("maml", family)
    drawn = views(History(), "en", "light", config)
    assert [view.key for view in drawn] == KEYS[FAMILIES[family].kind]
    for view in drawn:
        assert [note.text for note in untyped(view.figure).layout.annotations] == ["Waiting for the first point"]
        assert view.alt == "Waiting for the first point"


def test_axes_of_the_waiting_picture_leave_nothing_behind_in_the_chart():
    """Under the same revision Plotly kept the waiting axis' direction: maps whose rows run down came out upside down."""
    started = History().add([run("mamlpp", "strokes", 0).started])  # type: ignore[list-item]
    for before, after in zip(views(started, "en", "light"), views(LONG["strokes"], "en", "light"), strict=True):
        assert untyped(before.figure).layout.uirevision != untyped(after.figure).layout.uirevision


def test_a_run_that_ended_with_nothing_does_not_pretend_to_wait():
    history = History().add([RunEnded(status="failed", step=0, seconds=0.0)])
    for view in views(history, "en", "light"):
        assert untyped(view.figure).layout.annotations[0].text == "This run recorded nothing to draw"


def test_what_is_not_a_number_is_a_gap_and_not_broken_json():
    history = run("maml", "sinusoid", 20)
    for name in ("loss_before", "loss_after"):
        history.progress[name][-1] = float("nan")
    broken = [float("nan")] * len(history.probes[-1].loss)
    changes = {"loss": broken, "loss_ci95": broken, "region_error": [[float("nan")] * 10] * len(broken)}
    history.probes[-1] = history.probes[-1].model_copy(update=changes)
    for view in views(history, "en", "light"):
        strict(view.to_json())
    loss = {trace.uid: trace for trace in untyped(views(history, "en", "light")[0].figure).data}
    assert loss["train-after"].y[-1] is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_backgrounds_are_clear_and_text_is_readable_in_both_themes(theme: Any):
    for view in views(LONG["sinusoid"], "en", theme):
        layout = untyped(view.figure).layout
        assert layout.paper_bgcolor == layout.plot_bgcolor == "rgba(0,0,0,0)"
        ink = int(layout.font.color[1:3], 16)
        assert (ink < 100) == (theme == "light")


def test_charts_import_neither_torch_nor_streamlit():
    code = (
        "import sys, metaplay.charts; print([name for name in ('torch', 'streamlit', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
