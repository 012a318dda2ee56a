"""What can be chosen: the algorithms, the task families and the networks, by name.

This file imports none of them (and so no torch): `load` does that where training happens. Adding an algorithm is one
file in `algorithms/` and one entry here; the form, the command line, the presets and the charts read it from here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import import_module
from typing import Any, Literal

from metaplay.text import Text


@dataclass(frozen=True)
class Algorithm:
    """A meta-learning algorithm.

    `target` is `module:class`; `fields` are the RunConfig fields it reads beyond those that every run has, `without` those
    of every run that mean nothing to it; `defaults` are its own default values, `suited` those for one kind of family or for
    one family; `kinds` are the kinds of family that it can learn; colour, dash and symbol are its fixed look in every chart (Okabe and Ito's palette).
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


@dataclass(frozen=True)
class Family:
    """A task family.

    Images only: `classes` is the number of classes per split, `images` the number of images of each class per split when
    images are held out instead of classes.
    """

    label: str
    target: str
    summary: Text
    kind: Literal["regression", "classification"]
    networks: tuple[str, ...]
    fields: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    downloads: bool = False

    @property
    def per_class(self) -> int:
        """Images of each class."""
        return sum(self.images.values())

    def characters(self, protocol: "Protocol") -> Mapping[str, int]:
        """Classes of the set per split, before any turning."""
        return protocol.characters or self.classes

    def examples(self, hold_out: str) -> int:
        """The most images of one class that a task of any split can use."""
        return min(self.images.values()) if hold_out == "images" else self.per_class


TURNS = 4
"""Quarter turns of a character, upright included."""


@dataclass(frozen=True)
class Protocol:
    """How the characters of a set are dealt to the splits and turned, so that figures can be compared with a paper's.

    `characters` per split; none: as the family deals them. `drawn`: the splits in which each class of an episode is turned by
    a quarter turn drawn anew, its support and query images alike. `apart`: those in which every quarter turn of a character is
    a class of its own, so that an episode may ask to tell two turns of one character apart. A character is in one split only.
    """

    label: Text
    summary: Text
    characters: Mapping[str, int] = field(default_factory=dict)
    drawn: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()

    def classes(self, characters: Mapping[str, int]) -> dict[str, int]:
        """The classes per split that an episode's are drawn from, without repeats, of so many characters."""
        return {split: count * (TURNS if split in self.apart else 1) for split, count in characters.items()}


@dataclass(frozen=True)
class Network:
    """A network. `norm` says whether it has batch normalisation layers."""

    label: str
    target: str
    summary: Text
    norm: bool = False


_META = ("inner_steps", "meta_batch", "outer_lr")
_IMAGES = ("way", "query", "hold_out", "rotations", "transductive")
_CONV = ("conv4", "conv4-pool")
_IMAGE_DEFAULTS: dict[str, Any] = {
    "network": "conv4",
    "width": 32,
    "way": 5,
    "shot": 1,
    "query": 3,
    "inner_lr": 0.4,
    "test_inner_steps": 3,
    "meta_batch": 16,
    "outer_lr": 0.003,
    "steps": 1500,
}
"""Finn et al.'s Omniglot setting (inner rate 0.4, 1 step, 3 at test) in a size that a processor trains in minutes."""
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
    "inner_lr": 0.001,
    "inner_steps": 5,
    "inner_batch": 10,
    "train_shot": 10,
    "meta_batch": 5,
    "test_inner_steps": 50,
    "steps": 5000,
}
"""The authors' Omniglot setting (Nichol et al. 2018, 5-way), but for the length."""

_CAVIA_CURVES: dict[str, Any] = {"inner_lr": 1.0, "context": 5}
"""The authors' sine wave setting (Zintgraf et al. 2019, section 5.1)."""
_CAVIA_IMAGES: dict[str, Any] = {"inner_lr": 1.0, "context": 100, "inner_steps": 2}
"""After the authors' Mini-ImageNet setting (section 5.2): 100 context inputs, 2 inner steps in training."""
_PROTONET: dict[str, Any] = {
    "transductive": False,
    "train_way": 20,
    "query": 5,
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
        _META,
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
        (*_META, "msl", "lslr", "da", "bnrs", "bnwb", "ca"),
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
        _META,
    ),
    "metasgd": Algorithm(
        "Meta-SGD",
        "metaplay.algorithms.metasgd:MetaSgd",
        Text(
            "MAML that also learns how fast each single weight should move, and in which direction.",
            "在 MAML 的基础上，还学习每个权重应以多大步长、朝哪个方向移动。",
        ),
        "#8C510A",
        "6px 3px",
        "star",
        _META,
    ),
    "cavia": Algorithm(
        "CAVIA",
        "metaplay.algorithms.cavia:Cavia",
        Text(
            "MAML that adapts a few context numbers fed to the network, and none of its weights.",
            "只适应输入网络的少数几个上下文参数，而不改变任何权重的 MAML。",
        ),
        "#882255",
        "2px 2px",
        "hexagon",
        (*_META, "context"),
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
        "#332288",
        "12px 4px",
        "square-cross",
        ("meta_batch", "outer_lr", "train_way"),
        {},
        {"classification": _PROTONET, "mnist": {"train_way": 0}},
        without=("inner_lr", "test_inner_steps"),
        kinds=("classification",),
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
        {"regression": _REPTILE_CURVES, "classification": _REPTILE_IMAGES},
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
        {"inner_optimizer": "adam", "inner_lr": 0.01},
        meta_trains=False,
    ),
}

