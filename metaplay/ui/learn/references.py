"""What the chapters are drawn from, with links."""

from dataclasses import dataclass

from metaplay.text import Language, Text


@dataclass(frozen=True)
class Reference:
    """A paper or page: who and when, its title as printed, where it is, and what to read it for."""

    cited: str
    title: str
    url: str
    about: Text

    def markdown(self, language: Language) -> str:
        """One line, with the title as a link."""
        return f"{self.cited}: [{self.title}]({self.url}). {self.about(language)}"


def _arxiv(cited: str, title: str, number: str, en: str, zh: str) -> Reference:
    return Reference(cited, title, f"https://arxiv.org/abs/{number}", Text(en, zh))


REFERENCES: dict[str, Reference] = {
    "finn": _arxiv(
        "Finn et al. 2017",
        "Model-Agnostic Meta-Learning for Fast Adaptation of Deep Networks",
        "1703.03400",
        "MAML, its first-order form, and all three fields of chapter 8.",
        "MAML 及其一阶形式，以及第 8 章的应用。",
    ),
    "nichol": _arxiv(
        "Nichol et al. 2018",
        "On First-Order Meta-Learning Algorithms",
        "1803.02999",
        "Reptile, and why first order works.",
        "Reptile，以及一阶方法为何有效。",
    ),
    "antoniou": _arxiv(
        "Antoniou et al. 2019",
        "How to train your MAML",
        "1810.09502",
        "MAML++ and its six repairs.",
        "MAML++ 及其六项改进。",
    ),
    "li": _arxiv(
        "Li et al. 2017",
        "Meta-SGD: Learning to Learn Quickly for Few-Shot Learning",
        "1707.09835",
        "A learned rate for every weight.",
        "为每个权重学习一个学习率。",
    ),
    "raghu": _arxiv(
        "Raghu et al. 2020",
        "Rapid Learning or Feature Reuse? Towards Understanding the Effectiveness of MAML",
        "1909.09157",
        "ANIL: adapting the last layer is nearly enough.",
        "ANIL：只适应最后一层几乎就够了。",
    ),
    "zintgraf": _arxiv(
        "Zintgraf et al. 2019",
        "Fast Context Adaptation via Meta-Learning",
        "1810.03642",
        "CAVIA: a few context numbers adapt, no weight does.",
        "CAVIA：只适应少数上下文参数，不改变权重。",
    ),
    "snell": _arxiv(
        "Snell et al. 2017",
        "Prototypical Networks for Few-shot Learning",
        "1703.05175",
        "ProtoNet, and why squared Euclidean distance.",
        "ProtoNet，以及为何使用平方欧氏距离。",
    ),
    "vinyals": _arxiv(
        "Vinyals et al. 2016",
        "Matching Networks for One Shot Learning",
        "1606.04080",
        "Where episodes, ways and shots come from.",
        "片段、类别数、样本数这些概念的来源。",
    ),
    "lake": Reference(
        "Lake et al. 2015",
        "Human-level concept learning through probabilistic program induction",
        "https://doi.org/10.1126/science.aab3050",
        Text("Omniglot, and how people learn characters.", "Omniglot 数据集，以及人如何学会字符。"),
    ),
    "krone": _arxiv(
        "Krone et al. 2020",
        "Learning to Classify Intents and Slot Labels Given a Handful of Examples",
        "2004.10793",
        "MAML and ProtoNet on what people say to assistants.",
        "MAML 和 ProtoNet 用于语音助手的意图识别。",
    ),
    "bao": _arxiv(
        "Bao et al. 2020",
        "Few-shot Text Classification with Distributional Signatures",
        "1908.06039",
        "Few-shot learning on text.",
        "文本上的少样本学习。",
    ),
    "demo": Reference(
        "OpenAI 2018",
        "Reptile: A scalable meta-learning algorithm",
        "https://openai.com/index/reptile/",
        Text(
            "With a demo: draw three classes, let it sort the fourth drawing.", "附演示：画三个类别，由它判断第四张图。"
        ),
    ),
}
