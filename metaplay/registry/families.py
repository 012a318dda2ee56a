"""The task families by name, and the protocols of Omniglot."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from metaplay.text import Text

DRAWN = (1, 28, 28)
"""The shape of a character's image, [C, H, W], and of what people draw on the page."""

Metric = Literal["mse", "accuracy", "return"]
_METRICS: dict[str, Metric] = {"regression": "mse", "classification": "accuracy", "control": "return"}


@dataclass(frozen=True)
class Family:
    """A task family.

    Images only: `classes` is the number of classes per split, `images` the number of images of each class per split when
    images are held out instead of classes, `shape` that of an image, [C, H, W]. Of sentences (`text`), `classes` are intents and `images` the sentences of each, as
    the set's files have them; `outside` tells whether there are sentences of no intent beside, and `dims`
    the length of the vectors that stand for them, 0 where the network reads the sentences themselves. Of tasks to act in (`control`)
    `dims` is the size of an observation, `actions` that of an action, and `horizon` the time steps of a trajectory. `modules` are
    those that it needs beyond what metaplay always has (metaplay.registry.extras). `protocols` are those of PROTOCOLS that a family can be dealt out by, where there is a choice.
    """

    label: str
    target: str
    summary: Text
    kind: Literal["regression", "classification", "control"]
    networks: tuple[str, ...]
    fields: tuple[str, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    classes: Mapping[str, int] = field(default_factory=dict)
    images: Mapping[str, int] = field(default_factory=dict)
    shape: tuple[int, int, int] = DRAWN
    downloads: bool = False
    text: bool = False
    outside: bool = False
    dims: int = 0
    actions: int = 0
    horizon: int = 1
    modules: tuple[str, ...] = ()
    protocols: tuple[str, ...] = ()

    @property
    def metric(self) -> Metric:
        """What is told of a test on its tasks."""
        return _METRICS[self.kind]

    @property
    def pictures(self) -> bool:
        """Whether examples are images."""
        return bool(self.classes) and not self.text

    @property
    def drawable(self) -> bool:
        """Whether its images are like what a person draws here: of a character's size, and without colour."""
        return self.pictures and self.shape == DRAWN

    @property
    def readable(self) -> bool:
        """Whether its network reads the sentences themselves, and so can read one that somebody types."""
        return self.text and not self.dims

    @property
    def per_class(self) -> int:
        """Images, or sentences, of each class."""
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

    `characters` per split; none: as the family deals them. `domains` per split: classes are dealt by so many whole domains.
    `drawn`: the splits in which each class of an episode is turned by a quarter turn drawn anew, its support and query images alike. `apart`: those in which every quarter turn of a character is
    a class of its own, so that an episode may ask to tell two turns of one character apart. A character is in one split only.
    """

    label: Text
    summary: Text
    characters: Mapping[str, int] = field(default_factory=dict)
    drawn: tuple[str, ...] = ()
    apart: tuple[str, ...] = ()
    domains: Mapping[str, int] = field(default_factory=dict)

    def classes(self, characters: Mapping[str, int]) -> dict[str, int]:
        """The classes per split that an episode's are drawn from, without repeats, of so many characters."""
        return {split: count * (TURNS if split in self.apart else 1) for split, count in characters.items()}


IMAGE_FIELDS = ("way", "query", "hold_out", "rotations", "transductive")
CONV = ("conv4", "conv4-pool")
IMAGE_DEFAULTS: dict[str, Any] = {
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

_TEXT_DEFAULTS: dict[str, Any] = {
    "network": "ngrams",
    "width": 64,
    "way": 5,
    "shot": 1,
    "query": 5,
    "inner_lr": 0.5,
    "test_inner_steps": 5,
    "meta_batch": 8,
    "outer_lr": 0.0001,
    "steps": 300,
}
"""Chosen on validation tasks of CLINC150 (5-way 1-shot, seed 11). There are few intents to learn from: of longer or faster training
MAML forgets what it knew of unseen ones."""


VECTORS: dict[str, Any] = {"network": "mlp", "inner_lr": 0.1, "outer_lr": 0.001}
"""What differs for sentences that come as vectors: the network is small, and what it takes is fixed."""


def _text(label: str, summary: Text, classes: Mapping[str, int], images: Mapping[str, int], **more: Any) -> Family:
    """A family of sentences."""
    fields = ("way", "query", "out_of_scope", *(("protocol",) if "protocols" in more else ()))
    target = "metaplay.tasks.text:TextFamily"
    return Family(
        label,
        target,
        summary,
        "classification",
        ("ngrams",),
        fields,
        _TEXT_DEFAULTS,
        classes,
        images,
        text=True,
        **more,
    )


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
    "nav2d": Family(
        "2D navigation",
        "metaplay.tasks.navigation:Navigation",
        Text(
            "Each task is a goal in the plane that the agent is not told: it learns from the rewards of a few tries. Finn et al. 2017.",
            "每个任务是平面上一个不告知智能体的目标：它只能从几次尝试的回报中学习。Finn 等 2017。",
        ),
        "control",
        ("policy",),
        ("goals", "wind", "obstacles"),
        {
            "network": "policy",
            "width": 100,
            "shot": 20,
            "query": 20,
            "inner_lr": 0.5,
            "meta_batch": 20,
            "test_inner_steps": 3,
            "steps": 100,
            "eval_tasks": 40,
        },
        dims=2,
        actions=2,
        horizon=100,
    ),
    "pendulum": Family(
        "Pendulum",
        "metaplay.tasks.pendulum:Pendulum",
        Text(
            "Each task is a pendulum of unknown mass and length, and a motor that turns one way or the other: the agent is to hold it out level, and learns from a few tries which way to push and how hard.",
            "每个任务是一个质量和长度未知的摆，电机转向也可能相反：智能体要把它水平托住，只能从几次尝试中学会往哪边用力、用多大的力。",
        ),
        "control",
        ("policy",),
        (),
        {
            "network": "policy",
            "width": 40,
            "shot": 10,
            "query": 10,
            "inner_lr": 0.5,
            "meta_batch": 20,
            "test_inner_steps": 3,
            "kl_limit": 0.03,
            "steps": 60,
            "eval_tasks": 100,
        },
        dims=3,
        actions=1,
        horizon=40,
    ),
    "strokes": Family(
        "Strokes",
        "metaplay.tasks.images:ImageFamily",
        Text(
            "Invented characters drawn with a simulated pen, made on this machine: nothing to download.",
            "用模拟笔画生成的虚构文字，在本机生成：无需下载。",
        ),
        "classification",
        CONV,
        IMAGE_FIELDS,
        IMAGE_DEFAULTS,
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
        CONV,
        (*IMAGE_FIELDS, "protocol"),
        {**IMAGE_DEFAULTS, "steps": 3000},
        {"train": 1100, "val": 100, "test": 423},
        {"train": 8, "val": 6, "test": 6},
        downloads=True,
        protocols=("plain", "finn", "antoniou", "nichol", "vinyals"),
    ),
    "everyday": _text(
        "Everyday sentences",
        Text(
            "What does a person want? Each task is a few new intents, known by a sentence or two of each. Ships with metaplay.",
            "这句话想做什么？每个任务是几个新意图，每个只给一两句话。随 metaplay 附带，无需下载。",
        ),
        {"train": 24, "val": 10, "test": 10},
        {"all": 30},
    ),
    "everyday-zh": _text(
        "日常用语",
        Text(
            "The same intents in Chinese, written by hand and not translated. Ships with metaplay.",
            "同样的意图，中文句子为原创而非翻译。随 metaplay 附带，无需下载。",
        ),
        {"train": 24, "val": 10, "test": 10},
        {"all": 30},
    ),
    "clinc150": _text(
        "CLINC150",
        Text(
            "150 intents in 10 domains, as asked of an assistant; 150 sentences of each. Larson et al. 2019.",
            "10 个领域的 150 个意图，均为对助手的提问，每个 150 句。Larson 等 2019。",
        ),
        {"train": 50, "val": 50, "test": 50},
        {"train": 100, "val": 20, "test": 30},
        downloads=True,
        outside=True,
        protocols=("plain", "domains"),
    ),
    "banking77": _text(
        "BANKING77",
        Text(
            "77 intents of a bank's customers, many of them close to each other. Casanueva et al. 2020.",
            "银行客户的 77 个意图，其中许多十分接近。Casanueva 等 2020。",
        ),
        {"train": 25, "val": 25, "test": 27},
        {"all": 75},
        downloads=True,
    ),
}

_ALL = ("train", "val", "test")

PROTOCOLS: dict[str, Protocol] = {
    "plain": Protocol(
        Text("Plain", "基本"),
        Text(
            "Classes are dealt to training, validation and test one by one. Of Omniglot 1,100, 100 and 423 characters, turned in"
            " training where Rotations is on; of CLINC150 50 intents each.",
            "逐个类别划分到训练、验证与测试。Omniglot 为 1100、100、423 个字符，打开“旋转增强”时在训练中旋转；CLINC150 各 50 个意图。",
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
    "domains": Protocol(
        Text("By domain", "按领域"),
        Text(
            "Whole domains are held out: 5 for training, 2 for validation and 3 for test, of 15 intents each. Harder, as nothing of"
            " what people talk about at test was heard in training.",
            "整个领域一起留出：5 个用于训练、2 个用于验证、3 个用于测试，每个领域 15 个意图。更难，因为测试的话题在训练中从未出现。",
        ),
        {"train": 75, "val": 30, "test": 45},
        domains={"train": 5, "val": 2, "test": 3},
    ),
}
