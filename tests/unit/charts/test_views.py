"""All views together: small, fast, strict JSON, stable identities, both languages, and nothing to draw is no failure."""

import json
import math
import subprocess
import sys
from itertools import product
from typing import Any

import pytest

from metaplay.charts import MORE, Theme, View, more, offered, style, views
from metaplay.charts.style import as_json
from metaplay.config import RunConfig, defaults
from metaplay.events import Changed, RunEnded
from metaplay.history import History
from metaplay.registry import ALGORITHMS, FAMILIES, able
from metaplay.text import Language

from .synthetic import run, untyped

LONG = {
    "sinusoid": run("maml", "sinusoid", 10_000),
    "strokes": run("mamlpp", "strokes", 10_000),
    "nav2d": run("fomaml", "nav2d", 10_000),
}
KEYS = {
    "regression": ["loss", "trajectory", "fitted", "regions"],
    "classification": ["loss", "trajectory", "classes", "confusion"],
    "control": ["loss", "trajectory", "plane"],
}


def everything(history: History, language: Language = "en", theme: Theme = "light") -> list[View]:
    """The views of a run, and those that are shown when asked for."""
    asked = offered(history.config or RunConfig())
    return [*views(history, language, theme), *(more(key, history, language, theme) for key in asked)]


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
def test_a_figure_that_plotly_did_not_check_is_the_same_for_the_browser(family: str, monkeypatch: pytest.MonkeyPatch):
    checked = [strict(as_json(view.figure)) for view in everything(LONG[family])]
    monkeypatch.setattr(style, "VALIDATED", False)
    served = [strict(as_json(view.figure)) for view in everything(LONG[family])]
    for figure in (*checked, *served):  # a template without a look, and lists of nothing, draw nothing
        assert set(figure["layout"].pop("template").get("data", ())) <= {"scatter"}
        figure["layout"] = {name: value for name, value in figure["layout"].items() if value != []}
    assert served == checked


@pytest.mark.parametrize("family", [name for name in LONG if able("mamlpp", name)])
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
    for view in everything(LONG[family], "en", "dark"):
        text = as_json(view.figure)
        assert len(text) < 60_000
        assert [trace["uid"] for trace in strict(text)["data"]] == [trace.uid for trace in untyped(view.figure).data]


@pytest.mark.parametrize(("algorithm", "family"), [pair for pair in product(ALGORITHMS, FAMILIES) if able(*pair)])
def test_every_algorithm_and_family_is_drawn_from_its_first_probe_on(algorithm: str, family: str):
    for steps in (0, 1, 5) if ALGORITHMS[algorithm].meta_trains else (0,):
        history = run(algorithm, family, steps)
        for view in everything(history) if steps else views(history, "en", "light"):
            assert len(untyped(view.figure).data) > 0, (view.key, steps)


@pytest.mark.parametrize("family", LONG)
def test_traces_keep_their_identity_and_the_zoom_its_revision_while_a_run_grows(family: str):
    algorithm = LONG[family].config.algorithm  # type: ignore[union-attr]
    earlier, later = (everything(run(algorithm, family, steps)) for steps in (200, 260))
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
    a, b = (untyped(everything(history)[0].figure).layout for history in (one, two))
    assert a.uirevision != b.uirevision
    assert a.legend.uirevision == b.legend.uirevision


@pytest.mark.parametrize("family", LONG)
def test_both_languages_say_everything_in_their_own_words(family: str):
    for en, zh in zip(everything(LONG[family]), everything(LONG[family], "zh"), strict=True):
        for name in ("title", "alt", "explain"):
            ours, theirs = getattr(en, name), getattr(zh, name)
            assert ours.isascii() or {"±", "°"} & {*ours} or "…" in ours, (en.key, name)
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
    for before, after in zip(everything(started), everything(LONG["strokes"]), strict=True):
        assert untyped(before.figure).layout.uirevision != untyped(after.figure).layout.uirevision


