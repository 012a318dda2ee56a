"""The algorithms by name: what each is called, what it reads, how it looks in charts."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from metaplay.text import Text


@dataclass(frozen=True)
class Algorithm:
    """A meta-learning algorithm.

    `target` is `module:class`, `acting` the class that learns to act (families of kind "control"), and `acting_fields` what that
    reads in place of `fields`; `fields` are the RunConfig fields it reads beyond those that every run has, `without` those
    of every run that mean nothing to it; `defaults` are its own default values, `suited` those for one kind of family or for
    one family; `kinds` are the kinds of family that it can learn; `inner_gradients` and `outer_gradients` are the gradient
    evaluations of a meta-step for each task: for every inner step, and besides (metaplay.config.cost); colour, dash and symbol are its fixed look in every chart (Okabe and Ito's palette).
    """

    label: str
    target: str
    summary: Text
    colour: str
    dash: str
    symbol: str
    fields: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    suited: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    meta_trains: bool = True
    without: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ("regression", "classification")
    inner_gradients: int = 2
    outer_gradients: int = 1
    acting: str = ""
    acting_fields: tuple[str, ...] = ()

    def kind_fields(self, kind: str) -> tuple[str, ...]:
        """The fields that it reads on families of a kind."""
        return self.acting_fields if kind == "control" else self.fields


_META = ("inner_steps", "meta_batch", "outer_lr")
_EXACT = (*_META, "recompute")
"""Of algorithms that differentiate through the inner steps."""
_EVERYWHERE = ("regression", "classification", "control")
_TRUST = ("meta_batch", "outer_optimizer", "kl_limit", "outer_lr")
"""Of outer steps on a policy."""
_LEARNERS = "metaplay.algorithms.policy_gradient.learners:"
_REPTILE_CURVES: dict[str, Any] = {
    "inner_optimizer": "sgd",
    "inner_lr": 0.02,
    "inner_steps": 10,
    "inner_batch": 10,
    "train_shot": 50,
    "steps": 5000,
}
"""After the authors' sine wave demonstration: SGD on minibatches of 10 of a task's 50 points."""
_REPTILE_IMAGES: dict[str, Any] = {
    "inner_optimizer": "adam",
    "inner_lr": 0.01,
    "inner_steps": 5,
    "inner_batch": 10,
    "train_shot": 10,
    "meta_batch": 5,
    "test_inner_steps": 10,
    "steps": 5000,
}
"""The authors' Omniglot setting (Nichol et al. 2018, 5-way) made short: ten times their inner rate (better on validation
tasks at this length), and 10 inner steps at test instead of 50."""

_CAVIA_CURVES: dict[str, Any] = {"inner_lr": 1.0, "context": 5}
"""The authors' sine wave setting (Zintgraf et al. 2019, section 5.1)."""
_CAVIA_IMAGES: dict[str, Any] = {"inner_lr": 1.0, "context": 100, "inner_steps": 2}
"""After the authors' Mini-ImageNet setting (section 5.2): 100 context inputs, 2 inner steps in training."""
_PROTONET: dict[str, Any] = {
    "transductive": False,
    "train_way": 20,
    "meta_batch": 1,
    "outer_lr": 0.001,
}
"""The authors' setting (Snell et al. 2017, section 3.1) but for 20 ways in training instead of 60, sized for a CPU."""

