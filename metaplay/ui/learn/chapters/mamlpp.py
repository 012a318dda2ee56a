"""Chapter 6: what MAML++ repairs, one switch at a time."""

import streamlit as st

from metaplay.charts.learn import repairs
from metaplay.config import control
from metaplay.text import Language, Text
from metaplay.ui import figure
from metaplay.ui.learn.chapter import Chapter
from metaplay.ui.theme import Theme

_CHOOSE = Text("Repair", "改进")
_REPAIRS: dict[str, tuple[Text, Text, Text]] = {
    "msl": (
        Text("Multi-step loss", "多步损失"),
        Text(
            "Only the last inner step is judged, so the meta-gradient must come back through all of them; on the way it may vanish or"
            " explode, and training with it.",
            "只评判最后一个内层步，元梯度必须穿过所有步返回；途中可能消失或爆炸，训练也随之不稳。",
        ),
        Text(
            "Judge the query set after *every* step and add the losses up, weighted. The early steps' weights fade within the first epochs,"
            " since it is the last step that counts in the end.",
            "*每一步*之后都评判查询集，把损失加权相加。早期步的权重在最初几轮内逐渐消失，因为最终重要的是最后一步。",
        ),
    ),
    "lslr": (
        Text("Learned rates", "学习得到的学习率"),
        Text(
            "One inner rate has to serve all layers and all steps, and somebody has to find it.",
            "一个内层学习率要适用于所有层、所有步，而且得有人把它找出来。",
        ),
        Text(
            "Learn a rate for each set of weights and each step, together with the initialisation. (Meta-SGD goes further: a rate for every"
            " single weight.) The picture has rates set by hand; train MAML++ to see learned ones as a heat map.",
            "为每组权重、每一步各学一个学习率，与初始化一起学习。（Meta-SGD 更进一步：每个权重一个。）图中的学习率是手工设定的；训练 MAML++ 可在热图中看到学得的值。",
        ),
    ),
    "da": (
        Text("Derivative-order annealing", "导数阶退火"),
        Text(
            "Exact meta-gradients are dear from the first step on, when the network is still far from good.",
            "从第一步起就用精确元梯度，代价高昂，而此时网络还远远不够好。",
        ),
        Text(
            "Begin with first order, which is cheap and stable, and change to exact meta-gradients after 50 epochs.",
            "先用便宜而稳定的一阶，50 轮之后再换成精确元梯度。",
        ),
    ),
    "bnrs": (
        Text("Running statistics per step", "逐步的滑动统计量"),
        Text(
            "Batch normalisation with one set of running statistics assumes that all steps see the same activations. But every inner step"
            " moves the weights, and with them the activations.",
            "只用一组滑动统计量的批归一化假定各步看到的激活值相同。但每个内层步都移动权重，激活值也随之移动。",
        ),
        Text(
            "Keep running statistics for every inner step apart. (Drawn with invented activations.)",
            "为每个内层步分别保存滑动统计量。（图中的激活值为虚构。）",
        ),
    ),
    "bnwb": (
        Text("Scale and shift per step", "逐步的缩放与平移"),
        Text(
            "The learned scale and shift of batch normalisation are the same at all inner steps, though the features that they treat are not.",
            "批归一化中学习的缩放与平移在各内层步都相同，而它们处理的特征并不相同。",
        ),
        Text(
            "Learn a scale and a shift for each step. (Drawn with invented values.)",
            "为每一步各学一组缩放与平移。（图中的数值为虚构。）",
        ),
    ),
    "ca": (
        Text("Cosine annealing", "余弦退火"),
        Text(
            "At a constant outer rate the initialisation never comes to rest.",
            "外层学习率不变时，初始化永远安定不下来。",
        ),
        Text(
            "Let the outer rate fall along half a cosine, to a hundredth of where it began.",
            "让外层学习率沿半个余弦下降到起始值的百分之一。",
        ),
    ),
}
_PROBLEM, _REPAIR = Text("Trouble", "问题"), Text("Repair", "改进")


