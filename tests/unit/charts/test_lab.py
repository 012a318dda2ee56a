"""Figures of the lab: what they show of a walk, strict JSON, both languages, one walk or two side by side."""

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from metaplay.charts.lab import confusion, embedding, progress, surface
from metaplay.charts.lab.shown import Shown
from metaplay.text import Language, Text
from metaplay.ui.lab.tiles import LEGEND, tiles
from metaplay.walks import CurveWalk, Examples, ImageWalk, Slice, Weighed

from .synthetic import untyped

WAY, STEPS = 3, 5


def examples(count: int, seed: int) -> Examples:
    rng = np.random.default_rng(seed)
    shares = rng.random((STEPS + 1, count, WAY))
    labels = np.arange(count) % WAY
    shares[-1] = np.eye(WAY)[labels]  # in the end everything is told right
    shares /= shares.sum(-1, keepdims=True)
    return Examples([f"data:{place}" for place in range(count)], labels, shares, rng.normal(size=(STEPS + 1, count, 2)))


def image_walk(algorithm: str = "maml", seed: int = 1) -> ImageWalk:
    loss = np.linspace(1, 0.1, STEPS + 1)
    names = ["a", "b<i>", "c"]
    return ImageWalk(algorithm, 1, 3, loss, loss, names, examples(WAY, seed), examples(9, seed + 1), (0.6, 0.2))


def curve_walk(algorithm: str = "maml") -> CurveWalk:
    grid = np.linspace(-5, 5, 11)
    loss = np.geomspace(5, 0.01, STEPS + 1)
    points = np.stack((grid[:4], np.sin(grid[:4])), 1)
    return CurveWalk(algorithm, 1, 3, loss, loss, grid, np.sin(grid), np.zeros((STEPS + 1, 11)), points, points, 6.0)


def a_slice() -> Slice:
    x, y = np.linspace(-1, 3, 41), np.linspace(-1, 2, 41)
    loss = 0.01 + (x[None] - 2) ** 2 + y[:, None] ** 2
    path = np.array([[0, 0, 0], [1, 0.1, 0.2], [2, 0, 0], [2.1, 0, 0.1], [np.nan, np.nan, np.nan]])
    return Slice(x, y, loss, path, 2, (0.5, 1.0))


IMAGES = [Shown("mine", image_walk()), Shown("other", image_walk("protonet", 7), second=True)]
CURVES = [Shown("mine", curve_walk()), Shown("other", curve_walk("scratch"), second=True)]
FIGURES = [
    (progress, progress.progress, IMAGES),
    (progress, progress.progress, CURVES),
    (confusion, confusion.confusion, IMAGES),
    (embedding, embedding.embedding, IMAGES),
]


def strict(figure: Any) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(f"{name} in JSON")

    text = str(figure.to_json(remove_uids=False))
    assert len(text) < 80_000
    return json.loads(text, parse_constant=refuse)


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize(("module", "draw", "found"), FIGURES)
def test_figures_are_small_strict_and_stay_the_same_chart(module: Any, draw: Any, found: Any, count: int):
    drawn = [strict(draw(found[:count], step, "en", "dark")) for step in (0, 4)]
    uids = [[trace["uid"] for trace in figure["data"]] for figure in drawn]
    assert uids[0] == uids[1]
    assert len(set(uids[0])) == len(uids[0])
    assert drawn[0]["layout"]["uirevision"] == drawn[1]["layout"]["uirevision"]
    assert all(shown.name in module.alt(found, 2, "en") for shown in found)
    assert any(
        "\u4e00" <= letter <= "\u9fff"
        for letter in module.alt(found, 2, "zh") + draw(found, 2, "zh", "light").layout.title.text
    )


def test_the_line_is_the_share_told_right_and_the_mark_stands_at_the_step():
    figure = untyped(progress.progress(IMAGES[:1], 4, "en", "light"))
    lines = {trace.uid: trace for trace in figure.data}
    assert lines["first-query"].y[-1] == 1
    assert list(lines["first-query"].y) == pytest.approx(IMAGES[0].walk.accuracies(), abs=1e-3)
    assert list(lines["first-now"].x) == [4]
    assert [shape.x0 for shape in figure.layout.shapes if shape.x0 == shape.x1] == [1, 4]


