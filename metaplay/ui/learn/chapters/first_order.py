"""Chapter 4: MAML without the second derivative."""

from metaplay.charts.learn import order, quadratic
from metaplay.charts.learn.quadratic import Array, Gradient
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.drag_points import Path
from metaplay.ui.learn import plane
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.plane import CURVATURES, MOST_RATE, Loop
from metaplay.ui.theme import Theme

_KEY = "learn-first-order"
_RATE, _TRAIL = 0.7, 60
_ENDS = {
    "maml": Text("MAML's meta-steps", "MAML 的元步"),
    "fomaml": Text("FOMAML's meta-steps", "FOMAML 的元步"),
    "joint": Text("ordinary training on all tasks", "在全部任务上普通训练"),
}
_ALT = Text(
    "The plane of the last chapter. Three trails lead from the starting point: MAML's, FOMAML's and that of ordinary training; each"
    " ends at a place of its own.",
    "上一章的平面。三条轨迹从起点出发：MAML、FOMAML 和普通训练；各自停在不同的地方。",
)
_ANGLE_ALT = Text(
    "The angle between the exact and the first-order meta-gradient grows from 0 at inner rate 0; here it is {angle:.0f} degrees.",
    "精确元梯度与一阶元梯度的夹角从内层学习率为 0 时的 0 度开始增大；此处为 {angle:.0f} 度。",
)
_EXPLAIN = Text(
    "Each trail is plain gradient descent, a dot a meta-step: MAML with the exact meta-gradient, FOMAML with the second derivative left"
    " out, and ordinary training, which lowers the mean loss without any adapting. Move the optima apart, or change the sliders, and see"
    " whether the trails of MAML and FOMAML still end together.",
    "每条轨迹都是普通的梯度下降，一个点是一个元步：MAML 用精确元梯度，FOMAML 略去二阶导数，普通训练则不考虑适应，只降低平均损失。"
    "把最优点拖开，或移动滑块，看 MAML 与 FOMAML 是否仍停在一起。",
)


def _figure(language: Language, theme: Theme) -> None:
    inner = plane.loop(_KEY, language)
    points = plane.draw(_KEY, [_trail(name, inner, language) for name in _ENDS], _ALT(language), language)
    plane.reset(_KEY, language)
    figure.explained(_EXPLAIN(language), key=_KEY, language=language)
    world = (points[0], points[1:], CURVATURES, inner.rate, inner.steps)
    angle = quadratic.angle(quadratic.exact(*world), quadratic.first_order(*world))
    figure.show(
        order.angles(*world, MOST_RATE, language, theme),
        key="learn-angles",
        alt=_ANGLE_ALT.fill(angle=angle)(language),
        explain=order.EXPLAIN,
        language=language,
        height=280,
    )


def _trail(name: str, inner: Loop, language: Language) -> Path:
    def gradient(points: Array) -> Gradient:
        if name == "joint":
            return lambda theta: quadratic.joint(theta, points[1:], CURVATURES)
        rule = quadratic.exact if name == "maml" else quadratic.first_order
        return lambda theta: rule(theta, points[1:], CURVATURES, *inner)

    def trail(points: Array) -> Array:
        return quadratic.descent(points[0], gradient(points), _RATE, _TRAIL)

    dash = {"maml": "", "fomaml": "7 5", "joint": "2 4"}[name]
    return plane.path(
        trail, label=_ENDS[name](language), colour=ALGORITHMS[name].colour, width=2.5, dash=dash, dots=2.5, arrow=True
    )


CHAPTER = Chapter(
    short=Text("First order", "一阶"),
    title=Text("First order: leave the second derivative out", "一阶：略去二阶导数"),
    body=Text(
        """
Second derivatives cost time and memory: all inner steps must be kept and gone through backwards. **FOMAML** simply pretends that the
inner step does not depend on $\\theta$, that is $I - \\alpha H_t \\approx I$:

$$\\frac1T \\sum_t \\nabla \\mathcal{L}_t(\\theta'_t)$$

It takes the gradient *at* the fast weights and applies it *to* the start. In the code that is one switch: the inner gradient becomes a
constant.

How wrong is that? Look at the angle below the plane. With a small inner rate or gentle bowls it is small, and many networks with
ReLU units behave so: on mini-ImageNet, 5-way 1-shot, first order was found to reach 48.07 % where MAML reaches 48.70 %. With more to
adapt it costs: on Omniglot, 20-way 1-shot, 89.4 % against 95.8 %.
""",
        """
二阶导数既费时间又费内存：所有内层步都要保留，再反向走一遍。**FOMAML** 干脆假装内层步不依赖 $\\theta$，即 $I - \\alpha H_t \\approx I$：

$$\\frac1T \\sum_t \\nabla \\mathcal{L}_t(\\theta'_t)$$

它取快速权重*处*的梯度，直接用*于*起点。在代码里只是一个开关：内层梯度变成常数。

这样错得多不多？看平面下方的夹角。内层学习率小、碗比较平缓时夹角很小，许多使用 ReLU 的网络正是如此：在 mini-ImageNet 5 类 1 样本上，
一阶方法达到 48.07%，MAML 为 48.70%。需要适应得更多时就有代价：Omniglot 20 类 1 样本上是 89.4% 对 95.8%。
""",
    ),
    figure=_figure,
    point=Text(
        "First order is a good bargain while the inner step is small beside the curvature; the angle tells when it is not.",
        "只要内层步相对曲率较小，一阶就很划算；夹角会告诉你什么时候不再如此。",
    ),
    recipe=Text(
        """
As MAML, but:

- in 2, forget how each inner gradient came about: it is a constant;
- in 4, the meta-gradient is then the mean of the query gradients at the $\\theta'_t$.

ANIL saves elsewhere: it adapts the last layer only.
""",
        """
与 MAML 相同，但是：

- 第 2 步不记录内层梯度如何得来：它是常数；
- 于是第 4 步的元梯度就是各 $\\theta'_t$ 处查询梯度的均值。

ANIL 则在别处节省：只适应最后一层。
""",
    ),
    sources=(
        ("algorithms/maml.py", "Fomaml"),
        ("algorithms/maml.py", "Maml.inner_step"),
        ("algorithms/anil.py", "Anil"),
    ),
    presets=("sinusoid-fomaml", "omniglot-5w1s-fomaml", "strokes-5w1s-anil"),
    papers=("finn", "nichol", "raghu"),
)
