"""The matrix of families: its numbers, what is empty in it, and which cell is framed."""

from metaplay.charts import crossed
from metaplay.charts.crossed import Row
from metaplay.walks import Crossed

from .synthetic import untyped

ROWS = [
    Row("1 · MAML", "strokes", {"strokes": Crossed(0.95, 0.004, 600, True, 300, False)}),
    Row(
        "2 · ProtoNet",
        "omniglot",
        {"mnist": Crossed(0.6, 0.01, 600, False, 10, True), "omniglot": Crossed(0.97, 0.003, 600, False, 423, False)},
    ),
]
FAMILIES = ["omniglot", "strokes", "mnist"]


def test_rows_are_runs_columns_are_families_and_what_is_not_known_is_empty():
    figure = untyped(crossed.matrix(ROWS, FAMILIES, "en", "light"))
    (heat,) = figure.data
    assert [list(row) for row in heat.z] == [[None, 0.95, None], [0.97, None, 0.6]]
    assert [list(row) for row in heat.text] == [
        ["", "95.0 %<br>± 0.4", ""],
        ["97.0 %<br>± 0.3", "", "60.0 %<br>± 1.0 *"],
    ]
    assert list(figure.layout.xaxis.ticktext) == ["Omniglot", "Strokes", "MNIST"]
    assert list(figure.layout.yaxis.ticktext) == ["1 · MAML<br>Strokes", "2 · ProtoNet<br>Omniglot"]
    assert "600 tasks of 10 classes, each query alone" in heat.customdata[1][2]
    assert "300 classes, transductive" in heat.customdata[0][1]


def test_each_runs_own_family_is_framed():
    frames = untyped(crossed.matrix(ROWS, FAMILIES, "zh", "dark")).layout.shapes
    assert [(frame.x0, frame.x1, frame.y0, frame.y1) for frame in frames] == [
        (0.5, 1.5, -0.5, 0.5),
        (-0.5, 0.5, 0.5, 1.5),
    ]
    assert not untyped(crossed.matrix(ROWS, ["mnist"], "en", "light")).layout.shapes


def test_it_is_told_in_words():
    assert crossed.alt(ROWS, "en") == (
        "1 · MAML · Strokes on Strokes: 95.0 % ± 0.4; 2 · ProtoNet · Omniglot on MNIST: 60.0 % ± 1.0 *; "
        "2 · ProtoNet · Omniglot on Omniglot: 97.0 % ± 0.3"
    )
    assert crossed.alt([], "zh") == "尚未测量。"
