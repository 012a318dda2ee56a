"""Chapter 7: learning a metric."""

import numpy as np
import streamlit as st

from metaplay.charts.learn import prototypes
from metaplay.charts.learn.quadratic import Array
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.drag_points import Path, Point, drag_points, following
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.plane import TASKS, Axis
from metaplay.ui.theme import Theme

_KEY = "learn-protonet"
_SHOT = 2
_START = ((-1.9, 0.2), (-0.9, 1.3), (1.2, 1.4), (2.0, 0.6), (-0.3, -1.6), (0.9, -1.1), (0.3, 0.1))
"""The support examples, class by class, then the query."""
_X, _Y = Axis(-2.8, 2.8), Axis(-2.2, 2.2)
_QUERY, _CLASS = Text("query", "查询"), Text("class {n}", "类别 {n}")
_MEAN = Text("a class's examples and their mean, the prototype", "类别的样本及其均值，即原型")
_DISTANCE = Text("distance to a prototype", "到原型的距离")
_REGION = Text("where a class is nearest", "离某类最近的区域")
_ALT = Text(
    "Three classes of two examples each in a plane, their means, and a query that belongs to the nearest mean.",
    "平面上三个类别，各两个样本及其均值；查询点归属于最近的均值。",
)
_EXPLAIN = Text(
    "The plane is the embedding: where the network has put each example. Thin lines join a class's examples to their mean, the"
    " prototype; the dotted lines are the distances from the query to the prototypes. Tints are the regions of each class; they are drawn"
    " anew when you let go.",
    "平面是嵌入空间：网络把每个样本放在哪里。细线把类别的样本连到它们的均值，即原型；虚线是查询到各原型的距离。底色是各类别的区域，松手后重新绘制。",
)


def _figure(language: Language, theme: Theme) -> None:
    where = np.array(st.session_state.get(_KEY, _START))
    points = [
        Point(*place, _CLASS.fill(n=at // _SHOT + 1)(language) if at % _SHOT == 0 else "", *TASKS[at // _SHOT])
        for at, place in enumerate(_START[:-1])
    ]
    points.append(Point(*_START[-1], _QUERY(language), hollow=True))
    moved = drag_points(
        points,
        key="learn-protonet-points",
        language=language,
        alt=_ALT(language),
        x=_X,
        y=_Y,
        paths=_paths(where, language),
        height=430,
        equal=True,
    )
    if not np.array_equal(where, moved):  # the tints are of where the points were: once more, with where they are
        st.session_state[_KEY] = moved
        st.rerun(scope="fragment")
    shares = prototypes.shares(where[-1], prototypes.means(where[:-1], _SHOT))
    with st.grid(3, min_column_width=110, gap="small"):
        for n, share in enumerate(shares, 1):
            st.metric(_CLASS.fill(n=n)(language), f"{share:.0%}")
    figure.explained(_EXPLAIN(language), key=_KEY, language=language)


def _paths(where: Array, language: Language) -> list[Path]:
    """Regions as the points stand; spokes to the means and distances to the query, which follow the points."""
    found = []
    regions = prototypes.regions(prototypes.means(where[:-1], _SHOT), 9)
    for label, ((colour, _), region) in enumerate(zip(TASKS, regions, strict=True)):
        name = _REGION(language) if label == 0 else ""
        found.append(Path(region, name, colour, width=1, opacity=0.75, fill=True))
    for label, (colour, _) in enumerate(TASKS):
        found.append(
            _follow(_distance(label), label=_DISTANCE(language) if label == 0 else "", width=2, dash="2 4", opacity=0.8)
        )
        found.append(
            _follow(_spokes(label), label=_MEAN(language) if label == 0 else "", colour=colour, width=2, dots=3.5)
        )
    return found


def _follow(geometry, **look) -> Path:
    vertices, follow = following(geometry, len(_START))
    return Path(vertices, follow=follow, **look)


def _distance(label: int):
    return lambda points: np.stack([points[-1], prototypes.means(points[:-1], _SHOT)[label]])


def _spokes(label: int):
    """From one example over the mean to the other."""
    return lambda points: np.stack(
        [points[_SHOT * label], prototypes.means(points[:-1], _SHOT)[label], points[_SHOT * label + 1]]
    )


CHAPTER = Chapter(
    short=Text("ProtoNet", "ProtoNet"),
    title=Text("Metric learning: the nearest mean wins", "度量学习：最近的均值获胜"),
    body=Text(
        """
Must adapting be gradient descent? A **prototypical network** does without. It learns an *embedding* $f_\\theta$, a map that puts each
image at a place in space. A class is then simply the mean of its support examples, its **prototype**:

$$c_n = \\frac1K \\sum_{k} f_\\theta(x_{n,k}), \\qquad p(n \\mid x) \\propto e^{-\\lVert f_\\theta(x) - c_n \\rVert^2}$$

A query is of the class whose prototype is nearest. **Drag** the query across a border, or pull one example away and see its prototype
and the borders follow. New classes need new means and nothing else.

Meta-training shapes $f_\\theta$, by the query loss of episode after episode, until images of one class gather and classes part, *also
classes that it has never seen*. With squared Euclidean distance the borders are straight lines: it is a linear classifier whose
weights are computed instead of learned.
""",
        """
适应一定要靠梯度下降吗？**原型网络**不用。它学习一个*嵌入* $f_\\theta$，把每张图放到空间中的某处。一个类别就是其支持样本的均值，即**原型**：

$$c_n = \\frac1K \\sum_{k} f_\\theta(x_{n,k}), \\qquad p(n \\mid x) \\propto e^{-\\lVert f_\\theta(x) - c_n \\rVert^2}$$

查询归属于原型最近的类别。请把查询**拖**过边界，或拉开一个样本，看原型和边界如何跟着移动。新的类别只需要新的均值，别无其他。

元训练用一个个片段的查询损失塑造 $f_\\theta$，直到同类的图聚拢、异类分开，*对从未见过的类别也是如此*。使用平方欧氏距离时，边界是直线：
它是一个线性分类器，只是权重是算出来的，而不是学出来的。
""",
    ),
    figure=_figure,
    point=Text(
        "Learn once where things belong, then a new class is no more than the mean of its examples.",
        "先学会东西该放在哪里，之后一个新类别不过是其样本的均值。",
    ),
    recipe=Text(
        """
Repeat:

1. Draw an episode, with more classes than a test will have.
2. Embed all support and query examples.
3. Take the mean of each class's support embeddings.
4. Let minus the squared distances to the means be the logits of each query.
5. Take a step of Adam down the cross-entropy of the queries.

At test: 1 to 4, with no step at all.
""",
        """
重复：

1. 抽一个片段，类别数比测试时更多。
2. 计算所有支持样本和查询样本的嵌入。
3. 对每个类别的支持嵌入取均值。
4. 以到各均值的平方距离的负值作为查询的 logits。
5. 沿查询交叉熵的负梯度走一步 Adam。

测试时：只做 1 到 4，一步也不走。
""",
    ),
    sources=(
        ("algorithms/protonet.py", "prototypes"),
        ("algorithms/protonet.py", "closeness"),
        ("algorithms/protonet.py", "ProtoNet.episode_loss"),
        ("algorithms/protonet.py", "ProtoNet.update"),
    ),
    presets=("strokes-5w1s-protonet",),
    papers=("snell", "vinyals"),
)
