"""Chapter 5: Reptile's geometry."""

import numpy as np
import streamlit as st

from metaplay.charts.learn import quadratic
from metaplay.charts.learn.quadratic import Array
from metaplay.registry import ALGORITHMS
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.drag_points import Axis, Path, Point, drag_points, following
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.learn.plane import TASKS
from metaplay.ui.theme import Theme

_KEY = "learn-reptile"
_START = ((-2.2, -1.7), (-0.9, 0.9), (0.9, 0.5), (0.4, -0.9))
_DEGREES = (35.0, 100.0, -20.0)
_VALLEYS = np.stack([quadratic.bowl(1, 0, degrees) for degrees in _DEGREES])
_ALONG = np.stack([np.stack([np.cos(turn), np.sin(turn)]) for turn in np.deg2rad(_DEGREES)])
_RATE = 0.3
_X, _Y = Axis(-2.8, 2.8, "φ₁"), Axis(-2.2, 2.2, "φ₂")
_ROUNDS = 6
_STEPS, _SHARE = Text("Inner steps k", "内层步数 k"), Text("Outer learning rate ε", "外层学习率 ε")
_PHI, _TASK = Text("start φ", "起点 φ"), Text("task {n}", "任务 {n}")
_SOLVED = Text("where a task is solved", "任务的解所在")
_TRAINED = Text("training on one task", "在一个任务上训练")
_MOVED = Text("Reptile's moves", "Reptile 的移动")
_NEAREST = Text("nearest to all tasks", "离所有任务最近处")
_ALT = Text(
    "Three lines are the solutions of three tasks. From the start φ, Reptile trains towards one line after another and each time moves a"
    " share of the way, so that it ends near the place that is nearest to all three.",
    "三条直线是三个任务的解。Reptile 从起点 φ 出发，轮流朝各条线训练，每次移动其中一部分，最终停在离三条线都最近的地方附近。",
)
_EXPLAIN = Text(
    "A network has many more weights than a small task needs, so a task has a whole line of solutions, not one. Each thin arrow is k steps"
    " of gradient descent on one task, each strong one the part of it that Reptile keeps, ε. Drag a task's point to move its line, drag φ"
    " to begin elsewhere. The ring is where the sum of squared distances to"
    " the lines is least.",
    "网络的权重远多于一个小任务所需，所以一个任务的解是一整条线，而不是一个点。每个细箭头是在一个任务上做 k 步梯度下降，"
    "每个粗箭头是 Reptile 保留的那一部分，比例为 ε。拖动任务的点可移动它的线，拖动 φ 可换个起点。圆圈是到各线距离平方和最小之处。",
)


def _figure(language: Language, theme: Theme) -> None:
    left, right = st.columns(2)
    with left:
        steps = st.slider(_STEPS(language), 1, 20, 8, key="learn-reptile-steps")
    with right:
        share = st.slider(_SHARE(language), 0.05, 1.0, 0.35, 0.05, key="learn-reptile-share")
    names = [_PHI(language), *(_TASK.fill(n=n)(language) for n in (1, 2, 3))]
    points = [Point(*_START[0], names[0])]
    points += [Point(*place, name, *look) for place, name, look in zip(_START[1:], names[1:], TASKS, strict=True)]
    drag_points(
        points,
        key=_KEY,
        language=language,
        alt=_ALT(language),
        x=_X,
        y=_Y,
        paths=[*_lines(language), *_walk(steps, share, language), _nearest(language)],
        height=430,
        equal=True,
    )
    figure.explained(_EXPLAIN(language), key=_KEY, language=language)


def _lines(language: Language) -> list[Path]:
    """The line of solutions of each task, through its point."""

    def line(task: int):
        return lambda points: points[1 + task] + np.stack([-9 * _ALONG[task], 9 * _ALONG[task]])

    return [
        _path(line(task), colour=colour, width=2, opacity=0.7, label=_SOLVED(language) if task == 0 else "")
        for task, (colour, _) in enumerate(TASKS)
    ]