def _figure(language: Language, theme: Theme) -> None:
    name = st.segmented_control(
        _CHOOSE(language),
        list(_REPAIRS),
        default="msl",
        format_func=lambda key: key.upper(),
        key="learn-repair",
        label_visibility="collapsed",
        required=True,
    )
    title, problem, repair = _REPAIRS[name]
    st.markdown(f"**{title(language)}** ({name.upper()})")
    with st.grid(2, min_column_width=220, gap="small"):
        st.markdown(f":material/report: **{_PROBLEM(language)}.** {problem(language)}")
        st.markdown(f":material/build: **{_REPAIR(language)}.** {repair(language)}")
    alt = repairs.REPAIRS[name].alt
    drawn = repairs.figure(name, language, theme)
    figure.show(
        drawn, key="learn-repair", alt=alt(language), explain=_explain(name, alt), language=language, height=340
    )


def _explain(name: str, alt: Text) -> Text:
    """What the panels show, and what the switch in the form says of itself."""
    help_ = control(name).help
    return Text(f"{alt.en} {help_.en}", f"{alt.zh}{help_.zh}")


CHAPTER = Chapter(
    short=Text("MAML++", "MAML++"),
    title=Text("MAML++: six repairs, each a switch", "MAML++：六项改进，各是一个开关"),
    body=Text(
        """
MAML is simple to write down and can be hard to train. Results change with the seed, the inner rate needs a search, and the more inner
steps, the wilder the meta-gradient. Antoniou et al. went through its troubles one by one. **MAML++** is MAML with six repairs:

- **MSL** and **DA** make the *meta-gradient* calmer and cheaper;
- **LSLR** learns the *inner rates* instead of asking for them;
- **BNRS** and **BNWB** give batch normalisation a memory and a say *for each inner step*;
- **CA** lets the *outer rate* come down.

Choose one at the side: left is MAML as it was, right the repair. In the playground each is a switch, so that you can see what it does
alone. With all six off, MAML++ is MAML, bit for bit; a test holds it to that.
""",
        """
MAML 写出来简单，训练起来却可能很难：结果随种子变化，内层学习率需要搜索，内层步越多，元梯度越狂野。Antoniou 等人逐一处理了这些问题。
**MAML++** 就是加上六项改进的 MAML：

- **MSL** 和 **DA** 让*元梯度*更平稳、更便宜；
- **LSLR** 学习*内层学习率*，而不是让人来给；
- **BNRS** 和 **BNWB** 让批归一化*在每个内层步*都有自己的记忆和参数；
- **CA** 让*外层学习率*逐渐降下来。

在旁边选一项：左为原来的 MAML，右为改进后。在训练场中每一项都是开关，可以单独看它的作用。六项全关时，MAML++ 与 MAML 逐位相同，有测试保证。
""",
    ),
    figure=_figure,
    point=Text(
        "MAML's idea is sound, its training is delicate: watch every inner step, learn the rates, and normalise each step by its own measure.",
        "MAML 的思想没有问题，只是训练很脆弱：关注每个内层步，学习学习率，让每一步用自己的尺度归一化。",
    ),
    recipe=Text(
        """
As MAML, but:

- **LSLR**: in each inner step, use the rate that was learned for these weights and this step;
- **BNRS, BNWB**: normalise with the statistics, scale and shift of this step;
- **MSL**: for the first epochs, add up the query losses after every step;
- **DA**: for the first half, take inner gradients as constants;
- **CA**: take the outer rate from the cosine.
""",
        """
与 MAML 相同，但是：

- **LSLR**：每个内层步使用为该组权重、该步学到的学习率；
- **BNRS、BNWB**：用该步的统计量、缩放与平移来归一化；
- **MSL**：最初几轮，把每一步之后的查询损失加起来；
- **DA**：前半程把内层梯度当作常数；
- **CA**：外层学习率取自余弦。
""",
    ),
    sources=(
        ("algorithms/mamlpp.py", "MamlPlusPlus.loss_weights"),
        ("config/schedules.py", "multi_step_weights"),
        ("algorithms/mamlpp.py", "MamlPlusPlus.trainable"),
        ("algorithms/mamlpp.py", "MamlPlusPlus.second_order"),
        ("algorithms/mamlpp.py", "MamlPlusPlus.query_stats"),
        ("algorithms/mamlpp.py", "MamlPlusPlus.norm_sets"),
        ("config/schedules.py", "cosine_rate"),
        ("algorithms/metasgd.py", "MetaSgd"),
    ),
    presets=("sinusoid-mamlpp", "omniglot-5w1s-mamlpp", "sinusoid-metasgd"),
    papers=("antoniou", "li"),
)
