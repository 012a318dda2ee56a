"""Chapter 8: the same idea in three fields, and the contrast with ordinary supervised training.

The replayed runs were made by `python -m metaplay train mnist-joint` and `python -m metaplay train nav2d-maml --seed 1`.
"""

from dataclasses import replace

import streamlit as st

from metaplay.charts import classes, plane, trajectory
from metaplay.charts.learn import published
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.learn import replayed
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.theme import Theme

_FIELDS = {
    "vision": Text("Vision", "视觉"),
    "language": Text("Language", "语言"),
    "control": Text("Reinforcement learning", "强化学习"),
    "ordinary": Text("Ordinary training", "普通训练"),
}
_FIELD, _SETTING, _TASK = Text("Field", "领域"), Text("Setting", "设置"), Text("Task", "任务")
_WAYS = Text("{way}-way {shot}-shot", "{way} 类 {shot} 样本")
_SAID = Text(
    """
A task of three intents, two sentences each. The classes are new; the words are not.

| Intent (label) | Support set |
|---|---|
| set an alarm (1) | "wake me at seven" · "alarm for six thirty, please" |
| book a table (2) | "dinner for four on Friday" · "is there a table by the window tonight" |
| report a lost card (3) | "my card is gone" · "I think somebody took my bank card" |

**Query:** "could you get me up before sunrise?" Which intent?

A new assistant has a handful of sentences for each thing that it should understand. A task is such a handful. Krone et al. 2020 found
that MAML and ProtoNet both do better than fine-tuning there.
""",
    """
一个含三种意图、各两句话的任务。类别是新的，词语不是。

| 意图（标签） | 支持集 |
|---|---|
| 设闹钟 (1) | “七点叫我起床” · “请定六点半的闹钟” |
| 订座 (2) | “周五四个人吃晚饭” · “今晚有靠窗的位子吗” |
| 挂失 (3) | “我的卡不见了” · “好像有人拿走了我的银行卡” |

**查询：**“能在日出前把我叫醒吗？”是哪种意图？

一个新的助手，对它该听懂的每件事只有少数几句话。一个任务就是这样的几句话。Krone 等 2020 发现，在这里 MAML 和 ProtoNet 都优于微调。
""",
)
_WALK = Text("walk to a goal (a run of ours)", "走向目标（我们的一次训练）")
_TRAINED = Text("Meta-steps of training", "训练的元步数")
_WALKED = Text(
    "A real run of MAML. The agents are not told where the goal is, and training never used it: they try, take a gradient step on what they"
    " met, and try again. Move the slider back to where they do not yet know how to learn. On {tasks} held-out goals one step brings the"
    " return from {before:.1f} to {after:.1f} ± {ci95:.1f}; told the goal, one gets {oracle:.1f}. Train one yourself, then drag the goal in the"
    " adaptation lab.",
    "一次真实的 MAML 训练。智能体不知道目标在哪里，训练也从未用过这个目标：它们先尝试，用所经历的走一步梯度，再尝试。把滑块移回去，看它们还不会学习时的样子。"
    "在 {tasks} 个留出目标上，一步就把回报从 {before:.1f} 提高到 {after:.1f} ± {ci95:.1f}；被告知目标者为 {oracle:.1f}。自己训练一次，然后到适应实验室拖动目标。",
)
_ORDINARY = Text(
    "A real run of ordinary training: ten digits, always the same ten labels, {accuracy:.1%} of new drawings right. The flat line is the"
    " point: three gradient steps on one example of each digit change nothing, since all was learnt before. A meta-learner's line begins"
    " near chance and *rises*.",
    "一次真实的普通训练：十个数字，标签始终不变，新图的正确率为 {accuracy:.1%}。重点在于那条平线：每个数字用一个样本走三步梯度，什么也不改变，"
    "因为一切都已事先学好。元学习者的线从随机水平附近开始，然后*上升*。",
)


def _figure(language: Language, theme: Theme) -> None:
    field = st.segmented_control(
        _FIELD(language),
        list(_FIELDS),
        default="vision",
        format_func=lambda name: _FIELDS[name](language),
        key="learn-field",
        label_visibility="collapsed",
        required=True,
    )
    {"vision": _vision, "language": _language, "control": _control, "ordinary": _ordinary}[field](language, theme)


def _vision(language: Language, theme: Theme) -> None:
    setting = st.segmented_control(
        _SETTING(language),
        list(published.SETTINGS),
        default="20w1s",
        format_func=lambda name: _WAYS.fill(way=published.SETTINGS[name][0], shot=published.SETTINGS[name][1])(
            language
        ),
        key="learn-setting",
        required=True,
    )
    drawn, alt = published.omniglot(setting, language, theme), published.omniglot_alt(setting, language)
    explain = published.OMNIGLOT_EXPLAIN
    figure.show(drawn, key="learn-omniglot", alt=alt, explain=explain, language=language, height=400)


def _language(language: Language, theme: Theme) -> None:
    st.markdown(_SAID(language))