FAMILIES: dict[str, Family] = {
    "sinusoid": Family(
        "Sinusoid",
        "metaplay.tasks.sinusoid:Sinusoid",
        Text(
            "Each task is a sine wave of its own height and shift, known at a few points only. Finn et al. 2017.",
            "每个任务是一条振幅和相位各不相同的正弦曲线，只给出少数几个点。Finn 等 2017。",
        ),
        "regression",
        ("mlp",),
        (),
        {
            "network": "mlp",
            "width": 40,
            "shot": 10,
            "query": 10,
            "inner_lr": 0.01,
            "meta_batch": 25,
            "test_inner_steps": 10,
        },
    ),
    "strokes": Family(
        "Strokes",
        "metaplay.tasks.images:ImageFamily",
        Text(
            "Invented characters drawn with a simulated pen, made on this machine: nothing to download.",
            "用模拟笔画生成的虚构文字，在本机生成：无需下载。",
        ),
        "classification",
        _CONV,
        _IMAGES,
        _IMAGE_DEFAULTS,
        {"train": 800, "val": 100, "test": 300},
        {"train": 8, "val": 6, "test": 6},
    ),
    "omniglot": Family(
        "Omniglot",
        "metaplay.tasks.images:ImageFamily",
        Text(
            "1,623 handwritten characters of 50 alphabets, each drawn by 20 people. Lake et al. 2015.",
            "50 种文字的 1623 个手写字符，每个由 20 人书写。Lake 等 2015。",
        ),
        "classification",
        _CONV,
        (*_IMAGES, "protocol"),
        {**_IMAGE_DEFAULTS, "steps": 3000},
        {"train": 1100, "val": 100, "test": 423},
        {"train": 8, "val": 6, "test": 6},
        downloads=True,
    ),
    "mnist": Family(
        "MNIST",
        "metaplay.tasks.images:ImageFamily",
        Text(
            "70,000 handwritten digits. Only ten classes: good for seeing what ordinary training does. LeCun et al. 1998.",
            "7 万张手写数字。只有十个类别：适合观察普通训练的样子。LeCun 等 1998。",
        ),
        "classification",
        _CONV,
        _IMAGES,
        {**_IMAGE_DEFAULTS, "way": 2, "query": 10, "steps": 1000},
        {"train": 6, "val": 2, "test": 2},
        {"train": 4921, "val": 500, "test": 892},
        downloads=True,
    ),
}

_ALL = ("train", "val", "test")

PROTOCOLS: dict[str, Protocol] = {
    "plain": Protocol(
        Text("Plain", "基本"),
        Text(
            "1,100 characters for training, 100 held out while training, 423 for test; turned in training where Rotations is on.",
            "1100 个字符用于训练，100 个在训练中留出，423 个用于测试；打开“旋转增强”时在训练中旋转。",
        ),
    ),
    "finn": Protocol(
        Text("Finn et al. 2017", "Finn 等 2017"),
        Text(
            "As for MAML: 1,100, 100 and 423 characters; each class of a task turned by a random quarter turn, at test too.",
            "与 MAML 相同：1100、100、423 个字符；每个任务的每个类别随机旋转 90° 的倍数，测试时也旋转。",
        ),
        {"train": 1100, "val": 100, "test": 423},
        drawn=_ALL,
    ),
    "antoniou": Protocol(
        Text("Antoniou et al. 2019", "Antoniou 等 2019"),
        Text(
            "As for MAML++: 1,150, 50 and 423 characters, none of them turned.",
            "与 MAML++ 相同：1150、50、423 个字符，均不旋转。",
        ),
        {"train": 1150, "val": 50, "test": 423},
    ),
    "nichol": Protocol(
        Text("Nichol et al. 2018", "Nichol 等 2018"),
        Text(
            "As for Reptile: in training every quarter turn is a class of its own, at test nothing is turned. Of the paper's 1,200"
            " training characters 50 are kept for the held-out curves; 423 are for test.",
            "与 Reptile 相同：训练时每个 90° 旋转都自成一类，测试时不旋转。论文的 1200 个训练字符中留出 50 个用于验证曲线；423 个用于测试。",
        ),
        {"train": 1150, "val": 50, "test": 423},
        apart=("train",),
    ),
    "vinyals": Protocol(
        Text("Vinyals et al. 2016", "Vinyals 等 2016"),
        Text(
            "As for matching and prototypical networks: 1,028, 172 and 423 characters, and every quarter turn is a class of its"
            " own, at test too. The authors' list of characters is not at hand: ours are chosen by a hash of their names.",
            "与匹配网络和原型网络相同：1028、172、423 个字符，每个 90° 旋转都自成一类，测试时也是。没有作者的字符名单：这里按字符名的哈希值划分。",
        ),
        {"train": 1028, "val": 172, "test": 423},
        apart=_ALL,
    ),
}

NETWORKS: dict[str, Network] = {
    "mlp": Network("MLP", "metaplay.models.mlp:Mlp", Text("Two hidden layers with ReLU.", "两个带 ReLU 的隐藏层。")),
    "conv4": Network(
        "Conv4, stride 2",
        "metaplay.models.conv4:Conv4",
        Text("Four 3x3 convolutions that halve the image by stride.", "四个 3x3 卷积，用步长 2 缩小图像。"),
        norm=True,
    ),
    "conv4-pool": Network(
        "Conv4, max-pool",
        "metaplay.models.conv4:Conv4Pool",
        Text("Four 3x3 convolutions, each followed by 2x2 max-pooling.", "四个 3x3 卷积，每个后接 2x2 最大池化。"),
        norm=True,
    ),
}


def able(algorithm: str, family: str) -> bool:
    """Whether the algorithm can learn the family."""
    return FAMILIES[family].kind in ALGORITHMS[algorithm].kinds


def load(entry: Algorithm | Family | Network) -> Any:
    """Import what an entry names (this is where torch comes in)."""
    module, name = entry.target.split(":")
    return getattr(import_module(module), name)
