"""Chapter 3: MAML's two loops in a plane, with the second-order term drawn."""

import numpy as np
import streamlit as st

from metaplay.charts.learn import quadratic
from metaplay.charts.learn.quadratic import Array
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.drag_points import Path
from metaplay.ui.learn import plane
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.plane import CURVATURES, OUTER_RATE, Loop
from metaplay.ui.theme import Theme

_KEY = "learn-maml"
_TRAIL = 40
SECOND = "#D55E00"
_INNER = Text("inner steps of each task", "各任务的内层步")
_FIRST = Text("gradient at the fast weights (first order)", "快速权重处的梯度（一阶）")
_ADDED = Text("what the second derivative adds", "二阶导数所加的部分")
_EXACT, _WAY = Text("MAML's meta-step", "MAML 的元步"), Text("further meta-steps", "之后的元步")
_STEP = Text("Take a meta-step", "走一个元步")
_BEFORE, _AFTER, _ANGLE = (
    Text("Loss before adapting", "适应前的损失"),
    Text("Loss after adapting", "适应后的损失"),
    Text("Angle, first order to exact", "一阶与精确的夹角"),
)
_ALT = Text(
    "Two weights span a plane with three tasks as bowls. From the starting point θ, inner steps lead down each bowl, and arrows show"
    " the first-order meta-gradient, what the second derivative adds to it, and their sum, MAML's meta-step.",
    "两个权重构成平面，三个任务是三个碗。从起点 θ 出发，内层步走向各碗；箭头表示一阶元梯度、二阶导数所加的部分，以及两者之和即 MAML 的元步。",
)
_EXPLAIN = Text(
    "The plane stands for a network with two weights. Rings are lines of equal loss of three tasks, each a bowl with its bottom at the"
    " marked point and its own steep direction. Thin arrows: what the inner steps do. From θ, the dashed arrow is minus the mean of"
    " the gradients at the arrow heads. The orange arrow corrects it: an inner step shrinks moves along a steep direction, so that"
    " θ's position matters less there. The solid arrow is the sum, which is exact; the dots are where it leads in the end.",
    "平面代表只有两个权重的网络。圆环是三个任务的等损失线，每个任务是一个碗，碗底在标记点，各有自己的陡峭方向。细箭头是内层步的作用。"
    "从 θ 出发的虚线箭头是各箭头终点处梯度均值的负方向。橙色箭头对它作修正：内层步会缩小沿陡峭方向的移动，所以 θ 在那个方向上的位置没那么重要。"
    "实线箭头是两者之和，是精确的；小点表示它最终通向哪里。",
)


def _figure(language: Language, theme: Theme) -> None:
    inner = plane.loop(_KEY, language)
    with st.container(horizontal=True, gap="small"):
        st.button(
            _STEP(language), key="learn-meta-step", icon=":material/skip_next:", on_click=_meta_step, args=(inner,)
        )
        plane.reset(_KEY, language)
    points = plane.draw(
        _KEY, [*plane.inner_paths(inner, _INNER, language), *_arrows(inner, language)], _ALT(language), language
    )
    _numbers(points, inner, language)
    figure.explained(_EXPLAIN(language), key=_KEY, language=language)


def _meta_step(inner: Loop) -> None:
    points = np.array(plane.places(_KEY))
    x, y = points[0] - OUTER_RATE * _exact(points, inner)
    st.session_state[_KEY] = [(float(x), float(y)), *plane.places(_KEY)[1:]]


def _exact(points: Array, inner: Loop) -> Array:
    return quadratic.exact(points[0], points[1:], CURVATURES, *inner)


def _first(points: Array, inner: Loop) -> Array:
    return quadratic.first_order(points[0], points[1:], CURVATURES, *inner)


def _arrows(inner: Loop, language: Language) -> list[Path]:
    """From theta: the first-order step, the second-order term at its tip, their sum, and where meta-steps lead."""

    def first(points: Array) -> Array:
        return np.stack([points[0], points[0] - OUTER_RATE * _first(points, inner)])

    def exact(points: Array) -> Array:
        return np.stack([points[0], points[0] - OUTER_RATE * _exact(points, inner)])

    def added(points: Array) -> Array:
        return np.stack([first(points)[1], exact(points)[1]])

    def way(points: Array) -> Array:
        return quadratic.descent(
            points[0], lambda theta: quadratic.exact(theta, points[1:], CURVATURES, *inner), OUTER_RATE, _TRAIL
        )[1:]

    maml, fomaml = ALGORITHMS["maml"].colour, ALGORITHMS["fomaml"].colour
    return [
        plane.path(way, label=_WAY(language), colour=maml, width=0, dots=2.5, opacity=0.6),
        plane.path(first, label=_FIRST(language), colour=fomaml, width=3.5, dash="7 5", arrow=True),
        plane.path(added, label=_ADDED(language), colour=SECOND, width=3.5, dash="2 3", arrow=True),
        plane.path(exact, label=_EXACT(language), colour=maml, width=4.5, arrow=True),
    ]