ALGORITHMS: dict[str, Algorithm] = {
    "maml": Algorithm(
        "MAML",
        "metaplay.algorithms.maml:Maml",
        Text(
            "Finds a starting point from which a few gradient steps solve a new task; differentiates through those steps.",
            "寻找一个起点，从它出发只需几步梯度下降就能解决新任务；对这些步骤本身求导（真正的二阶）。",
        ),
        "#0072B2",
        "solid",
        "circle",
        _EXACT,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyMaml",
        acting_fields=("inner_steps", *_TRUST, "estimator"),
    ),
    "fomaml": Algorithm(
        "FOMAML",
        "metaplay.algorithms.maml:Fomaml",
        Text(
            "MAML without second derivatives: uses the gradient at the adapted weights as it is. Cheaper, nearly as good.",
            "去掉二阶导数的 MAML：直接使用适应后权重处的梯度。更省计算，效果相近。",
        ),
        "#56B4E9",
        "dash",
        "square",
        _META,
        inner_gradients=1,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyFomaml",
        acting_fields=("inner_steps", *_TRUST),
    ),
    "mamlpp": Algorithm(
        "MAML++",
        "metaplay.algorithms.mamlpp:MamlPlusPlus",
        Text(
            "MAML with six repairs that make it stable: each one is a switch below.",
            "在 MAML 上加入六项改进使训练更稳定：下面每项都可单独开关。",
        ),
        "#D55E00",
        "dashdot",
        "diamond",
        (*_EXACT, "msl", "lslr", "da", "bnrs", "bnwb", "ca"),
        {"inner_steps": 3, "msl": True, "lslr": True, "bnrs": True, "bnwb": True, "ca": True},
        {"regression": {"test_inner_steps": 3}},
    ),
    "anil": Algorithm(
        "ANIL",
        "metaplay.algorithms.anil:Anil",
        Text(
            "MAML that adapts the last layer only; all layers below it are the same for every task.",
            "只适应最后一层的 MAML；其下各层对所有任务都相同。",
        ),
        "#E69F00",
        "10px 3px 2px 3px",
        "pentagon",
        _EXACT,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyAnil",
        acting_fields=("inner_steps", *_TRUST, "estimator"),
    ),
    "metasgd": Algorithm(
        "Meta-SGD",
        "metaplay.algorithms.metasgd:MetaSgd",
        Text(
            "MAML that also learns how fast each single weight should move, and in which direction.",
            "在 MAML 的基础上，还学习每个权重应以多大步长、朝哪个方向移动。",
        ),
        "#8A8A00",
        "6px 3px",
        "star",
        _EXACT,
    ),
    "cavia": Algorithm(
        "CAVIA",
        "metaplay.algorithms.cavia:Cavia",
        Text(
            "MAML that adapts a few context numbers fed to the network, and none of its weights.",
            "只适应输入网络的少数几个上下文参数，而不改变任何权重的 MAML。",
        ),
        "#B8336A",
        "2px 2px",
        "hexagon",
        (*_EXACT, "context"),
        {},
        {"regression": _CAVIA_CURVES, "classification": _CAVIA_IMAGES},
    ),
    "protonet": Algorithm(
        "ProtoNet",
        "metaplay.algorithms.protonet:ProtoNet",
        Text(
            "Learns a map in which a class is the mean of its examples and the nearest mean wins. No gradient steps at test.",
            "学习一个嵌入空间：每个类别是其样本的均值，最近的均值获胜。测试时不需要梯度步。",
        ),
        "#7B61D9",
        "12px 4px",
        "square-cross",
        ("meta_batch", "outer_lr", "train_way"),
        {},
        {"classification": _PROTONET, "mnist": {"train_way": 0}},
        without=("inner_lr", "test_inner_steps"),
        kinds=("classification",),
        inner_gradients=0,
    ),
    "reptile": Algorithm(
        "Reptile",
        "metaplay.algorithms.reptile:Reptile",
        Text(
            "Trains on a task for a while, then moves the starting point a little towards where it ended. No meta-gradient.",
            "在一个任务上训练若干步，再把起点朝终点挪一小步。不需要元梯度。",
        ),
        "#009E73",
        "dot",
        "triangle-up",
        (*_META, "inner_optimizer", "inner_batch", "train_shot"),
        {"outer_lr": 1.0},
        {"regression": _REPTILE_CURVES, "classification": _REPTILE_IMAGES, "control": {"inner_steps": 3}},
        inner_gradients=1,
        outer_gradients=0,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyReptile",
        acting_fields=_META,
    ),
    "joint": Algorithm(
        "Joint training",
        "metaplay.algorithms.baselines:Joint",
        Text(
            "The ordinary supervised loop over all tasks at once, then fine-tuning. It learns the average task, not to adapt.",
            "把所有任务混在一起做普通的监督训练，再微调。它学到的是平均任务，而不是如何适应。",
        ),
        "#CC79A7",
        "longdash",
        "x",
        ("meta_batch", "outer_lr"),
        inner_gradients=0,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyJoint",
        acting_fields=_TRUST,
    ),
    "scratch": Algorithm(
        "From scratch",
        "metaplay.algorithms.baselines:Scratch",
        Text(
            "No meta-training: a fresh network meets each task with nothing but its few examples. The floor.",
            "没有元训练：全新的网络只凭少量样本面对每个任务。这是对照的底线。",
        ),
        "#7F7F7F",
        "longdashdot",
        "cross",
        ("inner_optimizer",),
        {"inner_optimizer": "adam"},
        {"regression": {"inner_lr": 0.01}, "classification": {"inner_lr": 0.01}},
        meta_trains=False,
        inner_gradients=0,
        outer_gradients=0,
        kinds=_EVERYWHERE,
        acting=_LEARNERS + "PolicyScratch",
    ),
}