def test_counts_are_of_queries_by_true_and_predicted_class():
    walk = image_walk()
    found = confusion.counts(walk, 2)
    for truth, label in ((0, 0), (1, 2)):
        said = walk.query.probabilities[2].argmax(-1)
        assert found[truth, label] == sum((walk.query.labels == truth) & (said == label))
    assert np.array_equal(confusion.counts(walk, STEPS), np.diag([3, 3, 3]))


def test_wrong_queries_are_crossed_out_in_the_plane():
    walk = image_walk()
    for step in (2, STEPS):
        traces = {trace.uid: trace for trace in untyped(embedding.embedding(IMAGES[:1], step, "en", "light")).data}
        wrong = walk.query.places[step][walk.query.probabilities[step].argmax(-1) != walk.query.labels]
        assert len(traces["wrong-x"].x) == len(wrong)
        assert list(traces["wrong-x"].x) == pytest.approx(wrong[:, 0].tolist(), rel=1e-3)


def test_the_path_goes_from_the_initialisation_to_the_adapted_weights():
    found = a_slice()
    figure = surface.surface(found, 1, "en", "light")
    drawn = strict(figure)
    traces = {trace["uid"]: trace for trace in drawn["data"]}
    assert traces["path"]["x"] == [0, 1, 2]
    assert traces["now"]["x"] == [1]
    assert traces["beyond"]["x"][-1] is None  # weights that are no numbers leave the path
    assert [note["text"] for note in drawn["layout"]["annotations"]] == ["initialisation", "adapted", "another task"]
    heights = np.array(traces["loss"]["z"], float)
    assert np.unravel_index(heights.argmin(), heights.shape) == (np.abs(found.y).argmin(), np.abs(found.x - 2).argmin())
    assert "1.02" in surface.alt(found, 1, "en")


def test_tiles_tell_right_from_wrong_by_sign_and_frame_and_words():
    end, start = tiles(IMAGES[:1], STEPS, "en"), tiles(IMAGES[:1], 0, "en")
    assert end.count("class='right'") == 12
    assert "✗" not in end
    wrong = sum(
        int((part.predicted(0) != part.labels).sum()) for part in (IMAGES[0].walk.support, IMAGES[0].walk.query)
    )
    assert start.count("class='wrong'") == start.count("✗") == wrong > 0
    assert "b&lt;i&gt;" in end
    assert "b<i>" not in end
    assert tiles(IMAGES, 0, "zh").count("<br>") == 12


def test_words_of_queries_are_marked_as_they_are_at_the_step():
    query = examples(1, 1)
    change = np.linspace(-0.3, 0.3, STEPS + 1)[:, None]
    weighed = [Weighed(0, query.probabilities[:, 0], [(0, 1)], change)]
    support = replace(query, pictures=[], sentences=["b&"])
    walk = replace(image_walk(), support=support, query=replace(support, weighed=weighed))
    start, end = (tiles([Shown("mine", walk)], step, "en") for step in (0, STEPS))
    assert start.count("<mark class='against'") == end.count("<mark class='for'") == 1  # none of the support set
    assert "title='b: -30 points'>b</mark>&amp;" in start
    assert "title='b: +30 points'>b</mark>&amp;" in end


def test_what_is_told_of_images_is_told_of_sentences_by_their_name():
    walk = image_walk()
    read = replace(walk, support=replace(walk.support, pictures=[], sentences=["a", "b", "c"]))
    image, sentence = Text("image", "图像"), Text("sentence", "句子")
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        for drawn, name, other in ((walk, image, sentence), (read, sentence, image)):
            found = [Shown("mine", drawn)]
            title = untyped(embedding.embedding(found, 1, language, "light")).layout.title.text
            legend = LEGEND.fill(second="", example=found[0].example)
            explained = embedding.EXPLAIN.fill(example=found[0].example)
            for words in (title, embedding.alt(found, 1, language), legend(language), explained(language)):
                assert name(language) in words
                assert other(language) not in words