def _control(language: Language, theme: Theme) -> None:
    task = st.segmented_control(
        _TASK(language),
        ["plane", *published.CHEETAH],
        default="plane",
        format_func=lambda name: (published.CHEETAH[name][0] if name in published.CHEETAH else _WALK)(language),
        key="learn-cheetah",
        required=True,
    )
    if task == "plane":
        _plane(language, theme)
        return
    drawn, alt = published.cheetah(task, language, theme), published.cheetah_alt(task, language)
    figure.show(drawn, key="learn-control", alt=alt, explain=published.CHEETAH_EXPLAIN, language=language)


def _plane(language: Language, theme: Theme) -> None:
    """A run on 2D navigation, at the moment of its training that the reader chooses."""
    history = replayed.whole("nav2d-maml")
    moments = [probe.step for probe in history.probes]
    moment = st.select_slider(_TRAINED(language), moments, value=moments[-1], key="learn-plane-moment")
    then = replace(history, probes=history.probes[: moments.index(moment) + 1])
    tested = history.evaluated[-1]
    assert tested.oracle
    told = {"before": tested.mean[0], "after": tested.mean[1], "ci95": tested.ci95[1], "oracle": tested.oracle[0]}
    for key, chart, module, height in (
        ("plane", plane.plane, plane, 440),
        ("plane-trajectory", trajectory.adaptation_trajectory, trajectory, 320),
    ):
        drawn, said = chart(then, language, theme), module.alt(then, language)
        figure.show(drawn, key=f"learn-{key}", alt=said, explain=module.EXPLAIN, language=language, height=height)
    st.markdown(_WALKED.fill(tasks=tested.tasks, **told)(language))


def _ordinary(language: Language, theme: Theme) -> None:
    history = replayed.whole("mnist-joint")
    st.markdown(_ORDINARY.fill(accuracy=history.evaluated[-1].mean[0])(language))
    views = (
        ("ordinary-trajectory", trajectory.adaptation_trajectory, trajectory.alt, trajectory.EXPLAIN),
        ("ordinary-classes", classes.class_accuracy, classes.alt, classes.EXPLAIN),
    )
    for key, chart, alt, explain in views:
        drawn, said = chart(history, language, theme), alt(history, language)
        figure.show(drawn, key=f"learn-{key}", alt=said, explain=explain, language=language, height=320)


CHAPTER = Chapter(
    short=Text("Applications", "应用"),
    title=Text("One idea, many fields", "一个思想，许多领域"),
    body=Text(
        """
MAML asks for a loss that has a gradient, and nothing else. So what a task *is* may change from field to field:

- **Vision.** Five characters, faces or plants, one picture of each. Figures at the side are those that papers print for Omniglot.
- **Language.** A few sentences for each of some new intents or topics.
- **Reinforcement learning.** A goal to find, or a direction to run in. The support set is a few trials, the loss minus their return,
  the inner step a policy gradient, and the query set trials of the adapted policy.

And **ordinary training**? It has one task, for good. It is what you want when there are plenty of examples and the classes stay.
Its answer to a new class is to be trained again; a meta-learner's is a step or a mean. That is also the price: a meta-learner must be
trained on *many* tasks that are like the one to come.
""",
        """
MAML 只要求损失有梯度，别无其他。所以*任务是什么*可以随领域而变：

- **视觉。** 五个字符、面孔或植物，各一张图。旁边是各论文在 Omniglot 上给出的数值。
- **语言。** 若干新意图或新主题，各有几句话。
- **强化学习。** 寻找一个目标，或朝某个方向奔跑。支持集是几次试验，损失是回报的负值，内层步是策略梯度，查询集是适应后策略的试验。

那么**普通训练**呢？它只有一个任务，一劳永逸。样本充足、类别不变时，这正是你要的。面对新类别，它的回答是重新训练；元学习者的回答是走一步，或取一个均值。
这也是代价所在：元学习者必须在*许多*与将来相似的任务上训练。
""",
    ),
    figure=_figure,
    point=Text(
        "Ordinary training learns a task. Meta-learning learns to learn tasks, and needs many that are alike.",
        "普通训练学会一个任务；元学习学会如何学任务，并且需要许多相似的任务。",
    ),
    recipe=Text(
        """
Ordinary ("joint") training, for contrast:

1. Draw examples of all classes; every class keeps its label for good.
2. Compute the mean loss over all of them. There is no support and no query set.
3. Take a step of Adam. Repeat.

Asked for new classes, put a new last layer on and fine-tune on their few examples: that is the baseline beside which every
meta-learner must stand.
""",
        """
作为对照，普通（“联合”）训练：

1. 抽取所有类别的样本；每个类别的标签始终不变。
2. 计算它们的平均损失。没有支持集和查询集之分。
3. 走一步 Adam。重复。

面对新类别时，换上新的最后一层，用少量样本微调：这就是每个元学习者都要与之相比的基线。
""",
    ),
    sources=(
        ("algorithms/baselines.py", "Joint.update"),
        ("algorithms/baselines.py", "Joint.episode_loss"),
        ("algorithms/baselines.py", "Joint.adapt"),
        ("algorithms/baselines.py", "Scratch"),
        ("algorithms/policy_gradient/learners.py", "PolicyMaml.update"),
    ),
    presets=("mnist-joint", "nav2d-maml", "omniglot-5w1s-maml", "strokes-5w1s-reptile"),
    papers=("finn", "lake", "krone", "bao"),
)
