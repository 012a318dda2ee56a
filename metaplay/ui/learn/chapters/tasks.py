"""Chapter 1: what a task is."""

import streamlit as st

from metaplay.charts.learn import tasks as charts
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.theme import Theme

_FAMILIES = {"waves": Text("Sine waves", "正弦曲线"), "characters": Text("Characters", "字符")}
_FAMILY, _SHOT = Text("Task family", "任务族"), Text("Shots K", "样本数 K")
_ANOTHER, _ANSWERS = Text("Another task", "换一个任务"), Text("Show the answers", "显示答案")


def _figure(language: Language, theme: Theme) -> None:
    seed = st.session_state.setdefault("learn-task", 7)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        family = st.segmented_control(
            _FAMILY(language),
            list(_FAMILIES),
            default="waves",
            format_func=lambda name: _FAMILIES[name](language),
            key="learn-family",
            required=True,
        )
        st.button(_ANOTHER(language), key="learn-another", icon=":material/casino:", on_click=_deal)
    if family == "waves":
        shot = st.slider(_SHOT(language), 1, 20, 5, key="learn-wave-shot")
        drawn, alt = charts.wave(seed, shot, language, theme), charts.wave_alt(seed, shot, language)
        figure.show(drawn, key="learn-wave", alt=alt, explain=charts.WAVE_EXPLAIN, language=language)
    else:
        shot = st.slider(_SHOT(language), 1, 3, 1, key="learn-character-shot")
        answers = st.toggle(_ANSWERS(language), key="learn-answers")
        drawn, alt = charts.characters(seed, shot, answers, language, theme), charts.characters_alt(shot, language)
        figure.show(
            drawn, key="learn-characters", alt=alt, explain=charts.CHARACTERS_EXPLAIN, language=language, height=380
        )


def _deal() -> None:
    st.session_state["learn-task"] += 1
    st.session_state["learn-answers"] = False


CHAPTER = Chapter(
    short=Text("Tasks", "任务"),
    title=Text("A task is a small problem, and there are many", "任务是一个小问题，而且有许多个"),
    body=Text(
        """
Ordinary machine learning has one large data set and one question. **Meta-learning has many small ones.**

Each is a *task*: a few labelled examples to learn from, the **support set**, and some more to be judged by, the **query set**.
Tasks of one kind make a *task family*. Two of them are at the side:

- *Sine waves*: each task is a wave of its own height and shift, known at $K$ points. Where does it run elsewhere?
- *Characters*: $N$ characters never seen before and $K$ drawings of each, "$N$-way $K$-shot". Which is which?

In every task of characters the labels $1$ to $N$ are dealt anew. So nothing is won by remembering characters: the only way to do
well is to *learn from the support set*, fast. Characters used in training never come back in the test.
""",
        """
普通机器学习只有一个大数据集、一个问题。**元学习有许多个小的。**

每一个都是一个*任务*：几个带标签的样本用来学习，称为**支持集**；另一些用来评判，称为**查询集**。同一类任务组成*任务族*。旁边有两个例子：

- *正弦曲线*：每个任务是一条振幅和相位各不相同的曲线，只给出 $K$ 个点。其他地方的值是多少？
- *字符*：$N$ 个从未见过的字符，每个 $K$ 张图，即“$N$ 类 $K$ 样本”。哪张图是哪个字符？

在字符任务中，标签 $1$ 到 $N$ 每次都重新分配，所以记住字符没有用：唯一的办法是*从支持集快速学习*。训练用过的字符不会出现在测试中。
""",
    ),
    figure=_figure,
    point=Text(
        "The unit of meta-learning is not an example but a task: a support set to learn from and a query set to be judged by.",
        "元学习的基本单位不是样本，而是任务：用支持集学习，用查询集评判。",
    ),
    recipe=Text(
        """
1. Draw a task from the family: a wave, or $N$ characters of the split.
2. Draw $K$ support examples (of each class) and some query examples; none is in both.
3. For characters: deal the labels $1$ to $N$ in random order.
4. Do this for $T$ tasks at once; they are worked on side by side, as tensors $[T, \\dots]$.
""",
        """
1. 从任务族抽一个任务：一条曲线，或该划分中的 $N$ 个字符。
2. （每类）抽 $K$ 个支持样本和若干查询样本，两者不重叠。
3. 对字符：随机分配标签 $1$ 到 $N$。
4. 一次抽 $T$ 个任务，以张量 $[T, \\dots]$ 并排处理。
""",
    ),
    sources=(
        ("tasks/sinusoid.py", "Sinusoid.sample"),
        ("tasks/images.py", "ImageFamily.sample"),
        ("episodes.py", "Episodes"),
    ),
    presets=("sinusoid-maml", "strokes-5w1s-maml"),
    papers=("vinyals", "lake"),
)
