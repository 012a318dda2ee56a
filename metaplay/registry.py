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

    `target` is `module:class`; `fields` are the RunConfig fields it reads beyond those that every run has; `defaults` are
    its own default values, `suited` those for one kind of family; colour, dash and symbol are its fixed look in every chart (Okabe and Ito's palette).
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

    def examples(self, hold_out: str) -> int:
        """The most images of one class that a task of any split can use."""
        return min(self.images.values()) if hold_out == "images" else self.per_class


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
        {"inner_steps": 3, "msl": True, "lslr": True, "da": True, "bnrs": True, "bnwb": True, "ca": True},
        {"regression": {"test_inner_steps": 3}},
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
        _IMAGES,
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


def load(entry: Algorithm | Family | Network) -> Any:
    """Import what an entry names (this is where torch comes in)."""
    module, name = entry.target.split(":")
    return getattr(import_module(module), name)
