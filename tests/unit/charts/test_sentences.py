"""The table of sentences, and the floor as a line."""

from metaplay.charts import views
from metaplay.charts.classes import class_accuracy
from metaplay.config import defaults
from metaplay.events import Probe, ProbeTask, RunStarted
from metaplay.history import History


def watched() -> History:
    task = ProbeTask(
        names=["book flight", "find hotel"],
        support=["One to Oslo.", "A room."],
        queries=["Fly me home.", "Two to Rome.", "A bed for tonight.", "Which inn?"],
        truth=[0, 0, 1, 1],
        floor=0.4,
    )
    probe = Probe(
        step=3, tasks=16, inner_steps=[0, 1], loss=[0.7, 0.2], loss_ci95=[0.1, 0.1], accuracy=[0.5, 0.8],
        accuracy_ci95=[0.05, 0.04], class_accuracy=[[1, 0], [0.5, 1]], confusion=[[1, 1], [0, 2]],
        answers=[[0, 0, 0, 0], [0, 1, 1, 1]],
    )  # fmt: skip
    config = defaults("protonet", "everyday").model_dump()
    started = RunStarted(config=config, device="CPU", threads=1, versions={}, parameters=1)
    return History().add([started, task, probe])


def test_a_run_on_text_shows_its_sentences_with_the_answers_before_and_after():
    found = {view.key: view for view in views(watched(), "en", "light")}
    table = found["sentences"].figure.to_dict()["data"][0]
    sentences, intents, before, after = table["cells"]["values"]
    assert list(sentences) == ["Fly me home.", "Two to Rome.", "A bed for tonight.", "Which inn?"]
    assert list(intents) == ["book flight", "book flight", "find hotel", "find hotel"]
    assert list(before) == ["✓ book flight", "✓ book flight", "✗ book flight", "✗ book flight"]
    assert list(after) == ["✓ book flight", "✗ find hotel", "✓ find hotel", "✓ find hotel"]
    assert "2 of 4 sentences" in found["sentences"].alt
    assert "3 after" in found["sentences"].alt


def test_the_floor_is_a_named_line_where_accuracy_is_drawn():
    for view in views(watched(), "zh", "dark"):
        if view.key in ("loss", "trajectory"):
            layout = view.figure.to_dict()["layout"]
            assert 0.4 in [shape.get("y0") for shape in layout["shapes"]]
            assert "TF-IDF" in [note["text"] for note in layout["annotations"]]


def test_classes_carry_the_names_of_intents():
    found = {view.key: view.figure.to_dict() for view in views(watched(), "en", "light")}
    assert list(found["classes"]["layout"]["xaxis"]["ticktext"]) == ["book flight", "find hotel"]
    assert list(found["confusion"]["data"][0]["x"]) == ["book flight", "find hotel"]


def test_a_long_name_is_cut_below_its_bars_and_whole_when_pointed_at():
    history = watched()
    assert history.task is not None
    names = ["book flight", "reschedule a meeting of many people"]
    history.task = history.task.model_copy(update={"names": names})
    figure = class_accuracy(history, "en", "light").to_dict()
    assert list(figure["layout"]["xaxis"]["ticktext"]) == ["book flight", "reschedule a meetin…"]
    assert list(figure["data"][1]["customdata"]) == names


def test_before_the_first_probe_there_is_a_note():
    view = {view.key: view for view in views(History(), "en", "light", defaults("maml", "everyday"))}["sentences"]
    assert not view.figure.data
