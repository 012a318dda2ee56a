"""Chapter 2: what adaptation is."""

from dataclasses import replace

import streamlit as st

from metaplay.charts import fitted, trajectory
from metaplay.history import History
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.learn import replayed
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.theme import Theme

_MOMENT = Text("Meta-steps of training behind it", "此前已训练的元步数")
_MOMENTS = (0, 8, 450, 1000, 2000, 5000, 10_000)
"""Meta-steps at which the replayed run looked at its probe tasks; those it has not are left out."""


def _figure(language: Language, theme: Theme) -> None:
    whole = replayed.whole("sinusoid-maml")
    seen = {probe.step for probe in whole.probes}
    moment = st.select_slider(_MOMENT(language), [step for step in _MOMENTS if step in seen], key="learn-moment")
    history = _until(whole, moment)
    figure.show(
        fitted.fitted_curve(history, language, theme),
        key="learn-fitted",
        alt=fitted.alt(history, language),
        explain=fitted.EXPLAIN,
        language=language,
        height=340,
    )
    figure.show(
        trajectory.adaptation_trajectory(history, language, theme),
        key="learn-trajectory",
        alt=trajectory.alt(history, language),
        explain=trajectory.EXPLAIN,
        language=language,
        height=300,
    )


def _until(history: History, step: int) -> History:
    """The run as it stood at a meta-step, as far as its probes go."""
    return replace(history, probes=[probe for probe in history.probes if probe.step <= step])


CHAPTER = Chapter(
    short=Text("Adaptation", "适应"),
    title=Text("Adapting is plain gradient descent from a good start", "适应就是从好的起点做普通的梯度下降"),
    body=Text(
        """
To adapt to a task, the network takes a few gradient steps on its support set:

$$\\theta' = \\theta - \\alpha \\, \\nabla_\\theta \\mathcal{L}_{\\text{support}}(\\theta)$$

$\\theta$ are the weights that every task starts from, the **initialisation**; $\\alpha$ is the **inner learning rate**; $\\theta'$ are
the **fast weights**, good for this task only and then thrown away.

There is nothing new in the step itself. What matters is where it *starts*. At the side is a real run. Its slider goes through
meta-training: **0** is an untrained network, and ten steps on ten points hardly bend it. Move on: the same ten points and the same
steps fit the whole wave, also where there are no points, and the *first* step does most of it.

The network has not learnt this wave. It has learnt *how waves are*, and where to stand so that one step reaches any of them.
""",
        """
为了适应一个任务，网络在支持集上走几步梯度：

$$\\theta' = \\theta - \\alpha \\, \\nabla_\\theta \\mathcal{L}_{\\text{support}}(\\theta)$$

$\\theta$ 是所有任务共同的起点权重，即**初始化**；$\\alpha$ 是**内层学习率**；$\\theta'$ 是**快速权重**，只对这个任务有用，用完即弃。

这一步本身毫无新意，关键在于从哪里*出发*。旁边是一次真实的训练，滑块对应元训练的进度：**0** 是未训练的网络，用十个点走十步也几乎不动。
往后移：同样的十个点、同样的步数，就能拟合整条曲线，连没有点的地方也行，而且*第一步*就完成了大部分。

网络学到的不是这条曲线，而是*曲线是什么样的*，以及站在哪里才能一步走到任何一条。
""",
    ),
    figure=_figure,
    point=Text(
        "Adaptation is ordinary learning. Meta-learning is the search for a starting point that makes it fast.",
        "适应就是普通的学习；元学习是寻找让它变快的起点。",
    ),
    recipe=Text(
        """
1. Begin with a copy of $\\theta$ for the task.
2. Compute the mean loss over its support set, and the gradient of it.
3. Step against the gradient, as far as the inner rate $\\alpha$ says.
4. Repeat from 2 for the next inner step.
5. Judge the fast weights on the query set.
""",
        """
1. 为任务复制一份 $\\theta$。
2. 计算支持集上的平均损失及其梯度。
3. 沿负梯度走一步，步长为内层学习率 $\\alpha$。
4. 下一个内层步从第 2 步重复。
5. 用查询集评判快速权重。
""",
    ),
    sources=(("algorithms/maml.py", "Maml.inner_step"), ("algorithms/maml.py", "Maml.adapt")),
    presets=("sinusoid-maml", "sinusoid-cavia"),
    papers=("finn", "zintgraf"),
)