def _numbers(points: Array, inner: Loop, language: Language) -> None:
    centres = points[1:]
    fast = quadratic.inner_path(points[0], centres, CURVATURES, *inner)[-1]
    before, after = (float(quadratic.loss(where, centres, CURVATURES).mean()) for where in (points[0], fast))
    angle = quadratic.angle(_first(points, inner), _exact(points, inner))
    with st.grid(3, min_column_width=140, gap="small"):
        st.metric(_BEFORE(language), f"{before:.2f}")
        st.metric(_AFTER(language), f"{after:.2f}")
        st.metric(_ANGLE(language), f"{angle:.0f}°")


CHAPTER = Chapter(
    short=Text("MAML", "MAML"),
    title=Text("MAML: choose the start by where the step ends", "MAML：按这一步走到哪里来选起点"),
    body=Text(
        """
Which start is best? MAML's answer: the one that is good *after* the inner step. It has two loops. The **inner** loop adapts to each
task; the **outer** loop moves $\\theta$ so that the adapted weights do well on the query sets:

$$\\min_\\theta \\; \\frac1T \\sum_{t=1}^{T} \\mathcal{L}_t\\big(\\underbrace{\\theta - \\alpha \\nabla \\mathcal{L}_t(\\theta)}_{\\theta'_t}\\big)$$

Its gradient, the *meta-gradient*, goes through the inner step. By the chain rule that is

$$\\frac1T \\sum_t \\big(I - \\alpha H_t\\big)\\, \\nabla \\mathcal{L}_t(\\theta'_t)$$

with $H_t$ the matrix of second derivatives at $\\theta$. **Drag** $\\theta$ and the three optima. The dashed arrow is what there would be
without $H_t$; the orange one is what it adds. A narrow bowl is easily reached *across* by the inner step, so MAML cares less about
that direction and spends $\\theta$ on the directions in which adapting is slow.
""",
        """
哪个起点最好？MAML 的回答是：走完内层步*之后*表现好的那个。它有两层循环：**内层**适应每个任务；**外层**移动 $\\theta$，使适应后的权重在查询集上表现好：

$$\\min_\\theta \\; \\frac1T \\sum_{t=1}^{T} \\mathcal{L}_t\\big(\\underbrace{\\theta - \\alpha \\nabla \\mathcal{L}_t(\\theta)}_{\\theta'_t}\\big)$$

它的梯度称为*元梯度*，要穿过内层步。由链式法则得

$$\\frac1T \\sum_t \\big(I - \\alpha H_t\\big)\\, \\nabla \\mathcal{L}_t(\\theta'_t)$$

其中 $H_t$ 是 $\\theta$ 处的二阶导数矩阵。请**拖动** $\\theta$ 和三个最优点。虚线箭头是没有 $H_t$ 时的方向，橙色箭头是它所加的部分。
狭窄的碗*横向*上内层步很容易走到，所以 MAML 不太在意那个方向，而把 $\\theta$ 用在适应得慢的方向上。
""",
    ),
    figure=_figure,
    point=Text(
        "MAML differentiates through learning itself. The second derivative tells which directions the inner step will mend anyway.",
        "MAML 对学习过程本身求导。二阶导数告诉它，哪些方向内层步自会修正。",
    ),
    recipe=Text(
        """
Repeat:

1. Draw a meta-batch of $T$ tasks.
2. For each task, take $K$ inner steps from $\\theta$ on the support set: $\\theta'_t$. Keep the computation, to differentiate it.
3. Average the query losses at the $\\theta'_t$.
4. Differentiate that average with respect to $\\theta$, through all inner steps.
5. Move $\\theta$ by one step of Adam at the outer rate $\\beta$.
""",
        """
重复：

1. 抽一个包含 $T$ 个任务的元批量。
2. 对每个任务，从 $\\theta$ 出发在支持集上走 $K$ 个内层步得到 $\\theta'_t$，并保留计算图以便求导。
3. 对各 $\\theta'_t$ 处的查询损失取平均。
4. 将该平均穿过所有内层步对 $\\theta$ 求导。
5. 用 Adam 以外层学习率 $\\beta$ 移动 $\\theta$。
""",
    ),
    sources=(
        ("algorithms/maml.py", "Maml.meta_loss"),
        ("algorithms/maml.py", "Maml.inner_step"),
        ("algorithms/maml.py", "Maml.meta_gradient"),
        ("algorithms/maml.py", "Maml.update"),
    ),
    presets=("sinusoid-maml", "omniglot-5w1s-maml"),
    papers=("finn",),
)