def test_a_run_that_ended_with_nothing_does_not_pretend_to_wait():
    history = History().add([RunEnded(status="failed", step=0, seconds=0.0)])
    for view in everything(history):
        assert untyped(view.figure).layout.annotations[0].text == "This run recorded nothing to draw"


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_a_gap_and_not_broken_json(value: float):
    history = run("maml", "sinusoid", 20)
    for name in ("loss_before", "loss_after"):
        history.progress[name][-1] = value
    broken = [value] * len(history.probes[-1].loss)
    changes = {"loss": broken, "loss_ci95": broken, "region_error": [[value] * 10] * len(broken)}
    history.probes[-1] = history.probes[-1].model_copy(update=changes)
    for view in everything(history):
        strict(as_json(view.figure))
    loss = {trace.uid: trace for trace in untyped(everything(history)[0].figure).data}
    assert loss["train-after"].y[-1] is None


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_backgrounds_are_clear_and_text_is_readable_in_both_themes(theme: Any):
    for view in everything(LONG["sinusoid"], "en", theme):
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


@pytest.mark.parametrize(
    ("algorithm", "family", "keys"),
    [
        ("maml", "sinusoid", ["layers", "orders", "gradient", "cost"]),
        ("reptile", "strokes", ["layers", "gradient", "cost"]),
        ("protonet", "strokes", ["gradient", "cost"]),
        ("scratch", "sinusoid", ["layers"]),
    ],
)
def test_what_can_be_asked_for_suits_the_algorithm(algorithm: str, family: str, keys: list[str]):
    assert offered(defaults(algorithm, family)) == keys


@pytest.mark.parametrize("family", LONG)
def test_changes_are_marked_where_they_were_made_and_told(family: str):
    history = run("maml", family, 100).add([Changed(step=40, values={"inner_lr": 0.05, "inner_steps": 2})])
    without = {view.key for view in everything(run("maml", family, 100)) if "0.05" in view.alt}
    marked = {}
    for view in everything(history):
        found = [shape for shape in untyped(view.figure).layout.shapes if shape.name == "changed"]
        if found:
            marked[view.key] = (
                found[0].x0,
                found[0].x1,
                "Inner rate 0.05, Inner steps 2 after meta-step 40" in view.alt,
            )
    keys = ("loss", *(key for key in ("orders", "gradient", "cost") if key in offered(defaults("maml", family))))
    assert marked == dict.fromkeys(keys, (40, 40, True))
    assert without == set()
    names = [note.text for note in untyped(views(history, "zh", "light")[0].figure).layout.annotations]
    assert any("内层学习率 0.05" in name for name in names)


def test_old_logs_which_measured_less_are_drawn_without_what_they_lack():
    history = run("maml", "sinusoid", 20)
    lacking = {"layer_change": {}, "order_cosine": None, "step_seconds": None, "memory": None}
    history.probes = [probe.model_copy(update=lacking) for probe in history.probes]
    waiting = {view.key for view in everything(history) if view.alt == "Waiting for the first point"}
    assert waiting == set(MORE) - {"gradient"}


def test_angles_are_those_of_the_cosines_and_layers_that_start_at_zero_are_left_blank():
    history = run("maml", "sinusoid", 2)
    history.probes = [
        history.probes[0].model_copy(update={"order_cosine": cosine, "layer_change": {"head": [math.nan] * 11}})
        for cosine in (1.0, 0.5, 0.0, None, math.nan)
    ]
    angles, layers = (untyped(more(key, history, "en", "light").figure).data[0] for key in ("orders", "layers"))
    assert list(angles.y) == pytest.approx([0, 60, 90], abs=1e-3)
    assert set(layers.z[0]) == {None}


def test_rates_just_below_zero_are_not_written_as_minus_nought():
    history = run("mamlpp", "sinusoid", 20)
    rates = {"layer1.weight": [-0.004, -1e-9, -0.0], "layer1.bias": [0.2, -0.2, 0.001]}
    history.probes[-1] = history.probes[-1].model_copy(update={"rates": rates})
    cells = untyped(views(history, "en", "light")[-1].figure).data[0].text
    assert list(cells[0]) == ["−0.004", "0", "0"]
    assert cells[1][1].startswith("−0.2")