def _walk(steps: int, share: float, language: Language) -> list[Path]:
    """Turn by turn: towards a task as a thin arrow, and the part of the way that is kept as a strong one."""

    def turns(points: Array) -> Array:
        return quadratic.reptile(points[0], points[1:], _VALLEYS, _RATE, steps, share, _ROUNDS)

    def towards(turn: int):
        return lambda points: turns(points)[turn, :2]

    thin = {"width": 1.5, "opacity": 0.75, "arrow": True}
    trained = [
        _path(towards(turn), colour=TASKS[turn % 3][0], label=_TRAINED(language) if turn == 0 else "", **thin)
        for turn in range(3 * 2)
    ]
    moved = _path(
        lambda points: np.vstack([points[:1], turns(points)[:, 2]]),
        colour=ALGORITHMS["reptile"].colour,
        label=_MOVED(language),
        width=3.5,
        dots=3,
        arrow=True,
    )
    return [*trained, moved]


def _nearest(language: Language) -> Path:
    """A ring where the mean of the squared distances to all lines is least."""

    def nearest(points: Array) -> Array:
        best = quadratic.rest(lambda theta: quadratic.joint(theta, points[1:], _VALLEYS))
        return best + quadratic.ring(np.eye(2), 0.006, 25)

    return _path(nearest, width=2, label=_NEAREST(language))


def _path(geometry, **look) -> Path:
    vertices, follow = following(geometry, len(_START))
    return Path(vertices, follow=follow, **look)


CHAPTER = Chapter(
    short=Text("Reptile", "Reptile"),
    title=Text("Reptile: walk towards each task, a little", "Reptile：朝每个任务走一小段"),
    body=Text(
        """
Reptile needs no meta-gradient at all. It trains on one task for $k$ steps, from $\\varphi$ to $\\tilde\\varphi$, and then moves the start
a part of the way towards where it ended:

$$\\varphi \\leftarrow \\varphi + \\varepsilon\\,(\\tilde\\varphi - \\varphi)$$

There is no query set, and nothing is differentiated twice. Why does it work? A task is solved by many weights, here by a whole *line*
of them. Training on the task walks straight to its line. Doing so in turn, a little each time, brings $\\varphi$ **near to all the
lines at once**, from where a few steps solve any of them.

Set $k = 1$: a step knows only which way is down, and Reptile is ordinary training on all tasks. With more steps, $\\tilde\\varphi -
\\varphi$ also holds how the gradients of *different* minibatches agree. That is where the second-order effect of MAML hides in it.
""",
        """
Reptile 完全不需要元梯度。它在一个任务上训练 $k$ 步，从 $\\varphi$ 走到 $\\tilde\\varphi$，然后把起点朝终点移动一部分：

$$\\varphi \\leftarrow \\varphi + \\varepsilon\\,(\\tilde\\varphi - \\varphi)$$

没有查询集，也没有任何东西求两次导。为什么有效？一个任务有许多组权重能解，这里是一整条*线*。在该任务上训练就是径直走向它的线。
轮流这样做，每次只走一点，$\\varphi$ 就会**同时靠近所有的线**，从那里走几步就能解决任何一个任务。

设 $k = 1$：一步只知道哪边是下坡，此时 Reptile 就是在全部任务上的普通训练。步数更多时，$\\tilde\\varphi - \\varphi$
还包含*不同*小批量的梯度如何一致；MAML 的二阶效应就藏在其中。
""",
    ),
    figure=_figure,
    point=Text(
        "Train on a task, then move the start a little towards the result. Repeated over tasks, that ends near all of their solutions.",
        "在一个任务上训练，再把起点朝结果挪一点。在任务间反复，就会停在所有解的附近。",
    ),
    recipe=Text(
        """
Repeat, with $\\varepsilon$ falling to $0$ over the run:

1. Draw a meta-batch of tasks.
2. On each, take $k$ steps of SGD or Adam from $\\varphi$, on minibatches of its support set: $\\tilde\\varphi_t$.
3. Average the differences $\\tilde\\varphi_t - \\varphi$.
4. Move $\\varphi$ by $\\varepsilon$ times that average.
""",
        """
重复，$\\varepsilon$ 在训练中降到 $0$：

1. 抽一个任务的元批量。
2. 在每个任务上，从 $\\varphi$ 出发用支持集的小批量走 $k$ 步 SGD 或 Adam，得到 $\\tilde\\varphi_t$。
3. 对差 $\\tilde\\varphi_t - \\varphi$ 取平均。
4. 把 $\\varphi$ 移动该平均的 $\\varepsilon$ 倍。
""",
    ),
    sources=(("algorithms/reptile.py", "Reptile.update"), ("algorithms/inner.py", "fit")),
    presets=("sinusoid-reptile", "omniglot-5w1s-reptile"),
    papers=("nichol", "demo"),
)
